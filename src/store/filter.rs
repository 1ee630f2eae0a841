//! Conditions on one column, the same for every noun.

use entity::Timestamp;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use super::dialect::Dialect;
use crate::words;

/// A condition on a text, compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextFilter {
    /// Equal to this.
    pub eq: Option<String>,
    /// Equal to one of these.
    pub one_of: Option<Vec<String>>,
    /// This stands in it.
    pub contains: Option<String>,
    /// It begins with this.
    pub starts_with: Option<String>,
    /// There is none, or there is one.
    pub is_null: Option<bool>,
}

impl TextFilter {
    /// Whether the text itself must be read.
    pub fn reads_text(&self) -> bool {
        self.eq.is_some() || self.one_of.is_some() || self.contains.is_some() || self.starts_with.is_some()
    }
}

/// A condition on an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeFilter {
    /// Later than this.
    pub gt: Option<Timestamp>,
    /// At this or later.
    pub gte: Option<Timestamp>,
    /// Earlier than this.
    pub lt: Option<Timestamp>,
    /// At this or earlier.
    pub lte: Option<Timestamp>,
    /// There is none, or there is one.
    pub is_null: Option<bool>,
}

/// A condition on tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagsFilter {
    /// Each of these is among them.
    pub all: Option<Vec<String>>,
    /// One of these is among them.
    pub any: Option<Vec<String>>,
    /// None of these is among them.
    pub none: Option<Vec<String>>,
}

/// A condition on one of a team's own fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldFilter {
    /// Its key.
    pub key: String,
    /// Its value is this.
    pub eq: Option<FieldValue>,
    /// It is there, or is not.
    pub exists: Option<bool>,
}

/// A value that a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldValue {
    /// A text, compared letter by letter.
    Text(String),
    /// A number, as JSON writes it.
    Number(String),
    /// Yes or no.
    Flag(bool),
    /// A list or an object, as JSON with sorted keys.
    Nested(String),
}

/// A condition that may hold others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Logic<F> {
    /// All of these hold.
    pub and: Vec<F>,
    /// One of these holds; no condition when absent, never true when empty.
    pub or: Option<Vec<F>>,
    /// This does not hold.
    pub not: Option<Box<F>>,
}

impl<F> Default for Logic<F> {
    fn default() -> Self {
        Self {
            and: Vec::new(),
            or: None,
            not: None,
        }
    }
}

impl<F> Logic<F> {
    /// Whether what is told of a filter holds for the rows that fit: of the filter itself, of one of those that all hold,
    /// or of each of those of which one holds.
    pub fn tells(&self, own: bool, of: impl Fn(&F) -> bool) -> bool {
        let of_each = |or: &Vec<F>| !or.is_empty() && or.iter().all(&of);
        own || self.and.iter().any(&of) || self.or.as_ref().is_some_and(of_each)
    }

    /// Adds the nested conditions to those of the filter itself.
    pub fn join(&self, own: Condition, fitting: impl Fn(&F) -> Condition) -> Condition {
        let mut all = self.and.iter().fold(own, |all, filter| all.add(fitting(filter)));
        if let Some(or) = &self.or {
            // SeaORM reads an empty `any` as true.
            all = if or.is_empty() {
                all.add(Expr::value(false))
            } else {
                all.add(
                    or.iter()
                        .fold(Condition::any(), |any, filter| any.add(fitting(filter))),
                )
            };
        }
        if let Some(not) = &self.not {
            // NULL is neither true nor false; a row of which a condition is not true does not fit it.
            let inner = Expr::from(fitting(not).add(Expr::value(true)));
            all = all.add(Expr::expr(sea_orm::sea_query::Func::coalesce([inner, Expr::value(false)])).not());
        }
        all
    }
}

/// A text in the form in which subjects are compared: lower case of every script. Names have [another](words::fold).
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// An address in the form in which addresses are compared: it tells who someone is, so that only the case of the letters
/// A to Z is ignored. Other letters keep theirs: the Kelvin sign is no `k`.
pub fn email_key(email: &str) -> String {
    email.to_ascii_lowercase()
}

/// How a text column is compared.
#[derive(Clone, Copy, Debug)]
pub enum TextColumn<C> {
    /// A column that holds the folded text, empty when there is none.
    Folded(C),
    /// A column that holds a folded name, empty when there is none.
    Name(C),
    /// A column that holds the [key](email_key) of an address, empty when there is none.
    EmailKey(C),
    /// A column as given: only the letters A to Z are compared without case.
    Plain(C),
}

/// A text begins with another: a range, so that it is read along an index with any characters in it.
pub fn begins(text: &Expr, beginning: &str) -> Condition {
    Condition::all()
        .add(text.clone().gte(beginning))
        .add(text.clone().lt(end_of(beginning)))
}

/// Greater than every text that begins with this one: no text holds this character, which stands for none.
pub fn end_of(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

/// A text contains another, as a pattern in which `%` and `_` are plain characters.
pub fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escape(text))).escape('\\')
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl<C: ColumnTrait> TextColumn<C> {
    fn expression(self, dialect: Dialect) -> Expr {
        match self {
            Self::Folded(column) | Self::Name(column) | Self::EmailKey(column) => {
                Expr::col((column.entity_name(), column))
            }
            Self::Plain(column) => dialect.ascii_lower(column),
        }
    }

    fn folded(self, text: &str) -> String {
        match self {
            Self::Folded(_) => fold(text),
            Self::Name(_) => words::fold(text),
            Self::EmailKey(_) => email_key(text),
            Self::Plain(_) => text.to_ascii_lowercase(),
        }
    }

    fn is_missing(self) -> Expr {
        match self {
            Self::Folded(column) | Self::Name(column) | Self::EmailKey(column) => column.eq(""),
            Self::Plain(column) => column.is_null(),
        }
    }

    /// This text stands in the column.
    pub fn contains(self, text: &str, dialect: Dialect) -> Expr {
        dialect.holds(self.expression(dialect), &self.folded(text))
    }

    /// The column fits.
    pub fn fits(self, filter: Option<&TextFilter>, dialect: Dialect) -> Option<Condition> {
        let filter = filter?;
        let column = || self.expression(dialect);
        let condition = Condition::all()
            .add_option(filter.eq.as_ref().map(|text| column().eq(self.folded(text))))
            .add_option(
                filter
                    .one_of
                    .as_ref()
                    .map(|texts| is_in(column(), texts.iter().map(|text| self.folded(text)))),
            )
            .add_option(filter.contains.as_ref().map(|text| self.contains(text, dialect)))
            .add_option(
                filter
                    .starts_with
                    .as_ref()
                    .map(|text| begins(&column(), &self.folded(text))),
            )
            .add_option(filter.is_null.map(|wanted| {
                if wanted {
                    self.is_missing()
                } else {
                    self.is_missing().not()
                }
            }));
        Some(condition)
    }
}

/// One of some values; never true for none.
pub fn is_in<T: Into<sea_orm::Value>>(column: Expr, values: impl IntoIterator<Item = T>) -> Expr {
    let values: Vec<sea_orm::Value> = values.into_iter().map(Into::into).collect();
    if values.is_empty() {
        Expr::value(false)
    } else {
        column.is_in(values)
    }
}

/// A column is one of some values, when there are any to compare with.
pub fn one_of<C: ColumnTrait, T: Into<sea_orm::Value> + Clone>(
    column: C,
    values: Option<&Vec<T>>,
) -> Option<Expr> {
    values.map(|values| is_in(Expr::col((column.entity_name(), column)), values.iter().cloned()))
}

/// An instant fits.
pub fn time<C: ColumnTrait>(column: C, filter: Option<&TimeFilter>) -> Option<Condition> {
    let filter = filter?;
    let condition = Condition::all()
        .add_option(filter.gt.map(|instant| column.gt(instant)))
        .add_option(filter.gte.map(|instant| column.gte(instant)))
        .add_option(filter.lt.map(|instant| column.lt(instant)))
        .add_option(filter.lte.map(|instant| column.lte(instant)))
        .add_option(filter.is_null.map(|wanted| {
            if wanted {
                column.is_null()
            } else {
                column.is_not_null()
            }
        }));
    Some(condition)
}

/// Tags fit.
pub fn tags<C: ColumnTrait>(column: C, filter: Option<&TagsFilter>, dialect: Dialect) -> Option<Condition> {
    let filter = filter?;
    let all = filter
        .all
        .iter()
        .flatten()
        .map(|tag| dialect.has_any_tag(column, std::slice::from_ref(tag)));
    let condition = all
        .fold(Condition::all(), Condition::add)
        .add_option(filter.any.as_ref().map(|tags| dialect.has_any_tag(column, tags)))
        .add_option(
            filter
                .none
                .as_ref()
                .map(|tags| dialect.has_any_tag(column, tags).not()),
        );
    Some(condition)
}

/// The team's own fields fit.
pub fn fields<C: ColumnTrait>(column: C, filters: &[FieldFilter], dialect: Dialect) -> Option<Condition> {
    let fits = |all: Condition, filter: &FieldFilter| {
        let exists = |wanted: bool| {
            let exists = dialect.has_field(column, &filter.key);
            if wanted { exists } else { exists.not() }
        };
        all.add_option(filter.exists.map(exists)).add_option(
            filter
                .eq
                .as_ref()
                .map(|value| dialect.field_is(column, &filter.key, value)),
        )
    };
    (!filters.is_empty()).then(|| filters.iter().fold(Condition::all(), fits))
}

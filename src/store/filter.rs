//! Conditions on single columns, the same for every noun.

mod fields;
mod number;

use entity::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

pub use fields::{FieldFilter, FieldOperator, FieldRange, FieldValue, fields};
pub use number::{NumberFilter, number};

use super::dialect::Dialect;
use crate::{auth::Scope, words};

/// Condition on a text, compared case-insensitively.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextFilter {
    pub eq: Option<String>,
    pub one_of: Option<Vec<String>>,
    pub contains: Option<String>,
    pub starts_with: Option<String>,
    pub is_null: Option<bool>,
}

impl TextFilter {
    /// Whether the condition reads the text itself.
    pub fn reads_text(&self) -> bool {
        self.eq.is_some() || self.one_of.is_some() || self.contains.is_some() || self.starts_with.is_some()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeFilter {
    pub gt: Option<Timestamp>,
    pub gte: Option<Timestamp>,
    pub lt: Option<Timestamp>,
    pub lte: Option<Timestamp>,
    pub is_null: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagsFilter {
    pub all: Option<Vec<String>>,
    pub any: Option<Vec<String>>,
    pub none: Option<Vec<String>>,
}

/// Condition that can contain other conditions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Logic<F> {
    pub and: Vec<F>,
    /// At least one of these holds. No condition if absent, never true if empty.
    pub or: Option<Vec<F>>,
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
    /// Whether a property holds for every row that matches. It does if the filter itself has it, if one of
    /// the `and` filters has it, or if all of the `or` filters have it.
    pub fn tells(&self, own: bool, of: impl Fn(&F) -> bool) -> bool {
        let of_each = |or: &Vec<F>| !or.is_empty() && or.iter().all(&of);
        own || self.and.iter().any(&of) || self.or.as_ref().is_some_and(of_each)
    }

    /// Adds the nested conditions to those of the filter itself.
    pub fn join(&self, own: Condition, fitting: impl Fn(&F) -> Condition) -> Condition {
        let mut all = self.and.iter().fold(own, |all, filter| all.add(fitting(filter)));
        if let Some(or) = &self.or {
            // SeaORM evaluates an empty `any` as true.
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
            // NULL is neither true nor false. A row for which a condition is not true does not match it.
            let inner = Expr::from(fitting(not).add(Expr::value(true)));
            all = all.add(Expr::expr(sea_orm::sea_query::Func::coalesce([inner, Expr::value(false)])).not());
        }
        all
    }
}

/// Folds a text for comparison of subjects: lower case in every script. Names use [another
/// fold](words::fold).
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Folds an address for comparison. An address identifies a customer, so only the case of the letters A to Z
/// is ignored. Other letters remain unchanged: the Kelvin sign is not a `k`.
pub fn email_key(email: &str) -> String {
    email.to_ascii_lowercase()
}

/// Comparison method of a text column.
#[derive(Clone, Copy, Debug)]
pub enum TextColumn<C> {
    /// Column with the folded text, empty without a text.
    Folded(C),
    /// Column with a folded name, empty without a name.
    Name(C),
    /// Column with the [key](email_key) of an address, empty without an address.
    EmailKey(C),
    /// Column with the original text. Only the letters A to Z are compared case-insensitively.
    Plain(C),
}

/// Condition: a text starts with another. It is a range, so it uses an index for any characters.
pub fn begins(text: &Expr, beginning: &str) -> Condition {
    Condition::all()
        .add(text.clone().gte(beginning))
        .add(text.clone().lt(end_of(beginning)))
}

/// Returns a text greater than every text that starts with this one. U+10FFFF is a noncharacter that no text
/// contains.
pub fn end_of(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

/// LIKE pattern for texts that contain this one, in which `%` and `_` are ordinary characters.
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

    pub fn contains(self, text: &str, dialect: Dialect) -> Expr {
        dialect.holds(self.expression(dialect), &self.folded(text))
    }

    /// Returns the condition on the column.
    fn fits(self, filter: &TextFilter, dialect: Dialect) -> Condition {
        let column = || self.expression(dialect);
        Condition::all()
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
            }))
    }
}

/// Condition: the column is one of these values. Never true without values.
pub fn is_in<T: Into<sea_orm::Value>>(column: Expr, values: impl IntoIterator<Item = T>) -> Expr {
    let values: Vec<sea_orm::Value> = values.into_iter().map(Into::into).collect();
    if values.is_empty() {
        Expr::value(false)
    } else {
        column.is_in(values)
    }
}

/// Condition on a text.
pub fn text<C: ColumnTrait>(column: TextColumn<C>) -> impl Fn(&TextFilter, &Scope, Dialect) -> Condition {
    move |filter, _, dialect| column.fits(filter, dialect)
}

/// Condition: the column has this value.
pub fn equals<C: ColumnTrait, T: Into<sea_orm::Value> + Copy>(
    column: C,
) -> impl Fn(&T, &Scope, Dialect) -> Expr {
    move |value, _, _| column.eq(*value)
}

/// Condition: the column is one of these values.
pub fn one_of<C: ColumnTrait, T: Into<sea_orm::Value> + Clone>(
    column: C,
) -> impl Fn(&Vec<T>, &Scope, Dialect) -> Expr {
    move |values, _, _| is_in(Expr::col((column.entity_name(), column)), values.iter().cloned())
}

/// Condition that no row meets for customers, who do not see teams and queues.
pub fn of_staff<T>(condition: impl Fn(&T, &Scope, Dialect) -> Expr) -> impl Fn(&T, &Scope, Dialect) -> Expr {
    move |value, scope, dialect| match scope.customer {
        Some(_) => Expr::value(false),
        None => condition(value, scope, dialect),
    }
}

/// Condition on an instant.
pub fn time<C: ColumnTrait>(column: C) -> impl Fn(&TimeFilter, &Scope, Dialect) -> Condition {
    move |filter, _, _| {
        Condition::all()
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
            }))
    }
}

/// Condition on a column of a table whose rows have the ids of the noun.
pub fn beside<E: EntityTrait, T>(
    noun: impl ColumnTrait,
    id: E::Column,
    fits: impl Fn(&T, &Scope, Dialect) -> Condition,
) -> impl Fn(&T, &Scope, Dialect) -> Expr {
    move |value, scope, dialect| {
        let own = Expr::col((id.entity_name(), id)).equals((noun.entity_name(), noun));
        let found = E::find()
            .select_only()
            .expr(Expr::value(1))
            .filter(own)
            .filter(fits(value, scope, dialect));
        Expr::exists(found.into_query())
    }
}

/// Condition that is true or, as requested, not true.
pub fn whether(holds: impl Fn(&bool, &Scope, Dialect) -> Expr) -> impl Fn(&bool, &Scope, Dialect) -> Expr {
    move |wanted, scope, dialect| {
        let holds = holds(wanted, scope, dialect);
        if *wanted { holds } else { holds.not() }
    }
}

/// Condition on tags.
pub fn tags<C: ColumnTrait>(column: C) -> impl Fn(&TagsFilter, &Scope, Dialect) -> Condition {
    move |filter, _, dialect| {
        let all = filter
            .all
            .iter()
            .flatten()
            .map(|tag| dialect.has_any_tag(column, std::slice::from_ref(tag)));
        all.fold(Condition::all(), Condition::add)
            .add_option(filter.any.as_ref().map(|tags| dialect.has_any_tag(column, tags)))
            .add_option(
                filter
                    .none
                    .as_ref()
                    .map(|tags| dialect.has_any_tag(column, tags).not()),
            )
    }
}

/// Condition of a filter on a column, if it is given.
pub fn given<T, R>(
    value: Option<&T>,
    scope: &Scope,
    dialect: Dialect,
    fits: impl Fn(&T, &Scope, Dialect) -> R,
) -> Option<R> {
    value.map(|value| fits(value, scope, dialect))
}

/// Declares the filter of a noun, each condition with its meaning, its value and the condition on the rows. All
/// conditions must hold.
macro_rules! conditions {
    ($(#[$about:meta])* $filter:ident $(with $logic:ident)? {
        $($(#[$meaning:meta])* $field:ident: $type:ty => $fits:expr,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $filter {
            $(
                /// Nested conditions.
                pub $logic: $crate::store::filter::Logic<$filter>,
            )?
            $($(#[$meaning])* pub $field: Option<$type>,)+
        }

        impl $filter {
            fn fitting(
                &self,
                scope: &$crate::auth::Scope,
                dialect: $crate::store::dialect::Dialect,
            ) -> sea_orm::Condition {
                let own = sea_orm::Condition::all()
                    $(.add_option($crate::store::filter::given(self.$field.as_ref(), scope, dialect, $fits)))+;
                $(let own = self.$logic.join(own, |nested| nested.fitting(scope, dialect));)?
                own
            }
        }
    };
}

pub(super) use conditions;

//! The conditions of filters, and their bounds.

mod argument_path;
mod custom_fields;
mod declare;
mod number;

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::{camel, id::IdError};

pub use argument_path::ArgumentPath;
pub use custom_fields::{CustomFieldFilter, custom_fields, field_key};
pub(in crate::graphql) use declare::filter_input;
pub use number::{IntFilter, number};

use super::{
    error::{Result, bad_input},
    scalars::DateTime,
};
use crate::{
    service::wording,
    store::{
        Noun,
        filter::{Logic, TagsFilter, TextFilter, TimeFilter},
    },
};

/// Maximum number of entries in one list of a filter.
const VALUES_MAX: usize = 100;
/// Maximum length of a text in a filter, in characters.
const TEXT_MAX: usize = 500;
/// Maximum length of a text for `contains`, `startsWith` and `search`, in characters. The cost of a search grows with
/// this length times that of the searched text.
const PATTERN_MAX: usize = 128;

/// An input object that restricts the rows of a list.
pub trait FilterInput<N: Noun> {
    /// Converts it for the store. An error names the path of the wrong value.
    fn read(self, place: &ArgumentPath) -> Result<N::Filter>;
}

/// Conditions on a text, compared without case: in all scripts for names, companies and subjects, for A to Z
/// only in other fields. Names and companies are also compared without accents. A text must meet all of the
/// conditions. Null in place of a condition, and an object without a condition, are refused.
#[derive(Clone, Debug, InputObject)]
pub struct StringFilter {
    /// The text is equal to this text: up to 500 characters.
    eq: MaybeUndefined<String>,
    /// The text is equal to one of these texts: up to 100, each up to 500 characters. An empty list matches
    /// nothing.
    #[graphql(name = "in")]
    one_of: MaybeUndefined<Vec<String>>,
    /// The text contains this text: up to 128 characters. `%` and `_` have no special meaning.
    contains: MaybeUndefined<String>,
    /// The text starts with this text: up to 128 characters. `%` and `_` have no special meaning.
    starts_with: MaybeUndefined<String>,
    /// True: the text is not set. False: the text is set.
    is_null: MaybeUndefined<bool>,
}

/// Conditions on a time. A time must meet all of them. Null in place of a condition, and an object without a
/// condition, are refused.
#[derive(Clone, Debug, InputObject)]
pub struct DateTimeFilter {
    /// Later than this time.
    gt: MaybeUndefined<DateTime>,
    /// At or after this time.
    gte: MaybeUndefined<DateTime>,
    /// Earlier than this time.
    lt: MaybeUndefined<DateTime>,
    /// At or before this time.
    lte: MaybeUndefined<DateTime>,
    /// True: the time is not set. False: the time is set.
    is_null: MaybeUndefined<bool>,
}

/// Conditions on tags, which are compared with case. The tags must meet all of them. Null in place of a
/// condition, and an object without a condition, are refused.
#[derive(Clone, Debug, InputObject)]
pub struct TagFilter {
    /// All of these tags are present. Up to 100 tags. An empty list matches everything.
    has_all: MaybeUndefined<Vec<String>>,
    /// At least one of these tags is present. Up to 100 tags. An empty list matches nothing.
    has_any: MaybeUndefined<Vec<String>>,
    /// None of these tags is present. Up to 100 tags. An empty list matches everything.
    has_none: MaybeUndefined<Vec<String>>,
}

/// Reads the value of a condition. `None` when the condition is omitted. `name` is the name of the argument or of
/// its column.
///
/// Null is refused: a variable that is null by mistake must not match every row.
pub fn given<T, R>(
    value: MaybeUndefined<T>,
    place: &ArgumentPath,
    name: &str,
    read: impl FnOnce(T, &ArgumentPath) -> Result<R>,
) -> Result<Option<R>> {
    match value {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(bad_input(
            place.field(&camel(name)).path(),
            "is null, which is not a condition. Leave the field out, or use `isNull` or `exists` to find missing values.",
        )),
        MaybeUndefined::Value(value) => read(value, &place.field(&camel(name))).map(Some),
    }
}

/// Reads a value that is compared as it was sent.
#[expect(clippy::unnecessary_wraps, reason = "same signature as the other readers")]
pub fn plain<T, R: From<T>>(value: T, _: &ArgumentPath) -> Result<R> {
    Ok(value.into())
}

/// Reads an argument that restricts a list. `None` when it is omitted. Null is refused, as in a filter.
pub fn argument<T, R>(
    name: &'static str,
    value: MaybeUndefined<T>,
    read: impl FnOnce(T, &ArgumentPath) -> Result<R>,
) -> Result<Option<R>> {
    let place = ArgumentPath::argument(name);
    match value {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(bad_input(
            place.path(),
            "must not be null. Leave it out to list everything.",
        )),
        MaybeUndefined::Value(value) => read(value, &place).map(Some),
    }
}

/// Reads the argument `search` and checks its length.
pub fn search(value: MaybeUndefined<String>) -> Result<Option<String>> {
    argument("search", value, pattern)
}

/// Refuses an object without a condition: a variable in it that was not sent must not match every row.
fn holding<F: Default + PartialEq>(filter: F, place: &ArgumentPath) -> Result<F> {
    if filter == F::default() {
        return Err(bad_input(
            place.path(),
            "contains no condition. Leave it out, or send a value for its variables.",
        ));
    }
    Ok(filter)
}

/// Checks a text that a filter compares with.
pub fn text(value: String, place: &ArgumentPath) -> Result<String> {
    if value.contains('\0') {
        return Err(bad_input(place.path(), wording::NUL));
    }
    within(&value, TEXT_MAX, place)?;
    Ok(value)
}

/// Checks a text that is searched for inside others.
fn pattern(value: String, place: &ArgumentPath) -> Result<String> {
    let value = text(value, place)?;
    within(&value, PATTERN_MAX, place)?;
    Ok(value)
}

fn within(text: &str, max: usize, place: &ArgumentPath) -> Result<()> {
    let count = text.chars().count();
    if count > max {
        return Err(bad_input(
            place.path(),
            &wording::too_long(count, "characters", max),
        ));
    }
    Ok(())
}

/// Checks the length of a list of values that a filter compares with.
fn values<T>(list: Vec<T>, place: &ArgumentPath) -> Result<Vec<T>> {
    place.count(list.len())?;
    if list.len() > VALUES_MAX {
        let why = wording::too_many(list.len(), "entries", VALUES_MAX);
        return Err(bad_input(place.path(), &why));
    }
    Ok(list)
}

/// Reads a list of values that are compared as they were sent.
pub fn any_of<T, R: From<T>>(list: Vec<T>, place: &ArgumentPath) -> Result<Vec<R>> {
    Ok(values(list, place)?.into_iter().map(Into::into).collect())
}

/// Checks a list of texts that a filter compares with.
pub fn texts(list: Vec<String>, place: &ArgumentPath) -> Result<Vec<String>> {
    values(list, place)?
        .into_iter()
        .map(|item| text(item, place))
        .collect()
}

/// Reads an id that a filter compares with.
#[expect(
    clippy::needless_pass_by_value,
    reason = "same signature as the other readers"
)]
pub fn id<T: std::str::FromStr<Err = IdError>>(id: ID, place: &ArgumentPath) -> Result<T> {
    super::id::argument(place.path(), &id)
}

/// Reads a list of ids that a filter compares with.
pub fn ids<T: std::str::FromStr<Err = IdError>>(list: Vec<ID>, place: &ArgumentPath) -> Result<Vec<T>> {
    values(list, place)?
        .into_iter()
        .map(|item| id(item, place))
        .collect()
}

/// Reads conditions on a text.
pub fn string(filter: StringFilter, place: &ArgumentPath) -> Result<TextFilter> {
    let read = TextFilter {
        eq: given(filter.eq, place, "eq", text)?,
        one_of: given(filter.one_of, place, "in", texts)?,
        contains: given(filter.contains, place, "contains", pattern)?,
        starts_with: given(filter.starts_with, place, "startsWith", pattern)?,
        is_null: given(filter.is_null, place, "isNull", plain)?,
    };
    holding(read, place)
}

/// Reads conditions on a time.
#[expect(
    clippy::needless_pass_by_value,
    reason = "same signature as the other readers"
)]
pub fn time(filter: DateTimeFilter, place: &ArgumentPath) -> Result<TimeFilter> {
    let instant = |at: DateTime, _: &ArgumentPath| Ok(at.0);
    let read = TimeFilter {
        gt: given(filter.gt, place, "gt", instant)?,
        gte: given(filter.gte, place, "gte", instant)?,
        lt: given(filter.lt, place, "lt", instant)?,
        lte: given(filter.lte, place, "lte", instant)?,
        is_null: given(filter.is_null, place, "isNull", plain)?,
    };
    holding(read, place)
}

/// Reads conditions on tags.
pub fn tags(filter: TagFilter, place: &ArgumentPath) -> Result<TagsFilter> {
    let read = TagsFilter {
        all: given(filter.has_all, place, "hasAll", texts)?,
        any: given(filter.has_any, place, "hasAny", texts)?,
        none: given(filter.has_none, place, "hasNone", texts)?,
    };
    holding(read, place)
}

/// Reads a filter inside a filter. It must contain a condition.
pub fn inner<N: Noun, I: FilterInput<N>>(filter: I, place: &ArgumentPath) -> Result<N::Filter> {
    holding(filter.read(place)?, place)
}

/// Reads the conditions `and`, `or` and `not`.
pub fn logic<N: Noun, I: FilterInput<N>>(
    and: MaybeUndefined<Vec<I>>,
    or: MaybeUndefined<Vec<I>>,
    not: MaybeUndefined<Box<I>>,
    place: &ArgumentPath,
) -> Result<Logic<N::Filter>> {
    let all = |list: MaybeUndefined<Vec<I>>, name: &str| {
        let list = given(list, place, name, values)?;
        let read = |list: Vec<I>| -> Result<Vec<N::Filter>> {
            let place = place.deeper(name)?;
            let read_at = |(index, filter): (usize, I)| inner(filter, &place.field(&index.to_string()));
            list.into_iter().enumerate().map(read_at).collect()
        };
        list.map(read).transpose()
    };
    Ok(Logic {
        and: all(and, "and")?.unwrap_or_default(),
        or: all(or, "or")?,
        not: given(not, place, "not", |filter, _| {
            inner(*filter, &place.deeper("not")?).map(Box::new)
        })?,
    })
}

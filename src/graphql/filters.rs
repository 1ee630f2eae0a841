//! The conditions that filters are made of, and the bounds on them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::id::IdError;

use super::{
    error::{Result, bad_input},
    id,
    scalars::{DateTime, JsonValue},
};
use crate::{
    service::custom_fields::{KEY_MAX, settle},
    store::filter::{FieldFilter, FieldValue, Logic, TagsFilter, TextFilter, TimeFilter},
};

/// Most values in one list of a filter.
const VALUES_MAX: usize = 100;
/// Longest text in a filter, in characters.
const TEXT_MAX: usize = 500;
/// Longest text that is looked for inside others, in characters: each letter of it is compared with each of theirs.
const PATTERN_MAX: usize = 128;
/// How deep conditions may lie in one another.
const DEPTH_MAX: usize = 8;
/// Most values and conditions in one filter in all.
const CONDITIONS_MAX: usize = 1_000;

/// A condition on a text, compared without case: all scripts in names, companies and subjects, the letters A
/// to Z elsewhere. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct StringFilter {
    /// Equal to this.
    eq: Option<String>,
    /// Equal to one of these: at most 100.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
    /// This stands somewhere in it: at most 128 characters. % and _ are plain characters.
    contains: Option<String>,
    /// It begins with this: at most 128 characters. % and _ are plain characters.
    starts_with: Option<String>,
    /// true: there is none. false: there is one.
    is_null: Option<bool>,
}

/// A condition on an instant. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct DateTimeFilter {
    /// Later than this.
    gt: Option<DateTime>,
    /// At this or later.
    gte: Option<DateTime>,
    /// Earlier than this.
    lt: Option<DateTime>,
    /// At this or earlier.
    lte: Option<DateTime>,
    /// true: there is none. false: there is one.
    is_null: Option<bool>,
}

/// A condition on tags, compared with case. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct TagFilter {
    /// Each of these is among the tags: at most 100.
    has_all: Option<Vec<String>>,
    /// One of these is among the tags: at most 100.
    has_any: Option<Vec<String>>,
    /// None of these is among the tags: at most 100.
    has_none: Option<Vec<String>>,
}

/// A condition on one of a team's own fields. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct CustomFieldFilter {
    /// The field's key: at most 64 characters.
    key: String,
    /// Its value is equal to this: texts with case, numbers by value, lists and objects whole. null: it is not there.
    eq: MaybeUndefined<JsonValue>,
    /// true: it is there. false: it is not.
    exists: Option<bool>,
}

/// A place in the arguments, as an error names it: `filter.and.0.email`.
#[derive(Clone, Debug)]
pub struct Place {
    path: String,
    depth: usize,
    /// Values and conditions of the whole argument so far.
    conditions: Arc<AtomicUsize>,
}

impl Place {
    /// The argument itself.
    pub fn argument(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            depth: 0,
            conditions: Arc::default(),
        }
    }

    /// A field in it.
    pub fn field(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            depth: self.depth,
            conditions: self.conditions.clone(),
        }
    }

    /// The name for an error.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Counts values and conditions, and refuses too many.
    fn count(&self, more: usize) -> Result<()> {
        let before = self.conditions.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > CONDITIONS_MAX {
            let argument = self.path.split('.').next().unwrap_or_default();
            let message = format!("holds more than {CONDITIONS_MAX} values and conditions in all.");
            return Err(bad_input(argument, &message));
        }
        Ok(())
    }

    fn deeper(&self, name: &str) -> Result<Self> {
        let inner = Self {
            depth: self.depth + 1,
            ..self.field(name)
        };
        if inner.depth > DEPTH_MAX {
            return Err(bad_input(
                &inner.path,
                &format!("conditions lie at most {DEPTH_MAX} deep in one another."),
            ));
        }
        Ok(inner)
    }
}

/// A text that a filter compares with.
pub fn text(value: Option<String>, place: &Place) -> Result<Option<String>> {
    match &value {
        Some(text) if text.contains('\0') => Err(bad_input(place.path(), "must not hold a NUL character.")),
        Some(text) => within(text, TEXT_MAX, place).map(|()| value),
        None => Ok(None),
    }
}

/// A text that is looked for inside others.
pub fn pattern(value: Option<String>, place: &Place) -> Result<Option<String>> {
    let value = text(value, place)?;
    if let Some(text) = &value {
        within(text, PATTERN_MAX, place)?;
    }
    Ok(value)
}

fn within(text: &str, max: usize, place: &Place) -> Result<()> {
    let count = text.chars().count();
    if count > max {
        let message = format!("has {count} characters; at most {max} are allowed.");
        return Err(bad_input(place.path(), &message));
    }
    Ok(())
}

/// A list of values that a filter compares with.
pub fn values<T>(list: Option<Vec<T>>, place: &Place) -> Result<Option<Vec<T>>> {
    place.count(list.as_ref().map_or(0, Vec::len))?;
    match &list {
        Some(values) if values.len() > VALUES_MAX => Err(bad_input(
            place.path(),
            &format!("has {} values; at most {VALUES_MAX} are allowed.", values.len()),
        )),
        _ => Ok(list),
    }
}

/// A list of texts that a filter compares with.
fn texts(list: Option<Vec<String>>, place: &Place) -> Result<Option<Vec<String>>> {
    values(list, place)?
        .map(|list| {
            list.into_iter()
                .map(|item| Ok(text(Some(item), place)?.unwrap_or_default()))
                .collect()
        })
        .transpose()
}

/// A list of ids that a filter compares with.
pub fn ids<T: std::str::FromStr<Err = IdError>>(
    list: Option<Vec<ID>>,
    place: &Place,
) -> Result<Option<Vec<T>>> {
    values(list, place)?
        .map(|list| list.iter().map(|item| id::argument(place.path(), item)).collect())
        .transpose()
}

/// A condition on a text.
pub fn string(filter: Option<StringFilter>, place: &Place) -> Result<Option<TextFilter>> {
    let Some(filter) = filter else { return Ok(None) };
    Ok(Some(TextFilter {
        eq: text(filter.eq, &place.field("eq"))?,
        one_of: texts(filter.one_of, &place.field("in"))?,
        contains: pattern(filter.contains, &place.field("contains"))?,
        starts_with: pattern(filter.starts_with, &place.field("startsWith"))?,
        is_null: filter.is_null,
    }))
}

/// A condition on an instant.
pub fn time(filter: Option<DateTimeFilter>) -> Option<TimeFilter> {
    let filter = filter?;
    Some(TimeFilter {
        gt: filter.gt.map(|at| at.0),
        gte: filter.gte.map(|at| at.0),
        lt: filter.lt.map(|at| at.0),
        lte: filter.lte.map(|at| at.0),
        is_null: filter.is_null,
    })
}

/// A condition on tags.
pub fn tags(filter: Option<TagFilter>, place: &Place) -> Result<Option<TagsFilter>> {
    let Some(filter) = filter else { return Ok(None) };
    Ok(Some(TagsFilter {
        all: texts(filter.has_all, &place.field("hasAll"))?,
        any: texts(filter.has_any, &place.field("hasAny"))?,
        none: texts(filter.has_none, &place.field("hasNone"))?,
    }))
}

/// Conditions on a team's own fields.
pub fn custom_fields(filters: Option<Vec<CustomFieldFilter>>, place: &Place) -> Result<Vec<FieldFilter>> {
    let read = |(index, filter): (usize, CustomFieldFilter)| {
        let place = place.field(&index.to_string());
        let key = text(Some(filter.key), &place.field("key"))?.unwrap_or_default();
        if key.chars().count() > KEY_MAX {
            let message = format!("has at most {KEY_MAX} characters.");
            return Err(bad_input(place.field("key").path(), &message));
        }
        let eq = match filter.eq {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(JsonValue(value)) => Some(field_value(value, &place.field("eq"))?),
        };
        Ok(FieldFilter {
            key,
            eq,
            exists: filter.exists,
        })
    };
    values(filters, place)?
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(read)
        .collect()
}

/// A value that a field is compared with, in the form in which fields are kept; none for null.
fn field_value(mut value: serde_json::Value, place: &Place) -> Result<Option<FieldValue>> {
    if !settle(&mut value) {
        return Err(bad_input(
            place.path(),
            "holds a NUL character, or lies too deep in itself.",
        ));
    }
    Ok(Some(match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::Bool(flag) => FieldValue::Flag(flag),
        serde_json::Value::Number(number) => FieldValue::Number(number.to_string()),
        serde_json::Value::String(value) => FieldValue::Text(text(Some(value), place)?.unwrap_or_default()),
        nested => FieldValue::Nested(nested.to_string()),
    }))
}

/// Conditions inside a condition.
pub fn logic<I, F>(
    and: Option<Vec<I>>,
    or: Option<Vec<I>>,
    not: Option<Box<I>>,
    place: &Place,
    read: impl Fn(I, &Place) -> Result<F>,
) -> Result<Logic<F>> {
    let all = |list: Option<Vec<I>>, name: &str| -> Result<Option<Vec<F>>> {
        let Some(list) = values(list, &place.field(name))? else {
            return Ok(None);
        };
        let place = place.deeper(name)?;
        let read_at = |(index, inner)| read(inner, &place.field(&format!("{index}")));
        list.into_iter()
            .enumerate()
            .map(read_at)
            .collect::<Result<Vec<F>>>()
            .map(Some)
    };
    Ok(Logic {
        and: all(and, "and")?.unwrap_or_default(),
        or: all(or, "or")?,
        not: match not {
            Some(inner) => Some(Box::new(read(*inner, &place.deeper("not")?)?)),
            None => None,
        },
    })
}

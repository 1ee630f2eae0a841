//! Changed fields of an update, with the values before and after, as stored in the log.

use std::collections::BTreeSet;

use entity::{AgentId, Attachments, CustomFields, Emails, Phones, QueueId, Tags, TeamId, Timestamp};
use serde_json::{Map, Value, json};

/// A value that can be stored in the log.
pub trait Recorded {
    /// The value as JSON, in the form of the API.
    fn recorded(&self) -> Value;
}

/// Implements [`Recorded`] for types, with an expression for the value.
macro_rules! recorded {
    ($($kind:ty),+ => |$one:ident| $value:expr) => {
        $(impl $crate::events::Recorded for $kind {
            fn recorded(&self) -> serde_json::Value {
                let $one = self;
                serde_json::Value::from($value)
            }
        })+
    };
}
pub(crate) use recorded;

recorded!(String => |text| text.as_str());
recorded!(bool => |flag| *flag);
recorded!(Tags => |tags| tags.0.clone());
recorded!(Timestamp => |time| time.to_rfc3339());
recorded!(AgentId, TeamId, QueueId => |id| id.to_string());

impl Recorded for Emails {
    fn recorded(&self) -> Value {
        let one = |one: &entity::Email| json!({ "email": one.email, "type": one.kind, "verified": one.verified, "primary": one.primary });
        self.0.iter().map(one).collect()
    }
}

impl Recorded for Phones {
    fn recorded(&self) -> Value {
        let one =
            |one: &entity::Phone| json!({ "phone": one.phone, "type": one.kind, "primary": one.primary });
        self.0.iter().map(one).collect()
    }
}

impl Recorded for Attachments {
    fn recorded(&self) -> Value {
        let one = |one: &entity::Attachment| {
            json!({
                "name": one.name,
                "contentType": one.content_type,
                "size": one.size,
                "contentId": one.content_id,
            })
        };
        self.0.iter().map(one).collect()
    }
}

/// Enums are recorded as their words.
macro_rules! recorded_as_word {
    ($($kind:ty),+ $(,)?) => {
        $crate::events::recorded!($($kind),+ => |one| entity::Word::word(*one));
    };
}
pub(crate) use recorded_as_word;

entity::column_enums!(recorded_as_word);

impl<T: Recorded> Recorded for Vec<T> {
    fn recorded(&self) -> Value {
        self.iter().map(Recorded::recorded).collect()
    }
}

impl<T: Recorded> Recorded for Option<T> {
    fn recorded(&self) -> Value {
        self.as_ref().map_or(Value::Null, Recorded::recorded)
    }
}

/// The fields that an update changed.
#[derive(Debug, Default)]
pub struct FieldChanges(Map<String, Value>);

impl FieldChanges {
    /// Assigns a value to a field or a column. Records the change if the value differs.
    pub fn set<T: Recorded + PartialEq>(&mut self, field: &str, place: &mut T, value: T) {
        if *place != value {
            let change = json!({ "before": place.recorded(), "after": value.recorded() });
            self.0.insert(entity::camel(field), change);
            *place = value;
        }
    }

    /// Assigns the custom fields of a team. Records each changed field separately as `customFields.key`, so
    /// that a change of one field does not store all the others.
    pub fn set_custom_fields(&mut self, place: &mut CustomFields, after: CustomFields) {
        let keys: BTreeSet<&String> = place.0.keys().chain(after.0.keys()).collect();
        for key in keys {
            let (old, new) = (place.0.get(key), after.0.get(key));
            if old != new {
                let change = json!({ "before": old, "after": new });
                self.0.insert(format!("customFields.{key}"), change);
            }
        }
        *place = after;
    }

    /// Whether no field has changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A JSON object that maps each field to its values before and after.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

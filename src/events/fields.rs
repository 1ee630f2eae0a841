//! Changed fields of an update, with the values before and after, as stored in the log.

use std::collections::BTreeSet;

use entity::{AgentId, Attachments, CustomFields, Emails, Phones, QueueId, Tags, TeamId, Timestamp};
use serde_json::{Map, Value, json};

/// A value that can be stored in the log.
pub trait Recorded {
    /// The value as JSON, in the form of the API.
    fn recorded(&self) -> Value;
}

impl Recorded for String {
    fn recorded(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl Recorded for bool {
    fn recorded(&self) -> Value {
        Value::from(*self)
    }
}

impl Recorded for Tags {
    fn recorded(&self) -> Value {
        Value::from(self.0.clone())
    }
}

impl Recorded for Timestamp {
    fn recorded(&self) -> Value {
        Value::from(self.to_rfc3339())
    }
}

macro_rules! recorded_as_text {
    ($($id:ident),+) => {
        $(impl Recorded for $id {
            fn recorded(&self) -> Value {
                Value::from(self.to_string())
            }
        })+
    };
}

recorded_as_text!(AgentId, TeamId, QueueId);

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
        $(impl $crate::events::Recorded for $kind {
            fn recorded(&self) -> serde_json::Value {
                serde_json::Value::from(entity::Word::word(*self))
            }
        })+
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
    /// Assigns a value. Records the change if the value differs.
    pub fn set<T: Recorded + PartialEq>(&mut self, field: &str, place: &mut T, value: T) {
        if *place != value {
            let change = json!({ "before": place.recorded(), "after": value.recorded() });
            self.0.insert(field.to_owned(), change);
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

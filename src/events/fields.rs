//! What changed in an update: field by field, before and after, as the log keeps it.

use entity::{AgentId, Tags, Timestamp, conversation, ticket};
use serde_json::{Map, Value, json};

/// A value as the log keeps it.
pub trait Recorded {
    /// In JSON, in the form of the API.
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

impl Recorded for AgentId {
    fn recorded(&self) -> Value {
        Value::from(self.to_string())
    }
}

impl Recorded for ticket::Status {
    fn recorded(&self) -> Value {
        Value::from(match self {
            Self::Open => "OPEN",
            Self::Pending => "PENDING",
            Self::Solved => "SOLVED",
            Self::Closed => "CLOSED",
        })
    }
}

impl Recorded for ticket::Priority {
    fn recorded(&self) -> Value {
        Value::from(match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Urgent => "URGENT",
        })
    }
}

impl Recorded for conversation::Status {
    fn recorded(&self) -> Value {
        Value::from(match self {
            Self::Open => "OPEN",
            Self::Snoozed => "SNOOZED",
            Self::Done => "DONE",
        })
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
    /// Puts a value in its place and notes it when it is another than before.
    pub fn set<T: Recorded + PartialEq>(&mut self, field: &str, place: &mut T, value: T) {
        if *place != value {
            let change = json!({ "before": place.recorded(), "after": value.recorded() });
            self.0.insert(field.to_owned(), change);
            *place = value;
        }
    }

    /// Nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As one JSON object: field → before and after.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

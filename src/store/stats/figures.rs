//! Figures of a group of tickets.

use entity::{Timestamp, Word};
use serde_json::Value;

use super::KeyValue;

/// Figures of one group of tickets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Values of the keys, in their order.
    pub key: Vec<KeyValue>,
    pub count: i64,
    /// Number of tickets that are open or pending.
    pub open_count: i64,
    pub reopened_count: i64,
    /// Number of messages, without internal notes.
    pub message_count: i64,
    pub first_response: Times,
    pub resolution: Times,
}

/// Times of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    pub count: i64,
    /// Sum in milliseconds.
    pub sum: i128,
    /// Median in milliseconds. `None` if it was not selected, or without a time.
    pub median: Option<f64>,
    /// 90th percentile by the nearest rank, in milliseconds. `None` if it was not selected, or without a time.
    pub p90: Option<i64>,
}

/// Milliseconds of a second.
const SECOND: f64 = 1_000.0;

impl Figures {
    /// Beginning of the period of the first key that is a period.
    pub fn start(&self) -> Option<Timestamp> {
        self.key.iter().find_map(|value| match value {
            KeyValue::Start(start) => Some(*start),
            _ => None,
        })
    }
}

impl Times {
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.count > 0).then(|| float(self.sum) / float(self.count) / SECOND)
    }

    pub fn median_seconds(&self) -> Option<f64> {
        self.median.map(|median| median / SECOND)
    }

    pub fn p90_seconds(&self) -> Option<f64> {
        self.p90.map(|p90| float(p90) / SECOND)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a year have 35 bits, and a float has 53"
)]
fn float(number: impl Into<i128>) -> f64 {
    number.into() as f64
}

impl KeyValue {
    /// The value as JSON. `None` for a missing value.
    pub fn to_json(&self) -> Option<Value> {
        Some(Value::String(match self {
            Self::Missing => return None,
            Self::Json(value) => return Some(value.clone()),
            Self::Status(status) => status.word().to_owned(),
            Self::Priority(priority) => priority.word().to_owned(),
            Self::Assignee(id) => id.to_string(),
            Self::Team(id) => id.to_string(),
            Self::Queue(id) => id.to_string(),
            Self::Customer(id) => id.to_string(),
            Self::Text(text) => text.clone(),
            Self::Start(start) => start.to_rfc3339(),
        }))
    }

    /// The value as text: JSON other than a string in its notation. `None` for a missing value.
    pub fn to_text(&self) -> Option<String> {
        Some(match self.to_json()? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }
}

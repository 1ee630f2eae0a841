//! The scalars of the schema.

use async_graphql::{InputType, InputValueError, InputValueResult, Pos, Scalar, ScalarType, Value};
use entity::Timestamp;
use serde_json::{Map, Value as Json};

use crate::{events, request::Scalars};

/// A point in time in the format of RFC 3339, in the years 0001 to 9999. Output is in UTC with milliseconds,
/// such as `2024-01-15T10:30:00.000Z`. Input accepts every offset and drops digits below a millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// A point in time in the format of RFC 3339, in the years 0001 to 9999. Output is in UTC with milliseconds,
/// such as `2024-01-15T10:30:00.000Z`. Input accepts every offset and drops digits below a millisecond.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Timestamp::parse(text).map(Self).ok_or_else(|| {
                InputValueError::custom(
                    "the value is not an RFC 3339 timestamp, such as `2024-01-15T10:30:00.000Z`.",
                )
            }),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl From<DateTime> for Timestamp {
    fn from(instant: DateTime) -> Self {
        instant.0
    }
}

/// A JSON object of custom fields: keys of up to 64 characters, values nested up to 16 levels, 64 KiB in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonObject(pub Map<String, Json>);

impl From<JsonObject> for Map<String, Json> {
    fn from(object: JsonObject) -> Self {
        object.0
    }
}

/// A JSON object of custom fields: keys of up to 64 characters, values nested up to 16 levels, 64 KiB in all.
#[Scalar(
    name = "JSONObject",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value.into_json() {
            Ok(Json::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(InputValueError::custom("the value is not a JSON object.")),
            Err(error) => Err(InputValueError::custom(error)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from_json(Json::Object(self.0.clone())).unwrap_or_default()
    }
}

/// Any JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonValue(pub Json);

/// Any JSON value.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for JsonValue {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// Opaque position in the change log of one workspace, as base64url text. Every argument and field of this
/// type, and `Last-Event-ID` of an event stream, accepts or returns the same values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor(pub events::ChangeCursor);

/// Opaque position in the change log of one workspace, as base64url text. Every argument and field of this
/// type, and `Last-Event-ID` of an event stream, accepts or returns the same values.
#[Scalar(
    name = "ChangeCursor",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc4648#section-5"
)]
impl ScalarType for ChangeCursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text
                .parse()
                .map(Self)
                .map_err(|_| InputValueError::custom("the value is not a cursor of the change log.")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The scalars by name, each read by its own code.
pub const READ: Scalars = &[
    ("ChangeCursor", read::<ChangeCursor>),
    ("DateTime", read::<DateTime>),
    ("JSON", read::<JsonValue>),
    ("JSONObject", read::<JsonObject>),
];

fn read<S: InputType>(value: Value) -> Result<(), String> {
    match S::parse(Some(value)) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.into_server_error(Pos::default()).message),
    }
}

//! Custom fields: values that a team stores by key in addition to the columns.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Custom fields of a customer, a ticket or a conversation. Keys without a value are not stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CustomFields(pub Map<String, Value>);

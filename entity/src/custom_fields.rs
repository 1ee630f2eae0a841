//! Custom fields: whatever a team keeps beside the columns, by key.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The custom fields of a customer, a ticket or a conversation. A key without a value is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct CustomFields(pub Map<String, Value>);

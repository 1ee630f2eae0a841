//! Tags: distinct short texts in the order the caller sent them.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Tags of a customer, a ticket or a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Tags(pub Vec<String>);

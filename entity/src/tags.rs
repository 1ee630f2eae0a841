//! Tags: short texts in the order in which they were given, each once.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// The tags of a customer or a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Tags(pub Vec<String>);

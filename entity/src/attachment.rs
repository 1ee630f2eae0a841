//! Attachments: files that came with a message. Their bytes are not kept.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name, without a path.
    pub name: Option<String>,
    /// Its media type as given.
    #[serde(rename = "type")]
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: Option<i32>,
    /// The id by which HTML of the message shows it.
    #[serde(rename = "cid")]
    pub content_id: Option<String>,
}

/// The files that came with a message, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Attachments(pub Vec<Attachment>);

//! Attachments: metadata of the files of a message. The content of the files is not stored.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Metadata of one file. The aliases are the names of the fields in exports, which copies read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name, without a path.
    pub name: Option<String>,
    /// Media type as the sender declared it.
    #[serde(rename = "type", alias = "contentType")]
    pub content_type: Option<String>,
    /// Size in bytes.
    pub size: Option<i32>,
    /// Content id by which the HTML of the message refers to the file.
    #[serde(rename = "cid", alias = "contentId")]
    pub content_id: Option<String>,
}

/// Files of a message, in the order the caller sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Attachments(pub Vec<Attachment>);

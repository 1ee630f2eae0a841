//! Files that came with a message, shown.

use async_graphql::SimpleObject;

/// A file that came with a message, as the system described it from which the message was brought in. Its bytes are not kept here.
#[derive(Clone, Debug, SimpleObject)]
pub struct Attachment {
    /// Name of the file as its sender gave it, without a path and without control characters: at most 255 characters.
    /// Null when it has none.
    name: Option<String>,
    /// Media type as given, such as application/pdf: it is not checked against the bytes. Null when it is not told.
    content_type: Option<String>,
    /// Size in bytes; null when it is not told, or 2 GiB or more.
    size: Option<i32>,
    /// The id by which bodyHtml shows the file: `cid:` and this id. Null when it is not told.
    content_id: Option<String>,
}

impl From<&entity::Attachment> for Attachment {
    fn from(one: &entity::Attachment) -> Self {
        Self {
            name: one.name.clone(),
            content_type: one.content_type.clone(),
            size: one.size,
            content_id: one.content_id.clone(),
        }
    }
}

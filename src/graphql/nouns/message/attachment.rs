//! Attachments of messages.

use async_graphql::SimpleObject;

/// Metadata of a file that was attached to a message, as the source system of an import or sync described it.
/// Deskgraph does not store the content of the file.
#[derive(Clone, Debug, SimpleObject)]
pub struct Attachment {
    /// Name of the file without path and control characters, up to 255 characters. Null when the source
    /// system gave none.
    name: Option<String>,
    /// Media type of the file, such as `application/pdf`, up to 127 characters. It is not checked against the
    /// content of the file. Null when the source system gave no valid one.
    content_type: Option<String>,
    /// Size of the file in bytes. Null when the source system gave none, or a size of 2 GiB or more.
    size: Option<i32>,
    /// Content id of the file, up to 255 characters. `bodyHtml` embeds the file as `cid:` followed by this
    /// id. Null when the source system gave none.
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

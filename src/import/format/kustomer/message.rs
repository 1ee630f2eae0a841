//! Messages and internal notes of Kustomer.

use entity::message::Direction;

use super::resource::Resource;
use crate::{
    import::fields::{Fields, RowResult},
    service::import::{ImportMessage, ImportPlace, ImportSender},
};

const DIRECTIONS: [(&str, Direction); 2] = [("in", Direction::Inbound), ("out", Direction::Outbound)];

/// Relationships that are not read.
const NAVIGATION: [&str; 4] = ["org", "customer", "modifiedBy", "shortcuts"];

/// Reads a message. Its text is in `preview`, and its addresses are in `meta`.
pub(super) fn message(fields: Fields) -> RowResult<ImportMessage> {
    let mut resource = Resource::open(fields, "message");
    let place = conversation(&mut resource);
    let author = resource.related_one("createdBy").over(&None);
    let attributes = &mut resource.attributes;
    let direction = attributes.word("direction", &DIRECTIONS).unwrap_or_default();
    let mut meta = attributes.inner("meta");
    let sender_email = from(&mut meta).unwrap_or_default();
    let in_meta = meta.attachments("attachments");
    attributes.absorb(meta);
    let mut attachments = attributes.attachments("attachments");
    if attachments.is_empty() {
        attachments = in_meta;
    }
    let sent_at = attributes.instant("sentAt");
    let row = ImportMessage {
        external_id: resource.id.clone(),
        place,
        direction,
        sender_email,
        sender: match direction {
            Direction::Inbound => ImportSender::Customer,
            Direction::Outbound => ImportSender::Team(author),
        },
        sender_name: None,
        body: text(attributes, "preview"),
        body_html: None,
        created_at: attributes
            .instant("createdAt")
            .filter(|_| sent_at.is_none())
            .or(sent_at),
        attachments,
        internal: false,
    };
    resource.finish(row, &NAVIGATION)
}

/// Reads a note: a message that customers do not see.
pub(super) fn note(fields: Fields) -> RowResult<ImportMessage> {
    let mut resource = Resource::open(fields, "note");
    let place = conversation(&mut resource);
    let author = resource.related_one("createdBy").over(&None);
    let attributes = &mut resource.attributes;
    let row = ImportMessage {
        external_id: resource.id.clone(),
        place,
        direction: Direction::Outbound,
        sender_email: String::new(),
        sender: ImportSender::Team(author),
        sender_name: None,
        body: text(attributes, "body"),
        body_html: None,
        created_at: attributes.instant("createdAt"),
        attachments: attributes.attachments("attachments"),
        internal: true,
    };
    resource.finish(row, &NAVIGATION)
}

/// The conversation of the message.
fn conversation(resource: &mut Resource) -> ImportPlace {
    let related = resource.related_one("conversation").over(&None);
    let attributes = &mut resource.attributes;
    let id = attributes.line("conversation").or(related);
    if id.is_none() {
        attributes.fault::<()>(
            "conversation",
            "This value and relationships.conversation.data.id are both missing.",
        );
    }
    ImportPlace::Conversation(id.unwrap_or_default())
}

fn text(attributes: &mut Fields, name: &str) -> String {
    if attributes.is_strict() {
        return attributes.required(name);
    }
    attributes.text(name).unwrap_or_default()
}

/// The address of the sender. Only email channels have one. Other channels send a phone number or a name.
fn from(meta: &mut Fields) -> Option<String> {
    let is_address = |text: &str| text.contains('@');
    if meta.shows("from", is_address) {
        return meta.expected_email("from");
    }
    if !meta.is_object("from") {
        return None;
    }
    let mut from = meta.inner("from");
    let email = if from.shows("email", is_address) {
        from.expected_email("email")
    } else {
        None
    };
    meta.absorb(from);
    email
}

/// Maps field names of the use cases to those of Kustomer.
pub(super) fn place_in_message(field: &str) -> String {
    match field {
        "body" => "attributes.preview".to_owned(),
        "senderEmail" => "attributes.meta.from".to_owned(),
        _ => super::place(field),
    }
}

//! Reads the objects of C-Star: customers, tickets and messages of a team.

use entity::{
    message::Direction,
    ticket::{Priority, Status},
};

use super::table::{SENTIMENTS, STATUSES};
use crate::{
    import::{
        fields::{Fields, RowResult},
        vendor::{Step, Vendor},
    },
    service::{
        EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, Patch, WORD_MAX,
        customer::CustomerFields,
        import::{ImportCustomer, ImportMessage, ImportPlace, ImportSender, ImportTicket},
        ticket::DEFAULT_SOURCE,
    },
};

/// C-Star: customers, and optionally tickets and their messages.
pub const CSTAR: Vendor = Vendor {
    system: "cstar",
    steps: &[
        Step::new("customers", true, || Step::rows_at(customer, place)),
        Step::new("tickets", false, || Step::rows_at(ticket, place_in_ticket)),
        Step::new("messages", false, || Step::rows_at(message, place_in_message)),
    ],
};

const TICKET_STATUSES: [(&str, Status); 5] = [
    ("new", Status::Open),
    ("open", Status::Open),
    ("pending", Status::Pending),
    ("resolved", Status::Solved),
    ("closed", Status::Closed),
];
const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("normal", Priority::Medium),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];

/// The sender of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SenderKind {
    Customer,
    Agent,
    System,
}

const SENDERS: [(&str, SenderKind); 3] = [
    ("customer", SenderKind::Customer),
    ("agent", SenderKind::Agent),
    ("system", SenderKind::System),
];

/// Fields that Deskgraph computes too, and the type of the object. They are skipped.
const COMPUTED: [&str; 3] = ["object", "ticketCount", "messageCount"];

fn customer(mut fields: Fields) -> RowResult<ImportCustomer> {
    let created_at = fields.instant("createdAt");
    let row = ImportCustomer {
        external_id: fields.required("id"),
        fields: CustomerFields {
            name: name(&mut fields),
            email: fields.expected_email("email").into(),
            status: fields.patch("status", |fields, name| fields.word(name, &STATUSES)),
            sentiment: fields.patch("sentiment", |fields, name| fields.word(name, &SENTIMENTS)),
            tags: fields.patch("tags", Fields::tags),
            internal_notes: fields.cut_patch("notes", NOTES_MAX),
            custom_fields: fields.patch("customFields", Fields::custom_fields),
            ..CustomerFields::default()
        },
        created_at,
        updated_at: fields.instant_since("updatedAt", created_at),
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

/// The name, which every C-Star customer has.
fn name(fields: &mut Fields) -> Patch<String> {
    if fields.is_strict() {
        return Patch::Set(fields.required("name"));
    }
    fields.cut("name", LINE_MAX).into()
}

/// Reads a ticket. Some responses name the time of resolution `closedAt`.
fn ticket(mut fields: Fields) -> RowResult<ImportTicket> {
    let created_at = fields.instant("createdAt");
    let resolved_at = fields.instant_since("resolvedAt", created_at);
    let closed_at = fields.instant_since("closedAt", created_at);
    let row = ImportTicket {
        external_id: fields.required("id"),
        subject: fields.subject("title"),
        status: fields.word("status", &TICKET_STATUSES),
        priority: fields.word("priority", &PRIORITIES),
        customer_external_id: Some(fields.required("customerId")),
        customer_email: None,
        customer_name: fields.cut("customerName", LINE_MAX),
        source: fields
            .cut("channel", WORD_MAX)
            .unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
        assigned_to: fields.patch("assignedTo", |fields, name| {
            fields.assignee(name, EXTERNAL_ID_MAX)
        }),
        resolution_type: Patch::Keep,
        tags: fields.patch("tags", Fields::tags),
        created_at,
        updated_at: fields.instant_since("updatedAt", created_at),
        resolved_at: resolved_at.or(closed_at),
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

/// Reads a message. C-Star does not send the address of the sender. Messages of the system, of an unknown
/// sender, and internal messages are hidden from customers.
fn message(mut fields: Fields) -> RowResult<ImportMessage> {
    let says = fields.word("sender", &SENDERS).unwrap_or(SenderKind::System);
    let is_told = fields.tells("isInternal");
    let is_note = fields.boolean("isInternal").unwrap_or(is_told);
    let row = ImportMessage {
        external_id: fields.required("id"),
        place: ImportPlace::Ticket(fields.required("ticketId")),
        direction: match says {
            SenderKind::Customer => Direction::Inbound,
            SenderKind::Agent | SenderKind::System => Direction::Outbound,
        },
        sender_email: String::new(),
        sender: match says {
            SenderKind::Customer => ImportSender::Customer,
            SenderKind::Agent | SenderKind::System => ImportSender::Team(None),
        },
        sender_name: fields.cut("senderName", LINE_MAX),
        body: if fields.is_strict() {
            fields.required("content")
        } else {
            fields.text("content").unwrap_or_default()
        },
        body_html: None,
        created_at: fields.instant("createdAt"),
        attachments: fields.attachments("attachments"),
        internal: is_note || says == SenderKind::System,
    };
    fields.skip(&COMPUTED);
    fields.finish(row)
}

fn place(field: &str) -> String {
    if field == "internalNotes" { "notes" } else { field }.to_owned()
}

fn place_in_ticket(field: &str) -> String {
    if field == "subject" { "title" } else { field }.to_owned()
}

fn place_in_message(field: &str) -> String {
    if field == "body" { "content" } else { field }.to_owned()
}

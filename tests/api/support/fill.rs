//! Creates many rows at once by an import.

use deskgraph::{
    auth::Viewer,
    service::{
        Patch,
        customer::CustomerFields,
        import::{
            self, ImportCustomer, ImportMessage, ImportPlace, ImportSender, ImportTicket, Outcome, Source,
        },
    },
};
use entity::{
    Timestamp, WorkspaceId,
    message::Direction,
    ticket::{Priority, Status},
};

use super::{START, TestApp};

/// Rows to import. They refer to each other by these ids.
#[derive(Default)]
pub struct Rows {
    pub customers: Vec<ImportCustomer>,
    /// Tickets, each with its own conversation.
    pub tickets: Vec<ImportTicket>,
    /// Messages of these tickets.
    pub messages: Vec<ImportMessage>,
}

/// Returns a time some minutes after [`START`].
pub fn minute(count: i64) -> Timestamp {
    Timestamp(START.0 + count * 60_000)
}

/// Returns a customer with the address `ID@example.com` and no other values.
pub fn customer(id: &str) -> ImportCustomer {
    ImportCustomer {
        external_id: id.to_owned(),
        fields: CustomerFields {
            email: Patch::Set(email_of(id)),
            ..CustomerFields::default()
        },
        created_at: None,
        updated_at: None,
    }
}

pub fn email_of(id: &str) -> String {
    format!("{id}@example.com")
}

/// Returns an open ticket of a customer. Its id is its subject.
pub fn ticket(id: &str, customer: &str) -> ImportTicket {
    ImportTicket {
        external_id: id.to_owned(),
        subject: Some(id.to_owned()),
        status: Some(Status::Open),
        priority: Some(Priority::Medium),
        customer_external_id: Some(customer.to_owned()),
        customer_email: Some(email_of(customer)),
        customer_name: None,
        source: "email".to_owned(),
        assigned_to: Patch::Keep,
        resolution_type: Patch::Keep,
        tags: Patch::Keep,
        created_at: None,
        updated_at: None,
        resolved_at: None,
    }
}

/// Returns a message in a ticket. Its id is its text.
pub fn message(id: &str, ticket: &str, sender_email: &str) -> ImportMessage {
    ImportMessage {
        external_id: id.to_owned(),
        place: ImportPlace::Ticket(ticket.to_owned()),
        sender: ImportSender::Address,
        internal: false,
        direction: Direction::Inbound,
        sender_email: sender_email.to_owned(),
        sender_name: None,
        body: id.to_owned(),
        body_html: Some(format!("<b>{id}</b>")),
        created_at: None,
        attachments: Vec::new(),
    }
}

impl TestApp {
    /// Imports rows into a workspace. Panics if a row is invalid.
    pub async fn fill(&self, workspace: WorkspaceId, rows: &Rows) {
        let viewer = Viewer::operator(workspace);
        let source = Source {
            viewer: &viewer,
            workspace,
            system: "test",
            strict: false,
            prefer_source: false,
            revive: false,
        };
        let made = [
            import::customers(&self.services, &source, &rows.customers).await,
            import::tickets(&self.services, &source, &rows.tickets).await,
            import::messages(&self.services, &source, &rows.messages).await,
        ];
        for outcome in made.into_iter().flat_map(|outcomes| outcomes.expect("rows")) {
            assert_eq!(outcome, Outcome::Created);
        }
    }
}

//! Makes the row of a message.

use entity::{
    Attachments, ConversationId, CustomerId, TicketId, Timestamp, WorkspaceId, conversation, message::Model,
    ticket,
};

use super::{Draft, Ready};
use crate::service::{Services, moment::Dated};

/// Who says it.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// Address.
    pub email: &'a str,
    /// Name.
    pub name: Option<&'a str>,
}

/// Where it is said.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    workspace: WorkspaceId,
    customer: CustomerId,
    conversation: ConversationId,
    ticket: Option<TicketId>,
    /// The latest instant that the rows tell of themselves.
    latest: Timestamp,
}

impl Place {
    /// In a ticket, and so in its conversation.
    pub fn in_ticket(ticket: &ticket::Model) -> Self {
        Self {
            workspace: ticket.workspace_id,
            customer: ticket.customer_id,
            conversation: ticket.conversation_id,
            ticket: Some(ticket.id),
            latest: ticket.latest(),
        }
    }

    /// Whose conversation it is.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// The instant of a message that is written there now.
    pub fn moment(&self, services: &Services) -> Timestamp {
        services.clock.now().max(self.latest)
    }

    /// In a conversation alone.
    pub fn in_conversation(thread: &conversation::Model) -> Self {
        Self {
            workspace: thread.workspace_id,
            customer: thread.customer_id,
            conversation: thread.id,
            ticket: None,
            latest: thread.latest(),
        }
    }
}

/// The row of a message.
pub fn compose(
    services: &Services,
    draft: &Draft<'_>,
    ready: &Ready,
    sender: Sender<'_>,
    place: Place,
    created_at: Timestamp,
) -> Model {
    Model {
        id: services.clock.id(),
        workspace_id: place.workspace,
        customer_id: place.customer,
        conversation_id: place.conversation,
        ticket_id: place.ticket,
        direction: draft.direction,
        sender_email: sender.email.to_owned(),
        sender_name: sender.name.map(str::to_owned),
        sender_agent_id: None,
        sender_customer_id: None,
        body: draft.body.to_owned(),
        body_html: ready.html.clone(),
        sentiment_score: ready.score.value,
        created_at,
        internal: false,
        attachments: Attachments::default(),
    }
}

//! Builds rows of messages.

use entity::{
    Attachments, ConversationId, CustomerId, TicketId, Timestamp, WorkspaceId, conversation, message::Model,
    ticket,
};

use super::{Draft, PreparedText};
use crate::service::{Services, moment::Dated};

#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    pub email: &'a str,
    pub name: Option<&'a str>,
}

/// Destination of a message.
#[derive(Clone, Copy, Debug)]
pub struct MessageLocation {
    workspace: WorkspaceId,
    customer: CustomerId,
    conversation: ConversationId,
    ticket: Option<TicketId>,
    /// Latest instant of the ticket or conversation.
    latest: Timestamp,
}

impl MessageLocation {
    /// Destination in a ticket and its conversation.
    pub fn in_ticket(ticket: &ticket::Model) -> Self {
        Self {
            workspace: ticket.workspace_id,
            customer: ticket.customer_id,
            conversation: ticket.conversation_id,
            ticket: Some(ticket.id),
            latest: ticket.latest(),
        }
    }

    /// Customer of the conversation.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Destination in a conversation without a ticket.
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

impl Dated for MessageLocation {
    fn latest(&self) -> Timestamp {
        self.latest
    }
}

/// Builds the row of a message.
pub fn compose(
    services: &Services,
    draft: &Draft<'_>,
    ready: &PreparedText,
    sender: Sender<'_>,
    place: MessageLocation,
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

//! Makes the row of a message: bounds, cleaning, score.

use entity::{
    ConversationId, CustomerId, TicketId, Timestamp, WorkspaceId, conversation,
    message::{Direction, Model},
    ticket,
};

use crate::service::{Services, validate::Checks};

/// What somebody wants to say. `H` is the HTML: as given, or cleaned.
#[derive(Clone, Debug)]
pub struct Draft<'a, H = Option<&'a str>> {
    /// Plain text.
    pub body: &'a str,
    /// The same as HTML.
    pub body_html: H,
    /// Which way it goes.
    pub direction: Direction,
}

/// HTML that was cleaned, and the score of the text.
#[derive(Clone, Debug)]
pub struct Ready {
    html: Option<String>,
    score: Option<i16>,
}

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
}

impl Place {
    /// In a ticket, and so in its conversation.
    pub fn in_ticket(ticket: &ticket::Model) -> Self {
        Self {
            workspace: ticket.workspace_id,
            customer: ticket.customer_id,
            conversation: ticket.conversation_id,
            ticket: Some(ticket.id),
        }
    }

    /// In a conversation alone.
    pub fn in_conversation(thread: &conversation::Model) -> Self {
        Self {
            workspace: thread.workspace_id,
            customer: thread.customer_id,
            conversation: thread.id,
            ticket: None,
        }
    }
}

impl<'a> Draft<'a> {
    /// Notes what is wrong with it; cleans the HTML and scores the text, both before a transaction is open.
    pub fn checked(self, services: &Services, checks: &mut Checks) -> Draft<'a, Ready> {
        let max = services.message_bytes_max;
        checks.long_text(self.body, max, false, &["input", "body"]);
        if let Some(html) = self.body_html {
            checks.long_text(html, max, true, &["input", "bodyHtml"]);
        }
        let fits = self.body.len() <= max && self.body_html.is_none_or(|html| html.len() <= max);
        let ready = if fits {
            self.ready(services)
        } else {
            Ready {
                html: None,
                score: None,
            }
        };
        Draft {
            body: self.body,
            body_html: ready,
            direction: self.direction,
        }
    }

    /// Cleans the HTML and scores the text.
    pub fn ready(&self, services: &Services) -> Ready {
        let scored = self.direction == Direction::Inbound;
        let score = services
            .scorer
            .as_ref()
            .filter(|_| scored)
            .and_then(|scorer| scorer.score(self.body));
        // What came with the message is not kept: nobody can serve by mistake what is not there.
        let html = self
            .body_html
            .map(ammonia::clean)
            .filter(|html| !html.trim().is_empty());
        Ready { html, score }
    }
}

/// The row of a message.
pub fn compose(
    services: &Services,
    draft: &Draft<'_, Ready>,
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
        body_html: draft.body_html.html.clone(),
        sentiment_score: draft.body_html.score,
        created_at,
        internal: false,
    }
}

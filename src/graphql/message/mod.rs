//! Messages.

mod attachment;
mod filter;
mod mutation;
mod query;
mod subscription;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Union};
use entity::{
    message,
    message::{Column, Direction, Entity},
};

use attachment::Attachment;
pub use filter::{MessageFilter, MessageOrder};
pub use mutation::MessageMutation;
pub use query::MessageQuery;
pub use subscription::MessageSubscription;

use super::{
    agent::Agent,
    context::ContextExt,
    conversation::{self, Conversation},
    customer::{self, Customer},
    error::Result,
    external_reference::{self, ExternalReference},
    loaders::{AgentById, ChildSlots, CustomerById, HtmlByMessage, Loaders, PlaceByMessage, TicketById},
    output::{Compiled, enum_leaves, plain_fields},
    pagination::Listed,
    relations::Pointer,
    scalars::{ChangeCursor, DateTime},
    ticket::Ticket,
    workspace::{self, Workspace},
};
use crate::{
    events,
    store::{
        change::LogPlace,
        message::{MessageRow, MessageSort},
    },
};

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub enum MessageDirection {
    /// From the customer.
    Inbound,
    /// To the customer.
    Outbound,
}

/// Who wrote a message, when it is somebody known.
#[derive(Union)]
pub enum MessageSender {
    /// A person who answers.
    Agent(Agent),
    /// A person who asks.
    Customer(Customer),
}

/// One utterance. Always in a conversation, and in a ticket when it was written there.
pub struct Message {
    row: Arc<MessageRow>,
    /// Known when the message came from the change log.
    place: Option<LogPlace>,
}

impl Message {
    /// One whose place in the change log may be known.
    pub fn at(row: Arc<MessageRow>, place: Option<LogPlace>) -> Self {
        Self { row, place }
    }
}

impl From<Arc<MessageRow>> for Message {
    fn from(row: Arc<MessageRow>) -> Self {
        Self { row, place: None }
    }
}

impl AsRef<MessageRow> for Message {
    fn as_ref(&self) -> &MessageRow {
        &self.row
    }
}

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Arc::new(MessageRow::from(row)).into()
    }
}

impl Listed for Entity {
    type Node = Message;
    const NAME: &'static str = "Message";
    const TAG: u8 = 4;
    const POINTERS: &'static [Pointer<Self>] = &[
        Pointer::to::<entity::customer::Entity>("customer", Column::CustomerId, |row: &MessageRow| {
            Some(row.customer_id.into())
        }),
        Pointer::to::<entity::conversation::Entity>(
            "conversation",
            Column::ConversationId,
            |row: &MessageRow| Some(row.conversation_id.into()),
        ),
        Pointer::to::<entity::ticket::Entity>("ticket", Column::TicketId, |row: &MessageRow| {
            row.ticket_id.map(Into::into)
        }),
    ];

    fn sort_tag(sort: MessageSort) -> u8 {
        match sort {
            MessageSort::CreatedAt => 0,
        }
    }

    fn sorts_text(_: MessageSort) -> bool {
        false
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.messages
    }

    fn computed(field: &str) -> Option<&'static [&'static str]> {
        Some(match field {
            // Asked for by itself.
            "bodyHtml" => &[],
            // Where in the log of its workspace is asked for by itself.
            "cursor" => &["workspace_id"],
            "sender" => &["sender_agent_id", "sender_customer_id"],
            _ => return None,
        })
    }
}

enum_leaves!(MessageDirection);

plain_fields!(Message, of Entity: id, ticket_id, direction, sender_email, sender_name, body, internal, created_at);

/// One utterance. Always in a conversation, and in a ticket when it was written there.
#[Object]
impl Message {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.row.id.into()
    }

    /// The workspace that the message belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.row.workspace_id).await
    }

    /// The customer of the conversation.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        customer::of(ctx, self.row.customer_id).await
    }

    /// The thread that it is in.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Compiled<Conversation>> {
        conversation::of(ctx, self.row.conversation_id).await
    }

    /// The ticket that it was written in.
    async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Ticket>>> {
        let Some(id) = self.row.ticket_id else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()
            .load(TicketById(id))
            .await?
            .map(Ticket)
            .map(Compiled))
    }

    /// Id of the ticket that it was written in.
    async fn ticket_id(&self) -> Option<ID> {
        self.row.ticket_id.map(Into::into)
    }

    /// Which way it went.
    async fn direction(&self) -> MessageDirection {
        self.row.direction.into()
    }

    /// Address of the sender, as given.
    async fn sender_email(&self) -> &str {
        &self.row.sender_email
    }

    /// Name of the sender, as given.
    async fn sender_name(&self) -> Option<&str> {
        self.row.sender_name.as_deref()
    }

    /// Who had the sender's address when the message was written; null when nobody known.
    async fn sender(&self, ctx: &Context<'_>) -> Result<Option<MessageSender>> {
        if let Some(id) = self.row.sender_agent_id {
            return Ok(ctx
                .loaders()
                .load(AgentById(id))
                .await?
                .map(|row| MessageSender::Agent(Agent(row))));
        }
        let Some(id) = self.row.sender_customer_id else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()
            .load(CustomerById(id))
            .await?
            .map(|row| MessageSender::Customer(Customer(row))))
    }

    /// Plain text.
    async fn body(&self) -> &str {
        &self.row.body
    }

    /// Cleaned on write against scripts; the original is not served.
    async fn body_html(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        ctx.loaders().load(HtmlByMessage(self.row.id)).await
    }

    /// Files that came with the message, as far as they are known: at most 20. Only imports and syncs fill them in.
    async fn attachments(&self) -> Vec<Attachment> {
        self.row.attachments.0.iter().map(Into::into).collect()
    }

    /// A note between agents: never shown to a customer. It counts in no messageCount, reopens nothing and is not scored.
    async fn internal(&self) -> bool {
        self.row.internal
    }

    /// Where the same message lives in other systems; filled by imports.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.row.id).await
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// Position of this message in the change log: give it as `after` to resume.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<ChangeCursor> {
        let place = match self.place {
            Some(place) => Some(place),
            None => ctx.loaders().load(PlaceByMessage(self.row.id)).await?,
        };
        // Of a message that is older than the log, a client that goes on from here learns where the log begins.
        let place = place.unwrap_or_default();
        let cursor = events::ChangeCursor::at(self.row.workspace_id, place);
        Ok(ChangeCursor(cursor))
    }
}

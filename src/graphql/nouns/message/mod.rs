//! Messages.

mod attachment;
mod filter;
mod mutation;
mod query;
mod subscription;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    NotRead, PartialRow,
    message::{Column, Direction, Entity},
};

use attachment::Attachment;
pub use filter::{MessageFilter, MessageOrder};
pub use mutation::MessageMutation;
pub use query::MessageQuery;
pub use subscription::MessageSubscription;

use super::{
    actor::Actor,
    agent::Agent,
    conversation::Conversation,
    customer::Customer,
    external_reference::{self, ExternalReference},
    ticket::Ticket,
    workspace::{self, Workspace},
};
use crate::{
    events,
    graphql::{
        context::ContextExt,
        error::Result,
        listed::{Listed, Pointer},
        loaders::{AgentById, CustomerById, HtmlByMessage, PlaceByMessage},
        output::{Compiled, enum_leaves, plain_fields},
        relations::{self, PointerTo},
        scalars::{ChangeCursor, DateTime},
    },
    store::{
        Order,
        change::LogPosition,
        message::{MessageRow, MessageSort},
    },
};

/// Direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Direction")]
pub enum MessageDirection {
    /// The message comes from the customer. Unless it is internal or imported, it sets the conversation and
    /// its `PENDING` or `SOLVED` ticket to `OPEN`.
    Inbound,
    /// The message goes to the customer. It does not change the status of the conversation or its ticket.
    Outbound,
}

/// A message, as the API shows it.
pub struct Message {
    row: PartialRow<MessageRow>,
    /// Position in the change log. Set when the message was read from the change log.
    place: Option<LogPosition>,
}

impl Message {
    /// A message whose position in the change log may be known.
    pub fn at(row: PartialRow<MessageRow>, place: Option<LogPosition>) -> Self {
        Self { row, place }
    }
}

impl From<PartialRow<MessageRow>> for Message {
    fn from(row: PartialRow<MessageRow>) -> Self {
        Self { row, place: None }
    }
}

impl AsRef<PartialRow<MessageRow>> for Message {
    fn as_ref(&self) -> &PartialRow<MessageRow> {
        &self.row
    }
}

const CUSTOMER: PointerTo<Entity, entity::customer::Entity> =
    PointerTo::new("customer", Column::CustomerId, |row: &PartialRow<MessageRow>| {
        row.customer_id().map(Some)
    });
const CONVERSATION: PointerTo<Entity, entity::conversation::Entity> = PointerTo::new(
    "conversation",
    Column::ConversationId,
    |row: &PartialRow<MessageRow>| row.conversation_id().map(Some),
);
const TICKET: PointerTo<Entity, entity::ticket::Entity> =
    PointerTo::new("ticket", Column::TicketId, PartialRow::<MessageRow>::ticket_id);

impl Listed for Entity {
    type Node = Message;
    type FilterInput = MessageFilter;
    type OrderInput = MessageOrder;
    const NAME: &'static str = "Message";
    const DEFAULT_ORDER: Order<MessageSort> = Order {
        field: MessageSort::CreatedAt,
        descending: false,
    };
    const POINTERS: &'static [&'static dyn Pointer<Self>] = &[&CUSTOMER, &CONVERSATION, &TICKET];

    fn computed(field: &str) -> Option<&'static [&'static str]> {
        Some(match field {
            // Loaded by a query of its own.
            "bodyHtml" => &[],
            // The position in the change log is loaded by a query of its own.
            "changeCursor" => &["workspace_id"],
            "isInternal" => &["internal"],
            "sender" => &["sender_agent_id", "sender_customer_id"],
            _ => return None,
        })
    }
}

enum_leaves!(MessageDirection of Direction);

plain_fields!(Message, relations::of::<Entity>: id, ticket_id, direction, sender_email, sender_name, body, is_internal, created_at);

/// A message in a conversation. A message that was written in a ticket also belongs to that ticket.
#[Object]
impl Message {
    /// Opaque id. Begins with `msg_`.
    pub async fn id(&self) -> ID {
        self.row.id().into()
    }

    /// Workspace of the message.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.row.workspace_id()?).await
    }

    /// Customer of the conversation.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        CUSTOMER.get(ctx, &self.row).await
    }

    /// Conversation that contains the message.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Compiled<Conversation>> {
        CONVERSATION.get(ctx, &self.row).await
    }

    /// Ticket in which the message was written. Null when it was added to the conversation without a ticket.
    async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Ticket>>> {
        TICKET.find(ctx, &self.row).await
    }

    /// Id of the ticket in which the message was written. Null when it was added to the conversation without
    /// a ticket.
    async fn ticket_id(&self) -> Result<Option<ID>, NotRead> {
        Ok(self.row.ticket_id()?.map(Into::into))
    }

    /// Direction of the message, from the customer or to the customer. It has no meaning for internal
    /// messages.
    async fn direction(&self) -> Result<MessageDirection, NotRead> {
        self.row.direction().map(Into::into)
    }

    /// Email address of the sender, as given.
    async fn sender_email(&self) -> Result<&str, NotRead> {
        self.row.sender_email()
    }

    /// Name of the sender, as given. Null when none was given.
    async fn sender_name(&self) -> Result<Option<&str>, NotRead> {
        self.row.sender_name()
    }

    /// Sender of the message: for an inbound message, the customer to whom `senderEmail` belonged when it was
    /// written; for an outbound or internal one, the agent. For an imported message, also the sender that the
    /// source system named. Null when the address belonged to no such customer or agent, and when the viewer
    /// does not see the sender.
    async fn sender(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        if let Some(id) = self.row.sender_agent_id()? {
            return Ok(ctx
                .loaders()
                .load(AgentById(id))
                .await?
                .map(|row| Actor::Agent(Agent(row))));
        }
        let Some(id) = self.row.sender_customer_id()? else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()
            .load(CustomerById(id))
            .await?
            .map(|row| Actor::Customer(Customer(row))))
    }

    /// Plain text of the message.
    async fn body(&self) -> Result<&str, NotRead> {
        self.row.body()
    }

    /// HTML of the message, cleaned when it was written: without scripts, styles and unsafe URLs. The
    /// original HTML is not stored. Null when there is none, and when it was left out with a warning.
    async fn body_html(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        ctx.loaders().load(HtmlByMessage(self.row.id())).await
    }

    /// Metadata of attached files: up to 20 files. Set only by imports and syncs; empty for messages of
    /// `messageAdd` and `ticketCreate`.
    async fn attachments(&self) -> Result<Vec<Attachment>, NotRead> {
        Ok(self.row.attachments()?.0.iter().map(Into::into).collect())
    }

    /// True for a note between agents. Internal messages require the grant `CUSTOMER_NOTES`, and a customer
    /// never sees them. They do not count in `messageCount`, reopen nothing and have no sentiment score.
    async fn is_internal(&self) -> Result<bool, NotRead> {
        self.row.internal()
    }

    /// Ids of the same message in other systems, ordered by system and id. Set by imports and syncs. Empty
    /// when there are none.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.row.id()).await
    }

    /// Time when the message was written, in UTC. For imported data, the time from the source system if it
    /// has one.
    async fn created_at(&self) -> Result<DateTime, NotRead> {
        self.row.created_at().map(Into::into)
    }

    /// Position of the message in the change log of the workspace. Pass it as `after` to continue after this
    /// message. When the change log no longer contains the message, `after` with this position is refused
    /// with `CURSOR_EXPIRED`.
    async fn change_cursor(&self, ctx: &Context<'_>) -> Result<ChangeCursor> {
        let place = match self.place {
            Some(place) => Some(place),
            None => ctx.loaders().load(PlaceByMessage(self.row.id())).await?,
        };
        // A message that is older than the log gets position 0: a client that continues from there receives
        // `CURSOR_EXPIRED` with the earliest position that is stored.
        let place = place.unwrap_or_default();
        let cursor = events::ChangeCursor::at(self.row.workspace_id()?, place);
        Ok(ChangeCursor(cursor))
    }
}

//! Conversations.

mod filter;
mod mutation;
mod query;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    NotRead, PartialRow, conversation,
    conversation::{Column, Entity, Model},
};

pub use filter::{ConversationFilter, ConversationOrder};
pub use mutation::ConversationMutation;
pub use query::ConversationQuery;

use super::{
    agent::Agent,
    customer::Customer,
    external_reference::{self, ExternalReference},
    queue::Queue,
    team::Team,
    workspace::{self, Workspace},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        listed::{ChildList, Listed, Pointer, node},
        loaders::MembersOf,
        output::{Compiled, enum_leaves, plain_fields},
        relations::{self, PointerTo, children},
        scalars::{DateTime, JsonObject},
    },
    store::{
        Order,
        conversation::ConversationSort,
        link::{AgentsOfConversation, TeamsOfConversation},
        message::MessageParent,
        ticket::TicketParent,
    },
};

/// Status of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "conversation::Status")]
pub enum ConversationStatus {
    /// The conversation is in progress. This is the default for new conversations.
    Open,
    /// The conversation waits until `snoozedUntil`. It becomes `OPEN` at that time, or earlier through an
    /// inbound message that is neither internal nor imported.
    Snoozed,
    /// The conversation is finished. An inbound message that is neither internal nor imported sets it to
    /// `OPEN`.
    Done,
}

/// A conversation, as the API shows it.
pub struct Conversation(pub PartialRow<Model>);

node!(Conversation(Model));

const CUSTOMER: PointerTo<Entity, entity::customer::Entity> =
    PointerTo::new("customer", Column::CustomerId, |row: &PartialRow<Model>| {
        row.customer_id().map(Some)
    });
const QUEUE: PointerTo<Entity, entity::queue::Entity> =
    PointerTo::new("queue", Column::QueueId, PartialRow::<Model>::queue_id);

impl Listed for Entity {
    type Node = Conversation;
    type FilterInput = ConversationFilter;
    type OrderInput = ConversationOrder;
    const NAME: &'static str = "Conversation";
    const DEFAULT_ORDER: Order<ConversationSort> = Order {
        field: ConversationSort::CreatedAt,
        descending: true,
    };
    const POINTERS: &'static [&'static dyn Pointer<Self>] = &[&CUSTOMER, &QUEUE];
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = ConversationChildren::ALL;
}

children! {
    ConversationChildren of Entity;

    /// Tickets whose messages are part of the conversation, newest first by default.
    tickets: ticket where parent: TicketParent::Conversation;

    /// Messages in the conversation, oldest first by default. Internal messages are included only for viewers
    /// with the grant `CUSTOMER_NOTES`.
    messages: message where parent: MessageParent::Conversation;
}

enum_leaves!(ConversationStatus of conversation::Status);

plain_fields!(
    Conversation, relations::of::<Entity>:
    id, name, channel, status, snoozed_until, tags, custom_fields, external_id, message_count,
    last_message_at, last_inbound_at, last_outbound_at, created_at, updated_at, version
);

/// A thread of messages with one customer. It can contain the messages of several tickets.
#[Object]
impl Conversation {
    /// Opaque id. Begins with `conv_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the conversation.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Customer of the conversation.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        CUSTOMER.get(ctx, &self.0).await
    }

    /// Short name of the conversation. A conversation that `ticketCreate` creates has the ticket's subject as
    /// its name. Null when none is set.
    async fn name(&self) -> Result<Option<&str>, NotRead> {
        self.0.name()
    }

    /// Channel over which the customer writes, as free text, such as `email`, `chat` or `sms`. A conversation
    /// that `ticketCreate` creates has the ticket's `source` as its channel.
    async fn channel(&self) -> Result<&str, NotRead> {
        self.0.channel()
    }

    /// Status of the conversation. Set by callers and imports. An inbound message of `messageAdd` that is not
    /// internal changes it to `OPEN`. So do the first message of `ticketCreate` and the end of a snooze.
    async fn status(&self) -> Result<ConversationStatus, NotRead> {
        self.0.status().map(Into::into)
    }

    /// Time when the conversation changes from `SNOOZED` to `OPEN`, in UTC. Null in any other status.
    async fn snoozed_until(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.snoozed_until()?.map(Into::into))
    }

    /// Agents to whom the conversation is assigned, in the order in which they were given.
    async fn assignees(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Agent>>> {
        let question = MembersOf::<AgentsOfConversation>::new(self.0.id());
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Agent).map(Compiled).collect())
    }

    /// Teams to which the conversation is assigned, in the order in which they were given. Empty for a
    /// customer, who sees no teams.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Team>>> {
        let question = MembersOf::<TeamsOfConversation>::new(self.0.id());
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Team).map(Compiled).collect())
    }

    /// Queue in which the conversation waits. Null when there is none, and for a customer, who sees no
    /// queues.
    async fn queue(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Queue>>> {
        QUEUE.find(ctx, &self.0).await
    }

    /// Tags of the conversation, each once, in the order in which they were given. Tags are case-sensitive.
    async fn tags(&self) -> Result<&[String], NotRead> {
        Ok(&self.0.tags()?.0)
    }

    /// Custom fields by key. Set by callers and imports. Empty when there are none.
    async fn custom_fields(&self) -> Result<JsonObject, NotRead> {
        Ok(JsonObject(self.0.custom_fields()?.0.clone()))
    }

    /// Id of the conversation in the caller's own system, unique in the workspace and case-sensitive. Null
    /// when none is set.
    async fn external_id(&self) -> Result<Option<&str>, NotRead> {
        self.0.external_id()
    }

    /// Ids of the same conversation in other systems, ordered by system and id. Set by imports and syncs.
    /// Empty when there are none.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id()).await
    }

    /// Lists of rows that point to the conversation.
    #[graphql(flatten)]
    async fn children(&self) -> ConversationChildren {
        ConversationChildren(self.0.id().into())
    }

    /// Number of messages in the conversation. Internal messages are not counted.
    async fn message_count(&self) -> Result<i32, NotRead> {
        self.0.message_count()
    }

    /// Time of the newest message in the conversation that is not internal, in UTC. Null when there is none.
    async fn last_message_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_message_at()?.map(Into::into))
    }

    /// Time of the newest inbound message in the conversation that is not internal, in UTC. Null when there
    /// is none.
    async fn last_inbound_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_inbound_at()?.map(Into::into))
    }

    /// Time of the newest outbound message in the conversation that is not internal, in UTC. Null when there
    /// is none.
    async fn last_outbound_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_outbound_at()?.map(Into::into))
    }

    /// Time when the conversation was created, in UTC. For imported data, the time from the source system if
    /// it has one.
    async fn created_at(&self) -> Result<DateTime, NotRead> {
        self.0.created_at().map(Into::into)
    }

    /// Time when a field of the conversation last changed, in UTC. A new message alone does not change it;
    /// see `lastMessageAt`.
    async fn updated_at(&self) -> Result<DateTime, NotRead> {
        self.0.updated_at().map(Into::into)
    }

    /// Version of the conversation. It starts at 1 and increases by 1 with each update that changes a field.
    /// Pass it as `ifVersion` to detect concurrent changes.
    async fn version(&self) -> Result<i32, NotRead> {
        self.0.version()
    }
}

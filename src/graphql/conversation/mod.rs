//! Conversations.

mod filter;
mod mutation;
mod query;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    conversation,
    conversation::{Column, Entity, Model},
};

pub use filter::{ConversationFilter, ConversationOrder};
pub use mutation::ConversationMutation;
pub use query::ConversationQuery;

use super::{
    agent::Agent,
    context::ContextExt,
    customer::{self, Customer},
    error::{Result, gone},
    external_reference::{self, ExternalReference},
    loaders::{ChildSlots, ConversationById, Loaders, MembersOf, QueueById},
    message::{MessageFilter, MessageOrder},
    output::{Compiled, enum_leaves, plain_fields},
    pagination::{Connection, Listed, PageArguments, children, node},
    queue::Queue,
    relations::{ChildList, Children, Pointer},
    scalars::{DateTime, JsonObject},
    team::Team,
    ticket::{TicketFilter, TicketOrder},
    workspace::{self, Workspace},
};
use crate::store::{
    conversation::ConversationSort,
    link::{AgentsOfConversation, TeamsOfConversation},
    message::MessageParent,
    ticket::TicketParent,
};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "conversation::Status")]
pub enum ConversationStatus {
    /// Goes on.
    Open,
    /// Sleeps until snoozedUntil; then, or when the customer writes, it opens.
    Snoozed,
    /// Over; an inbound message opens it again.
    Done,
}

/// A thread.
pub struct Conversation(pub Arc<Model>);

node!(Conversation(Model));

impl Listed for Entity {
    type Node = Conversation;
    const NAME: &'static str = "Conversation";
    const TAG: u8 = 3;
    const POINTERS: &'static [Pointer<Self>] = &[
        Pointer::to::<entity::customer::Entity>("customer", Column::CustomerId, |row: &Model| {
            Some(row.customer_id.into())
        }),
        Pointer::to::<entity::queue::Entity>("queue", Column::QueueId, |row: &Model| {
            row.queue_id.map(Into::into)
        }),
    ];
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[
        &Children::<entity::ticket::Entity, TicketFilter, TicketOrder>::of(
            "tickets",
            TicketParent::Conversation,
        ),
        &Children::<entity::message::Entity, MessageFilter, MessageOrder>::of(
            "messages",
            MessageParent::Conversation,
        ),
    ];

    fn sort_tag(sort: ConversationSort) -> u8 {
        match sort {
            ConversationSort::CreatedAt => 0,
            ConversationSort::UpdatedAt => 1,
            ConversationSort::LastMessageAt => 2,
        }
    }

    fn sorts_text(_: ConversationSort) -> bool {
        false
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.conversations
    }
}

enum_leaves!(ConversationStatus);

plain_fields!(
    Conversation, of Entity:
    id, name, channel, status, snoozed_until, tags, custom_fields, external_id, message_count,
    last_message_at, created_at, updated_at, version
);

/// A thread of messages with one customer.
#[Object]
impl Conversation {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the conversation belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// The customer it is with.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        customer::of(ctx, self.0.customer_id).await
    }

    /// Short name.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Free text, as Kustomer has it: email, chat, sms, widget, api, ...
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// Where it stands.
    async fn status(&self) -> ConversationStatus {
        self.0.status.into()
    }

    /// Until when it sleeps; null unless it is SNOOZED.
    async fn snoozed_until(&self) -> Option<DateTime> {
        self.0.snoozed_until.map(Into::into)
    }

    /// The agents who have it, in the order given.
    async fn assignees(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Agent>>> {
        let question = MembersOf::<AgentsOfConversation>::new(self.0.id);
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Agent).map(Compiled).collect())
    }

    /// The teams that have it, in the order given. Not shown to customers.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Team>>> {
        let question = MembersOf::<TeamsOfConversation>::new(self.0.id);
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Team).map(Compiled).collect())
    }

    /// Where it waits. Not shown to customers.
    async fn queue(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Queue>>> {
        let Some(id) = self.0.queue_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(QueueById(id)).await?.map(Queue).map(Compiled))
    }

    /// Labels, in the order given.
    async fn tags(&self) -> &[String] {
        &self.0.tags.0
    }

    /// Whatever the team keeps beside, by key.
    async fn custom_fields(&self) -> JsonObject {
        JsonObject(self.0.custom_fields.0.clone())
    }

    /// The caller's own id of this conversation; unique in the workspace.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// Where the same conversation lives in other systems; filled by imports.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id).await
    }

    /// The tickets whose messages are in it, newest first.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let page = PageArguments::forward(first, after);
        children(
            ctx,
            TicketParent::Conversation,
            self.0.id.into(),
            None::<TicketFilter>,
            None::<TicketOrder>,
            page,
        )
        .await
    }

    /// The messages in it.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages that fit.")] filter: Option<MessageFilter>,
        #[graphql(desc = "Default: CREATED_AT ASC.")] order_by: Option<MessageOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100. Cannot be combined with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
    ) -> Result<Connection<entity::message::Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset: None,
        };
        children(
            ctx,
            MessageParent::Conversation,
            self.0.id.into(),
            filter,
            order_by,
            page,
        )
        .await
    }

    /// How many messages it holds; internal ones do not count.
    async fn message_count(&self) -> i32 {
        self.0.message_count
    }

    /// When the newest message was written.
    async fn last_message_at(&self) -> Option<DateTime> {
        self.0.last_message_at.map(Into::into)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When a field of the conversation last changed. New messages do not count: see lastMessageAt.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Advanced by one with each change of a field.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// The conversation of a row that the viewer was given.
pub async fn of(ctx: &Context<'_>, id: entity::ConversationId) -> Result<Compiled<Conversation>> {
    let found = ctx.loaders().load(ConversationById(id)).await?;
    found
        .map(Conversation)
        .map(Compiled)
        .ok_or_else(|| gone("conversation"))
}

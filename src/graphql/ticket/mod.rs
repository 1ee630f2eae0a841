//! Tickets.

mod filter;
mod mutation;
mod query;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    ticket,
    ticket::{Column, Entity, Model},
};

pub use filter::{TicketFilter, TicketOrder};
pub use mutation::TicketMutation;
pub use query::TicketQuery;

use super::{
    agent::Agent,
    context::ContextExt,
    conversation::{self, Conversation},
    customer::{self, Customer},
    error::Result,
    external_reference::{self, ExternalReference},
    loaders::{self, AgentById, ChildSlots, Loaders, QueueById, TeamById, TicketById},
    message::{MessageFilter, MessageOrder},
    output::{Compiled, enum_leaves, plain_fields},
    pagination::{Connection, Listed, PageArguments, children, node},
    queue::Queue,
    relations::{ChildList, Children, Pointer},
    scalars::{DateTime, JsonObject},
    team::Team,
    workspace::{self, Workspace},
};
use crate::store::{
    ListQuery, Order, Page,
    message::MessageParent,
    ticket::{TicketParent, TicketSort},
};

/// Tickets that are listed as follow-ups of one.
const FOLLOW_UPS_MAX: u32 = 100;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ticket::Status")]
pub enum TicketStatus {
    /// Waits for an agent.
    Open,
    /// Waits for the customer; an inbound message opens it again.
    Pending,
    /// Answered; an inbound message opens it again.
    Solved,
    /// Done for good; an inbound message makes a follow-up ticket.
    Closed,
}

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ticket::Priority")]
pub enum Priority {
    /// Can wait.
    Low,
    /// The default.
    Medium,
    /// Before the others.
    High,
    /// Now.
    Urgent,
}

/// A case.
pub struct Ticket(pub Arc<Model>);

node!(Ticket(Model));

impl Listed for Entity {
    type Node = Ticket;
    const NAME: &'static str = "Ticket";
    const TAG: u8 = 2;
    const POINTERS: &'static [Pointer<Self>] = &[
        Pointer::to::<entity::customer::Entity>("customer", Column::CustomerId, |row: &Model| {
            Some(row.customer_id.into())
        }),
        Pointer::to::<entity::conversation::Entity>("conversation", Column::ConversationId, |row: &Model| {
            Some(row.conversation_id.into())
        }),
        Pointer::to::<entity::agent::Entity>("assignee", Column::AssignedTo, |row: &Model| {
            row.assigned_to.map(Into::into)
        }),
        Pointer::to::<entity::team::Entity>("team", Column::TeamId, |row: &Model| {
            row.team_id.map(Into::into)
        }),
        Pointer::to::<entity::queue::Entity>("queue", Column::QueueId, |row: &Model| {
            row.queue_id.map(Into::into)
        }),
    ];
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[&Children::<
        entity::message::Entity,
        MessageFilter,
        MessageOrder,
    >::of("messages", MessageParent::Ticket)];

    fn sort_tag(sort: TicketSort) -> u8 {
        match sort {
            TicketSort::CreatedAt => 0,
            TicketSort::UpdatedAt => 1,
            TicketSort::Priority => 2,
            TicketSort::Status => 3,
            TicketSort::LastMessageAt => 4,
        }
    }

    fn sorts_text(_: TicketSort) -> bool {
        false
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.tickets
    }
}

enum_leaves!(TicketStatus, Priority);

plain_fields!(
    Ticket, of Entity:
    id, subject, status, priority, customer_email, customer_name, source, assigned_to,
    custom_fields, resolution_type, tags, message_count, last_message_at, resolved_at, created_at,
    updated_at, version
);

/// A case: what one customer wants, until it is resolved.
#[Object]
impl Ticket {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the ticket belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// Who asks.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        customer::of(ctx, self.0.customer_id).await
    }

    /// The thread that the ticket's messages are in.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Compiled<Conversation>> {
        conversation::of(ctx, self.0.conversation_id).await
    }

    /// What it is about.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Where it stands.
    async fn status(&self) -> TicketStatus {
        self.0.status.into()
    }

    /// How urgent it is.
    async fn priority(&self) -> Priority {
        self.0.priority.into()
    }

    /// As given when the ticket was made; does not follow later changes of the customer.
    async fn customer_email(&self) -> &str {
        &self.0.customer_email
    }

    /// As given when the ticket was made, else the customer's name at that time; does not follow later changes.
    async fn customer_name(&self) -> Option<&str> {
        self.0.customer_name.as_deref()
    }

    /// Free text: api, email, widget, ...
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Id of the agent who has it.
    async fn assigned_to(&self) -> Option<ID> {
        self.0.assigned_to.map(Into::into)
    }

    /// The agent who has it.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Agent>>> {
        let Some(id) = self.0.assigned_to else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent).map(Compiled))
    }

    /// The team that has it. Not shown to customers.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Team>>> {
        let Some(id) = self.0.team_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(TeamById(id)).await?.map(Team).map(Compiled))
    }

    /// Where it waits. Not shown to customers.
    async fn queue(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Queue>>> {
        let Some(id) = self.0.queue_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(QueueById(id)).await?.map(Queue).map(Compiled))
    }

    /// Whatever the team keeps beside, by key.
    async fn custom_fields(&self) -> JsonObject {
        JsonObject(self.0.custom_fields.0.clone())
    }

    /// Where the same ticket lives in other systems; filled by imports.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id).await
    }

    /// How it was resolved, as free text.
    async fn resolution_type(&self) -> Option<&str> {
        self.0.resolution_type.as_deref()
    }

    /// Labels, in the order given.
    async fn tags(&self) -> &[String] {
        &self.0.tags.0
    }

    /// The messages written in the ticket.
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
            MessageParent::Ticket,
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

    /// When it last went from OPEN or PENDING to SOLVED or CLOSED; null again when reopened.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.resolved_at.map(Into::into)
    }

    /// The closed ticket that this one continues.
    async fn follow_up_of(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Ticket>>> {
        let Some(id) = self.0.follow_up_of_id else {
            return Ok(None);
        };
        Ok(ctx
            .loaders()
            .load(TicketById(id))
            .await?
            .map(Ticket)
            .map(Compiled))
    }

    /// The tickets that continue this one: the newest 100 of them, the newest first.
    async fn follow_ups(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Ticket>>> {
        let question =
            loaders::Children::<Entity>::new(TicketParent::Followed, self.0.id.into(), follow_ups());
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.rows.into_iter().map(Ticket).map(Compiled).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When a field of the ticket last changed. New messages do not count: see lastMessageAt.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// Advanced by one with each change of a field.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// The newest follow-ups of a ticket, the newest first.
fn follow_ups() -> Arc<ListQuery<Entity>> {
    Arc::new(ListQuery::<Entity> {
        workspace: None,
        filter: crate::store::ticket::TicketFilter::default(),
        order: Order {
            field: TicketSort::CreatedAt,
            descending: true,
        },
        page: Page {
            size: FOLLOW_UPS_MAX,
            from_end: false,
            after: None,
            before: None,
            offset: 0,
        },
    })
}

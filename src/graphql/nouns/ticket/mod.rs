//! Tickets.

mod filter;
mod mutation;
mod query;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    NotRead, PartialRow, ticket,
    ticket::{Column, Entity, Model},
};

pub use filter::{TicketFilter, TicketOrder};
pub use mutation::TicketMutation;
pub use query::TicketQuery;

use super::{
    agent::Agent,
    conversation::Conversation,
    customer::Customer,
    external_reference::{self, ExternalReference},
    queue::Queue,
    team::Team,
    workspace::{self, Workspace},
};
use crate::{
    graphql::{
        error::Result,
        listed::{ChildList, Listed, Pointer, node},
        output::{Compiled, enum_leaves, plain_fields},
        relations::{self, PointerTo, children},
        scalars::{DateTime, JsonObject},
    },
    store::{
        Order,
        message::MessageParent,
        ticket::{TicketParent, TicketSort},
    },
};

/// Status of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ticket::Status")]
pub enum TicketStatus {
    /// The ticket waits for an agent. New tickets have this status.
    Open,
    /// The ticket waits for the customer. An inbound message of `messageAdd` that is not internal sets it to
    /// `OPEN`.
    Pending,
    /// The request is answered. An inbound message of `messageAdd` that is not internal sets the ticket to
    /// `OPEN` and clears `resolvedAt`.
    Solved,
    /// The ticket is finished. An inbound message of `messageAdd` that is not internal does not reopen it,
    /// but goes to a follow-up ticket.
    Closed,
}

/// Priority of a ticket. Deskgraph uses it only to sort and filter tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ticket::Priority")]
pub enum Priority {
    /// Lowest priority. The ticket comes after all other tickets.
    Low,
    /// Normal priority, and the default for new tickets.
    Medium,
    /// The ticket comes before `MEDIUM` and `LOW` tickets.
    High,
    /// Highest priority. The ticket comes before all other tickets.
    Urgent,
}

/// A ticket, as the API shows it.
pub struct Ticket(pub PartialRow<Model>);

node!(Ticket(Model));

const CUSTOMER: PointerTo<Entity, entity::customer::Entity> =
    PointerTo::new("customer", Column::CustomerId, |row: &PartialRow<Model>| {
        row.customer_id().map(Some)
    });
const CONVERSATION: PointerTo<Entity, entity::conversation::Entity> = PointerTo::new(
    "conversation",
    Column::ConversationId,
    |row: &PartialRow<Model>| row.conversation_id().map(Some),
);
const ASSIGNEE: PointerTo<Entity, entity::agent::Entity> =
    PointerTo::new("assignee", Column::AssignedTo, PartialRow::<Model>::assigned_to);
const TEAM: PointerTo<Entity, entity::team::Entity> =
    PointerTo::new("team", Column::TeamId, PartialRow::<Model>::team_id);
const QUEUE: PointerTo<Entity, entity::queue::Entity> =
    PointerTo::new("queue", Column::QueueId, PartialRow::<Model>::queue_id);
const FOLLOW_UP_OF: PointerTo<Entity, Entity> = PointerTo::new(
    "followUpOf",
    Column::FollowUpOfId,
    PartialRow::<Model>::follow_up_of_id,
);

impl Listed for Entity {
    type Node = Ticket;
    type FilterInput = TicketFilter;
    type OrderInput = TicketOrder;
    const NAME: &'static str = "Ticket";
    const DEFAULT_ORDER: Order<TicketSort> = Order {
        field: TicketSort::CreatedAt,
        descending: true,
    };
    const POINTERS: &'static [&'static dyn Pointer<Self>] =
        &[&CUSTOMER, &CONVERSATION, &ASSIGNEE, &TEAM, &QUEUE, &FOLLOW_UP_OF];
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = TicketChildren::ALL;
}

children! {
    TicketChildren of Entity;

    /// Messages that were written in the ticket, oldest first by default. Internal messages are included only
    /// for viewers with the grant `CUSTOMER_NOTES`.
    messages: message where parent: MessageParent::Ticket;

    /// Tickets that continue this ticket, newest first by default.
    follow_ups: ticket where parent: TicketParent::Followed;
}

enum_leaves!(TicketStatus of ticket::Status, Priority of ticket::Priority);

plain_fields!(
    Ticket, relations::of::<Entity>:
    id, subject, status, priority, customer_email, customer_name, source, assigned_to,
    custom_fields, resolution_type, tags, message_count, last_message_at, last_inbound_at,
    last_outbound_at, first_response_at, reopened_count, resolved_at, created_at,
    updated_at, version
);

/// A request of one customer that is tracked until it is resolved.
#[Object]
impl Ticket {
    /// Opaque id. Begins with `tkt_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the ticket.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Customer who made the request.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Compiled<Customer>> {
        CUSTOMER.get(ctx, &self.0).await
    }

    /// Conversation that contains the messages of the ticket.
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Compiled<Conversation>> {
        CONVERSATION.get(ctx, &self.0).await
    }

    /// Subject of the request.
    async fn subject(&self) -> Result<&str, NotRead> {
        self.0.subject()
    }

    /// Status of the ticket. Set by callers and imports. An inbound message of `messageAdd` that is not
    /// internal changes `PENDING` and `SOLVED` to `OPEN`.
    async fn status(&self) -> Result<TicketStatus, NotRead> {
        self.0.status().map(Into::into)
    }

    /// Priority of the ticket. Without a priority in `ticketCreate`, it is the customer's `priorityOverride`,
    /// or else `MEDIUM`.
    async fn priority(&self) -> Result<Priority, NotRead> {
        self.0.priority().map(Into::into)
    }

    /// Email address of the customer, as given when the ticket was created. Later changes of the customer do
    /// not change it.
    async fn customer_email(&self) -> Result<&str, NotRead> {
        self.0.customer_email()
    }

    /// Name of the customer, as given when the ticket was created; when none was given, the name that the
    /// customer had then. Later changes of the customer do not change it. Null when there was no name.
    async fn customer_name(&self) -> Result<Option<&str>, NotRead> {
        self.0.customer_name()
    }

    /// Origin of the ticket as free text, such as `api`, `email` or `widget`.
    async fn source(&self) -> Result<&str, NotRead> {
        self.0.source()
    }

    /// Id of the agent to whom the ticket is assigned. Null when there is none.
    async fn assigned_to(&self) -> Result<Option<ID>, NotRead> {
        Ok(self.0.assigned_to()?.map(Into::into))
    }

    /// Agent to whom the ticket is assigned. Null when there is none.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Agent>>> {
        ASSIGNEE.find(ctx, &self.0).await
    }

    /// Team to which the ticket is assigned. Null when there is none, and for a customer, who sees no teams.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Team>>> {
        TEAM.find(ctx, &self.0).await
    }

    /// Queue in which the ticket waits. Null when there is none, and for a customer, who sees no queues.
    async fn queue(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Queue>>> {
        QUEUE.find(ctx, &self.0).await
    }

    /// Custom fields by key. Set by callers and imports. Empty when there are none.
    async fn custom_fields(&self) -> Result<JsonObject, NotRead> {
        Ok(JsonObject(self.0.custom_fields()?.0.clone()))
    }

    /// Ids of the same ticket in other systems, ordered by system and id. Set by imports and syncs. Empty
    /// when there are none.
    async fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external_reference::of(ctx, self.0.id()).await
    }

    /// How the ticket was resolved, as free text. Null when none is set.
    async fn resolution_type(&self) -> Result<Option<&str>, NotRead> {
        self.0.resolution_type()
    }

    /// Tags of the ticket, each once, in the order in which they were given. Tags are case-sensitive.
    async fn tags(&self) -> Result<&[String], NotRead> {
        Ok(&self.0.tags()?.0)
    }

    /// Lists of rows that point to the ticket.
    #[graphql(flatten)]
    async fn children(&self) -> TicketChildren {
        TicketChildren(self.0.id().into())
    }

    /// Number of messages in the ticket. Internal messages are not counted.
    async fn message_count(&self) -> Result<i32, NotRead> {
        self.0.message_count()
    }

    /// Time of the newest message in the ticket that is not internal, in UTC. Null when there is none.
    async fn last_message_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_message_at()?.map(Into::into))
    }

    /// Time of the newest inbound message in the ticket that is not internal, in UTC. Null when there is none.
    async fn last_inbound_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_inbound_at()?.map(Into::into))
    }

    /// Time of the newest outbound message in the ticket that is not internal, in UTC. Null when there is none.
    async fn last_outbound_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.last_outbound_at()?.map(Into::into))
    }

    /// Time of the first outbound message in the ticket that is not internal, in UTC. Null while there is none.
    async fn first_response_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.first_response_at()?.map(Into::into))
    }

    /// Number of times the ticket changed from `SOLVED` or `CLOSED` to `OPEN` or `PENDING`.
    async fn reopened_count(&self) -> Result<i32, NotRead> {
        self.0.reopened_count()
    }

    /// Time when the ticket last changed from `OPEN` or `PENDING` to `SOLVED` or `CLOSED`, in UTC. Null while
    /// it is `OPEN` or `PENDING`. For an imported ticket, the time from the source system, or else the time
    /// of its last change or of its creation there.
    async fn resolved_at(&self) -> Result<Option<DateTime>, NotRead> {
        Ok(self.0.resolved_at()?.map(Into::into))
    }

    /// Closed ticket that this ticket continues. Null when this ticket is not a follow-up.
    async fn follow_up_of(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Ticket>>> {
        FOLLOW_UP_OF.find(ctx, &self.0).await
    }

    /// Time when the ticket was created, in UTC. For imported data, the time from the source system if it has
    /// one.
    async fn created_at(&self) -> Result<DateTime, NotRead> {
        self.0.created_at().map(Into::into)
    }

    /// Time when a field of the ticket last changed, in UTC. A new message alone does not change it; see
    /// `lastMessageAt`.
    async fn updated_at(&self) -> Result<DateTime, NotRead> {
        self.0.updated_at().map(Into::into)
    }

    /// Version of the ticket. It starts at 1 and increases by 1 with each update that changes a field. Pass
    /// it as `ifVersion` to detect concurrent changes.
    async fn version(&self) -> Result<i32, NotRead> {
        self.0.version()
    }
}

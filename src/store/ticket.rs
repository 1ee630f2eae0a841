//! Rows of tickets.

use entity::{
    AgentId, ConversationId, CustomerId, QueueId, TeamId, TicketId, customer,
    ticket::{Column, Entity, Model, Priority, Status},
    ticket_activity,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Order},
};

use super::{
    StoreError, activity,
    connect::WriteTransaction,
    customer::CustomerFilter,
    dialect::Dialect,
    filter::{
        FieldFilter, TagsFilter,
        TextColumn::{Folded, Plain},
        TextFilter, TimeFilter, beside, conditions, fields, of_staff, one_of, tags, text, time, whether,
    },
    hold,
    noun::{Filtered, Side, noun},
    scope,
    sort::sorts,
    write,
};
use crate::auth::Scope;

pub use super::activity::{change, update};

conditions! {
    /// Filter for tickets. All conditions must hold.
    TicketFilter with logic {
        id: Vec<TicketId> => one_of(Column::Id),
        status: Vec<Status> => one_of(Column::Status),
        priority: Vec<Priority> => one_of(Column::Priority),
        subject: TextFilter => text(Folded(Column::SubjectKey)),
        customer_id: Vec<CustomerId> => one_of(Column::CustomerId),
        team_id: Vec<TeamId> => of_staff(one_of(Column::TeamId)),
        queue_id: Vec<QueueId> => of_staff(one_of(Column::QueueId)),
        custom_fields: Vec<FieldFilter> => fields(Column::CustomFields),
        /// Condition on the email address given at creation.
        customer_email: TextFilter => text(Plain(Column::CustomerEmail)),
        assigned_to: Vec<AgentId> => one_of(Column::AssignedTo),
        /// Whether the ticket is assigned to an agent.
        is_assigned: bool => |wanted: &bool, _, _| is_assigned(*wanted),
        source: TextFilter => text(Plain(Column::Source)),
        resolution_type: TextFilter => text(Plain(Column::ResolutionType)),
        tags: TagsFilter => tags(Column::Tags),
        created_at: TimeFilter => time(Column::CreatedAt),
        updated_at: TimeFilter => time(Column::UpdatedAt),
        resolved_at: TimeFilter => time(Column::ResolvedAt),
        last_message_at: TimeFilter => active(time(ticket_activity::Column::LastMessageAt)),
        last_inbound_at: TimeFilter => active(time(ticket_activity::Column::LastInboundAt)),
        last_outbound_at: TimeFilter => active(time(ticket_activity::Column::LastOutboundAt)),
        /// Whether an inbound message is later than every outbound message.
        is_awaiting_reply: bool => whether(active(|_, _, _| is_awaiting_reply())),
        customer: CustomerFilter => of_customers(Column::CustomerId),
    }
}

sorts!(
    TicketSort of Model => {
        CreatedAt = 0 by created_at,
        UpdatedAt = 1 by updated_at,
        /// Priority, from low to urgent.
        Priority = 2 by priority,
        /// Status, from open to closed.
        Status = 3 by status,
        LastMessageAt = 4 by last_message_at,
    }
);

noun!(ticket: Model, TicketId, TicketSort, |row| TicketParent {
    Customer = CustomerId => Some(row.customer_id()?.0),
    Conversation = ConversationId => Some(row.conversation_id()?.0),
    Agent = AssignedTo => row.assigned_to()?.map(|id| id.0),
    Queue = QueueId => row.queue_id()?.map(|id| id.0),
    /// Follow-up tickets of a ticket.
    Followed = FollowUpOfId => row.follow_up_of_id()?.map(|id| id.0),
});

impl Filtered for Entity {
    type Filter = TicketFilter;

    const SIDE: Option<Side> = Some(Side {
        table: "ticket_activity",
        columns: &[
            "message_count",
            "last_message_at",
            "last_inbound_at",
            "last_outbound_at",
            "first_response_at",
        ],
    });

    fn names_ids(filter: &TicketFilter) -> bool {
        filter.logic.tells(filter.id.is_some(), Self::names_ids)
    }

    fn fitting(filter: &TicketFilter, scope: &Scope, dialect: Dialect) -> Condition {
        filter.fitting(scope, dialect)
    }
}

/// Condition on the activity of a ticket.
fn active<T>(fits: impl Fn(&T, &Scope, Dialect) -> Condition) -> impl Fn(&T, &Scope, Dialect) -> Expr {
    beside::<ticket_activity::Entity, T>(Column::Id, ticket_activity::Column::Id, fits)
}

/// Condition on the activity of a ticket with which the customer waits for a reply.
fn is_awaiting_reply() -> Condition {
    let (inbound, outbound) = (
        ticket_activity::Column::LastInboundAt,
        ticket_activity::Column::LastOutboundAt,
    );
    let column = |column: ticket_activity::Column| Expr::col((column.entity_name(), column));
    Condition::all().add(inbound.is_not_null()).add(
        Condition::any()
            .add(outbound.is_null())
            .add(column(inbound).gt(column(outbound))),
    )
}

/// Inserts new tickets with their activity.
pub async fn insert_many(writing: &WriteTransaction, rows: Vec<Model>) -> Result<(), StoreError> {
    activity::insert(writing, &rows).await?;
    write::insert_new(writing, rows).await
}

/// Condition: the ticket is assigned to an agent, or not.
fn is_assigned(wanted: bool) -> Expr {
    if wanted {
        Column::AssignedTo.is_not_null()
    } else {
        Column::AssignedTo.is_null()
    }
}

/// Condition: the customer of the row matches a filter and is visible.
pub fn of_customers(column: impl ColumnTrait) -> impl Fn(&CustomerFilter, &Scope, Dialect) -> Expr {
    move |filter, scope, dialect| {
        let fitting = customer::Entity::find()
            .select_only()
            .column(customer::Column::Id)
            .filter(scope::customer(scope))
            .filter(<customer::Entity as Filtered>::fitting(filter, scope, dialect))
            .into_query();
        Expr::col((column.entity_name(), column)).in_subquery(fitting)
    }
}

/// Returns the newest ticket of a conversation of the scope that is not closed, and locks its row until the
/// transaction ends.
pub async fn find_newest_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    conversation: ConversationId,
) -> Result<Option<Model>, StoreError> {
    let mut select = hold::rows_to_change::<Entity>();
    select
        .and_where(Column::ConversationId.eq(conversation))
        .and_where(Column::Status.ne(Status::Closed))
        .cond_where(scope::ticket(scope))
        .order_by((Entity, Column::CreatedAt), Order::Desc)
        .order_by((Entity, Column::Id), Order::Desc)
        .limit(1);
    Ok(hold::read_all::<Entity>(writing, &select).await?.pop())
}

/// Returns the newest ticket of a conversation of the scope whose tickets are all closed.
pub async fn find_newest_closed(
    writing: &WriteTransaction,
    scope: &Scope,
    conversation: ConversationId,
) -> Result<Option<TicketId>, StoreError> {
    let select = newest_ids(scope).filter(Column::ConversationId.eq(conversation));
    Ok(select.into_tuple().one(writing.connection()).await?)
}

/// Maximum length of a chain of follow-ups.
const CHAIN: usize = 20;
/// Maximum number of follow-ups of one ticket that are checked, newest first.
const CHILDREN: u64 = 100;

/// Returns the newest ticket that is not closed and continues a ticket of the scope, directly or through
/// closed follow-ups.
pub async fn find_follow_up(
    writing: &WriteTransaction,
    scope: &Scope,
    of: TicketId,
) -> Result<Option<TicketId>, StoreError> {
    let mut of = of;
    for _ in 0..CHAIN {
        let continued = newest_ids(scope)
            .column(Column::Status)
            .filter(Column::FollowUpOfId.eq(of))
            .limit(CHILDREN);
        let found: Vec<(TicketId, Status)> = continued.into_tuple().all(writing.connection()).await?;
        if let Some((open, _)) = found.iter().find(|(_, status)| *status != Status::Closed) {
            return Ok(Some(*open));
        }
        match found.first() {
            Some((closed, _)) => of = *closed,
            None => return Ok(None),
        }
    }
    Ok(None)
}

fn newest_ids(scope: &Scope) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(scope::ticket(scope))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
}

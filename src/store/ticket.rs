//! Rows of tickets.

use entity::{
    AgentId, ConversationId, CustomerId, QueueId, TeamId, TicketId, customer,
    ticket::{Column, Entity, Model, Priority, Status},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, LockType},
};

use super::{
    Noun, StoreError,
    connect::WriteTransaction,
    customer::CustomerFilter,
    dialect::Dialect,
    filter::{self, FieldFilter, Logic, TagsFilter, TextColumn, TextFilter, TimeFilter},
    scope,
    sort::sorts,
};
use crate::auth::Scope;

pub use super::write::{change, insert_new as insert_many, update};

/// Filter for tickets. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    pub logic: Logic<TicketFilter>,
    pub id: Option<Vec<TicketId>>,
    pub status: Option<Vec<Status>>,
    pub priority: Option<Vec<Priority>>,
    pub subject: Option<TextFilter>,
    pub customer_id: Option<Vec<CustomerId>>,
    /// Condition on the email address given at creation.
    pub customer_email: Option<TextFilter>,
    pub assigned_to: Option<Vec<AgentId>>,
    /// Whether the ticket is assigned to an agent.
    pub is_assigned: Option<bool>,
    pub team_id: Option<Vec<TeamId>>,
    pub queue_id: Option<Vec<QueueId>>,
    pub custom_fields: Vec<FieldFilter>,
    pub source: Option<TextFilter>,
    pub resolution_type: Option<TextFilter>,
    pub tags: Option<TagsFilter>,
    pub created_at: Option<TimeFilter>,
    pub updated_at: Option<TimeFilter>,
    pub resolved_at: Option<TimeFilter>,
    pub last_message_at: Option<TimeFilter>,
    pub customer: Option<CustomerFilter>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TicketParent {
    Customer,
    Conversation,
    Agent,
    Queue,
    /// Follow-up tickets of a ticket.
    Followed,
}

impl Noun for Entity {
    type Row = Model;
    type Id = TicketId;
    type Filter = TicketFilter;
    type Sort = TicketSort;
    type Parent = TicketParent;

    fn id_column() -> Column {
        Column::Id
    }

    fn workspace_column() -> Column {
        Column::WorkspaceId
    }

    fn parent_column(parent: TicketParent) -> Column {
        match parent {
            TicketParent::Customer => Column::CustomerId,
            TicketParent::Conversation => Column::ConversationId,
            TicketParent::Agent => Column::AssignedTo,
            TicketParent::Queue => Column::QueueId,
            TicketParent::Followed => Column::FollowUpOfId,
        }
    }

    fn within(scope: &Scope) -> Condition {
        scope::ticket(scope)
    }

    fn names_ids(filter: &TicketFilter) -> bool {
        filter.logic.tells(filter.id.is_some(), Self::names_ids)
    }

    fn fitting(filter: &TicketFilter, scope: &Scope, dialect: Dialect) -> Condition {
        // Customers do not see teams and queues, so for them no ticket has one.
        let of_staff = |condition: Expr| match scope.customer {
            Some(_) => Expr::value(false),
            None => condition,
        };
        let own = Condition::all()
            .add_option(filter::one_of(Column::Id, filter.id.as_ref()))
            .add_option(filter::one_of(Column::Status, filter.status.as_ref()))
            .add_option(filter::one_of(Column::Priority, filter.priority.as_ref()))
            .add_option(TextColumn::Folded(Column::SubjectKey).fits(filter.subject.as_ref(), dialect))
            .add_option(filter::one_of(Column::CustomerId, filter.customer_id.as_ref()))
            .add_option(filter::one_of(Column::TeamId, filter.team_id.as_ref()).map(of_staff))
            .add_option(filter::one_of(Column::QueueId, filter.queue_id.as_ref()).map(of_staff))
            .add_option(filter::fields(
                Column::CustomFields,
                &filter.custom_fields,
                dialect,
            ))
            .add_option(
                TextColumn::Plain(Column::CustomerEmail).fits(filter.customer_email.as_ref(), dialect),
            )
            .add_option(filter::one_of(Column::AssignedTo, filter.assigned_to.as_ref()))
            .add_option(filter.is_assigned.map(|wanted| {
                if wanted {
                    Column::AssignedTo.is_not_null()
                } else {
                    Column::AssignedTo.is_null()
                }
            }))
            .add_option(TextColumn::Plain(Column::Source).fits(filter.source.as_ref(), dialect))
            .add_option(
                TextColumn::Plain(Column::ResolutionType).fits(filter.resolution_type.as_ref(), dialect),
            )
            .add_option(filter::tags(Column::Tags, filter.tags.as_ref(), dialect))
            .add_option(filter::time(Column::CreatedAt, filter.created_at.as_ref()))
            .add_option(filter::time(Column::UpdatedAt, filter.updated_at.as_ref()))
            .add_option(filter::time(Column::ResolvedAt, filter.resolved_at.as_ref()))
            .add_option(filter::time(
                Column::LastMessageAt,
                filter.last_message_at.as_ref(),
            ))
            .add_option(
                filter
                    .customer
                    .as_ref()
                    .map(|customer| of_customers(Column::CustomerId, customer, scope, dialect)),
            );
        filter
            .logic
            .join(own, |nested| Self::fitting(nested, scope, dialect))
    }

    fn id(row: &Model) -> TicketId {
        row.id
    }

    fn parent_of(row: &Model, parent: TicketParent) -> Option<Uuid> {
        match parent {
            TicketParent::Customer => Some(row.customer_id.0),
            TicketParent::Conversation => Some(row.conversation_id.0),
            TicketParent::Agent => row.assigned_to.map(|id| id.0),
            TicketParent::Queue => row.queue_id.map(|id| id.0),
            TicketParent::Followed => row.follow_up_of_id.map(|id| id.0),
        }
    }
}

/// Condition: the customer of the row matches a filter and is visible.
pub fn of_customers(
    column: impl ColumnTrait,
    filter: &CustomerFilter,
    scope: &Scope,
    dialect: Dialect,
) -> Expr {
    let fitting = customer::Entity::find()
        .select_only()
        .column(customer::Column::Id)
        .filter(scope::customer(scope))
        .filter(<customer::Entity as Noun>::fitting(filter, scope, dialect))
        .into_query();
    Expr::col((column.entity_name(), column)).in_subquery(fitting)
}

/// Returns the newest ticket of a conversation of the scope that is not closed, and locks its row until the
/// transaction ends.
pub async fn find_newest_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    conversation: ConversationId,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Status.ne(Status::Closed))
        .filter(scope::ticket(scope))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
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

//! The only place that translates the scope of a viewer into SQL.

use entity::{agent, conversation, conversation_agent, customer, message, queue, team, ticket, workspace};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr},
};

use crate::auth::Scope;

/// Wraps a condition on rows that are found in another way, such as by id, so that the database only checks
/// it. A plain condition can use an index. With statistics of many small workspaces, the database would
/// assume that each is small and read a whole workspace to exclude rows that the query does not return
/// anyway.
pub fn only_checked(condition: Condition) -> Condition {
    let is_met = CaseStatement::new()
        .case(condition, Expr::cust("TRUE"))
        .finally(Expr::cust("FALSE"));
    Condition::all().add(Expr::Case(Box::new(is_met)))
}

/// Condition: the row is in a workspace of the viewer.
fn workspaces(column: impl ColumnTrait, scope: &Scope) -> Condition {
    let rows = match *scope.workspaces {
        [only] => column.eq(only),
        ref several => column.is_in(several.iter().copied()),
    };
    Condition::all().add(rows)
}

/// Condition: the row is in a workspace of the viewer and, for a customer, belongs to that customer.
fn owned(workspace: impl ColumnTrait, customer: impl ColumnTrait, scope: &Scope) -> Condition {
    workspaces(workspace, scope).add_option(scope.customer.map(|id| customer.eq(id)))
}

pub fn workspace(scope: &Scope) -> Condition {
    workspaces(workspace::Column::Id, scope)
}

/// Condition for the visible customers. A customer sees only itself.
pub fn customer(scope: &Scope) -> Condition {
    owned(customer::Column::WorkspaceId, customer::Column::Id, scope)
}

/// Nouns whose rows belong to one customer.
macro_rules! of_customers {
    ($($noun:ident),+) => {
        $(pub fn $noun(scope: &Scope) -> Condition {
            owned(entity::$noun::Column::WorkspaceId, entity::$noun::Column::CustomerId, scope)
        })+
    };
}

of_customers!(conversation, ticket);

/// Condition for the visible messages. Internal notes require the grant for notes.
pub fn message(scope: &Scope) -> Condition {
    owned(message::Column::WorkspaceId, message::Column::CustomerId, scope)
        .add_option(public(message::Column::Internal, scope))
}

/// Condition that excludes internal notes if the scope does not include them.
pub fn public(internal: impl ColumnTrait, scope: &Scope) -> Option<Expr> {
    (!scope.notes).then(|| internal.eq(false))
}

/// Condition for the visible agents. A customer sees agents that have its tickets or conversations, or that
/// wrote to it.
pub fn agent(scope: &Scope) -> Condition {
    let seen = workspaces(agent::Column::WorkspaceId, scope);
    let Some(id) = scope.customer else { return seen };
    let assigned = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::AssignedTo)
        .filter(ticket::Column::CustomerId.eq(id))
        .filter(ticket::Column::AssignedTo.is_not_null())
        .into_query();
    let wrote = message::Entity::find()
        .select_only()
        .column(message::Column::SenderAgentId)
        .filter(message::Column::CustomerId.eq(id))
        .filter(message::Column::SenderAgentId.is_not_null())
        .filter(Condition::all().add_option(public(message::Column::Internal, scope)))
        .into_query();
    let own = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::Column::CustomerId.eq(id))
        .into_query();
    let follows = conversation_agent::Entity::find()
        .select_only()
        .column(conversation_agent::Column::AgentId)
        .filter(conversation_agent::Column::ConversationId.in_subquery(own))
        .into_query();
    seen.add(
        Condition::any()
            .add(agent::Column::Id.in_subquery(assigned))
            .add(agent::Column::Id.in_subquery(follows))
            .add(agent::Column::Id.in_subquery(wrote)),
    )
}

/// Condition for rows that only staff can see. Customers do not see how the work is distributed.
fn of_staff(workspace: impl ColumnTrait, scope: &Scope) -> Condition {
    workspaces(workspace, scope).add_option(scope.customer.map(|_| Expr::value(false)))
}

pub fn team(scope: &Scope) -> Condition {
    of_staff(team::Column::WorkspaceId, scope)
}

pub fn queue(scope: &Scope) -> Condition {
    of_staff(queue::Column::WorkspaceId, scope)
}

//! The one place where a viewer's scope becomes SQL.

use entity::{agent, conversation, conversation_agent, customer, message, queue, team, ticket, workspace};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr},
};

use crate::auth::Scope;

/// The same condition for rows that are found in another way, as by their ids: they are looked at, and nothing else. As a
/// plain condition it has an index, and a database that knows of many small workspaces takes each for small: it would
/// read a whole workspace to keep rows away that nobody asked for.
pub fn only_checked(condition: Condition) -> Condition {
    let is_met = CaseStatement::new()
        .case(condition, Expr::cust("TRUE"))
        .finally(Expr::cust("FALSE"));
    Condition::all().add(Expr::Case(Box::new(is_met)))
}

/// Rows of the viewer's workspaces.
fn workspaces(column: impl ColumnTrait, scope: &Scope) -> Condition {
    let rows = match *scope.workspaces {
        [only] => column.eq(only),
        ref several => column.is_in(several.iter().copied()),
    };
    Condition::all().add(rows)
}

/// Rows of the viewer's workspaces and, for a customer, of that customer.
fn owned(workspace: impl ColumnTrait, customer: impl ColumnTrait, scope: &Scope) -> Condition {
    workspaces(workspace, scope).add_option(scope.customer.map(|id| customer.eq(id)))
}

/// Workspaces that are seen.
pub fn workspace(scope: &Scope) -> Condition {
    workspaces(workspace::Column::Id, scope)
}

/// Customers that are seen: a customer sees itself.
pub fn customer(scope: &Scope) -> Condition {
    owned(customer::Column::WorkspaceId, customer::Column::Id, scope)
}

/// Tickets that are seen.
pub fn ticket(scope: &Scope) -> Condition {
    owned(ticket::Column::WorkspaceId, ticket::Column::CustomerId, scope)
}

/// Conversations that are seen.
pub fn conversation(scope: &Scope) -> Condition {
    owned(
        conversation::Column::WorkspaceId,
        conversation::Column::CustomerId,
        scope,
    )
}

/// Messages that are seen: internal ones need the grant for notes.
pub fn message(scope: &Scope) -> Condition {
    owned(message::Column::WorkspaceId, message::Column::CustomerId, scope)
        .add_option(public(message::Column::Internal, scope))
}

/// Leaves internal messages out where the scope does not hold them.
pub fn public(internal: impl ColumnTrait, scope: &Scope) -> Option<Expr> {
    (!scope.notes).then(|| internal.eq(false))
}

/// Agents that are seen: a customer sees those who have its tickets or its conversations, or wrote to it.
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
        .filter(message::Column::Internal.eq(false))
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

/// Rows that only those who answer see: how the work is shared out is not the customers' concern.
fn of_staff(workspace: impl ColumnTrait, scope: &Scope) -> Condition {
    workspaces(workspace, scope).add_option(scope.customer.map(|_| Expr::value(false)))
}

/// Teams that are seen.
pub fn team(scope: &Scope) -> Condition {
    of_staff(team::Column::WorkspaceId, scope)
}

/// Queues that are seen.
pub fn queue(scope: &Scope) -> Condition {
    of_staff(queue::Column::WorkspaceId, scope)
}

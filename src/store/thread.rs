//! What a message is written into, read and held in one statement.

use entity::{AgentId, ConversationId, TicketId, agent, conversation, customer, ticket};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityName, QueryResult,
    sea_query::{Expr, ExprTrait, JoinType, LockType, SelectStatement, TableRef},
};

use super::{Columns, Noun, StoreError, beside::join, columns::Cells, connect::Writing, list};
use crate::auth::Scope;

/// A thread, held against other writers until the transaction ends.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The ticket, when it was looked for by one.
    pub ticket: Option<ticket::Model>,
    /// Its conversation.
    pub conversation: conversation::Model,
    /// With whom.
    pub customer: customer::Model,
    /// The agent of the workspace who has the address that was given.
    pub agent: Option<AgentId>,
}

/// The thread of a ticket of the scope, and the agent with an address, folded.
pub async fn find_by_ticket_to_change(
    writing: &Writing,
    scope: &Scope,
    id: TicketId,
    agent: Option<&str>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = list::rows::<ticket::Entity>(Columns::ALL);
    select
        .and_where(ticket::Column::Id.eq(id))
        .cond_where(ticket::Entity::within(scope));
    let pointer = ticket::Column::ConversationId;
    join::<conversation::Entity>(&mut select, JoinType::InnerJoin, pointer, Columns::ALL, scope);
    let held = [ticket::Entity.table_ref()];
    let Some(row) = find(writing, scope, select, held, agent).await? else {
        return Ok(None);
    };
    let mut cells = Cells::of(&row, Columns::ALL);
    let ticket = ticket::Entity::read(&mut cells)?;
    read(cells.of_next(Columns::ALL), Some(ticket)).map(Some)
}

/// The thread of a conversation of the scope, and the agent with an address, folded.
pub async fn find_by_conversation_to_change(
    writing: &Writing,
    scope: &Scope,
    id: ConversationId,
    agent: Option<&str>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = list::rows::<conversation::Entity>(Columns::ALL);
    select
        .and_where(conversation::Column::Id.eq(id))
        .cond_where(conversation::Entity::within(scope));
    let row = find(writing, scope, select, [], agent).await?;
    row.map(|row| read(Cells::of(&row, Columns::ALL), None))
        .transpose()
}

/// With the customer of the conversation, and the agent. Rows are held in the order in which all writers hold them:
/// ticket, conversation, customer.
async fn find(
    writing: &Writing,
    scope: &Scope,
    mut select: SelectStatement,
    held: impl IntoIterator<Item = TableRef>,
    agent: Option<&str>,
) -> Result<Option<QueryResult>, StoreError> {
    let pointer = conversation::Column::CustomerId;
    join::<customer::Entity>(&mut select, JoinType::InnerJoin, pointer, Columns::ALL, scope);
    let workspace = Expr::col((agent::Entity, agent::Column::WorkspaceId));
    let has = Condition::all()
        .add(workspace.equals((conversation::Entity, conversation::Column::WorkspaceId)))
        .add(agent::Column::EmailKey.eq(agent));
    select
        .join(JoinType::LeftJoin, agent::Entity.table_ref(), has)
        .column((agent::Entity, agent::Column::Id))
        .lock_with_tables(
            LockType::NoKeyUpdate,
            held.into_iter()
                .chain([conversation::Entity.table_ref(), customer::Entity.table_ref()]),
        );
    let statement = writing.dialect().backend().build(&select);
    Ok(writing.connection().query_one_raw(statement).await?)
}

fn read(mut cells: Cells<'_>, ticket: Option<ticket::Model>) -> Result<Thread, StoreError> {
    let conversation = conversation::Entity::read(&mut cells)?;
    let mut cells = cells.of_next(Columns::ALL);
    let customer = customer::Entity::read(&mut cells)?;
    Ok(Thread {
        ticket,
        conversation,
        customer,
        agent: cells.of_next(Columns::ALL).id()?.map(AgentId),
    })
}

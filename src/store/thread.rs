//! What a message is written into, read and held in one statement.

use entity::{AgentId, ConversationId, TicketId, agent, conversation, customer, ticket};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityName, QueryResult,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, JoinType, LockType, SelectStatement, TableRef},
};

use super::{
    Columns, Noun, StoreError, beside::join, columns::Cells, connect::Writing, list,
    scores::newest_is_unscored,
};
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
    /// Its newest inbound message has no score, as texts in other languages than English have none; false when this was
    /// not asked for.
    pub is_foreign: bool,
}

/// What is read beside a thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The agent with this address, folded.
    pub agent: Option<&'a str>,
    /// Whether the newest inbound message has a score.
    pub language: bool,
}

/// The thread of a ticket of the scope.
pub async fn find_by_ticket_to_change(
    writing: &Writing,
    scope: &Scope,
    id: TicketId,
    asked: Asked<'_>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = list::rows::<ticket::Entity>(Columns::ALL);
    select
        .and_where(ticket::Column::Id.eq(id))
        .cond_where(ticket::Entity::within(scope));
    let pointer = ticket::Column::ConversationId;
    join::<conversation::Entity>(&mut select, JoinType::InnerJoin, pointer, Columns::ALL, scope);
    let held = [ticket::Entity.table_ref()];
    let Some(row) = find(writing, scope, select, held, asked).await? else {
        return Ok(None);
    };
    let mut cells = Cells::of(&row, Columns::ALL);
    let ticket = ticket::Entity::read(&mut cells)?;
    read(cells.of_next(Columns::ALL), Some(ticket)).map(Some)
}

/// The thread of a conversation of the scope.
pub async fn find_by_conversation_to_change(
    writing: &Writing,
    scope: &Scope,
    id: ConversationId,
    asked: Asked<'_>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = list::rows::<conversation::Entity>(Columns::ALL);
    select
        .and_where(conversation::Column::Id.eq(id))
        .cond_where(conversation::Entity::within(scope));
    let row = find(writing, scope, select, [], asked).await?;
    row.map(|row| read(Cells::of(&row, Columns::ALL), None))
        .transpose()
}

/// With the customer of the conversation, and what is asked beside. Rows are held in the order in which all writers hold them:
/// ticket, conversation, customer.
async fn find(
    writing: &Writing,
    scope: &Scope,
    mut select: SelectStatement,
    held: impl IntoIterator<Item = TableRef>,
    asked: Asked<'_>,
) -> Result<Option<QueryResult>, StoreError> {
    let pointer = conversation::Column::CustomerId;
    join::<customer::Entity>(&mut select, JoinType::InnerJoin, pointer, Columns::ALL, scope);
    let workspace = Expr::col((agent::Entity, agent::Column::WorkspaceId));
    let has = Condition::all()
        .add(workspace.equals((conversation::Entity, conversation::Column::WorkspaceId)))
        .add(agent::Column::EmailKey.eq(asked.agent));
    select
        .join(JoinType::LeftJoin, agent::Entity.table_ref(), has)
        .column((agent::Entity, agent::Column::Id))
        .expr(if asked.language {
            newest_is_unscored(Expr::col((conversation::Entity, conversation::Column::Id)))
        } else {
            Expr::value(false)
        })
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
    let mut cells = cells.of_next(Columns::ALL);
    Ok(Thread {
        ticket,
        conversation,
        customer,
        agent: cells.read::<Option<Uuid>>()?.map(AgentId),
        is_foreign: cells.read::<Option<bool>>()?.unwrap_or_default(),
    })
}

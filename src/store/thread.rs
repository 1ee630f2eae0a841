//! Reads and locks in one statement everything that a new message needs.

use entity::{AgentId, ConversationId, TicketId, agent, conversation, customer, ticket};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityName, QueryResult,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, JoinType, LockType, SelectStatement, TableRef},
};

use super::{
    Columns, Noun, StoreError, columns::Cells, connect::WriteTransaction, hold, joined::join,
    scores::newest_is_unscored, select,
};
use crate::auth::Scope;

/// Thread whose rows are locked until the transaction ends.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Ticket, if the thread was found by ticket.
    pub ticket: Option<ticket::Model>,
    pub conversation: conversation::Model,
    /// Customer of the conversation.
    pub customer: customer::Model,
    /// Agent of the workspace that has the requested address.
    pub agent: Option<AgentId>,
    /// Whether the newest inbound message has no score. Texts in languages other than English have none.
    /// False if it was not requested.
    pub is_foreign: bool,
}

/// Data to read together with a thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadQuery<'a> {
    /// Find the agent with this folded address.
    pub agent: Option<&'a str>,
    /// Find out whether the newest inbound message has a score.
    pub language: bool,
}

/// Returns the thread of a ticket of the scope.
pub async fn find_by_ticket_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    id: TicketId,
    asked: ThreadQuery<'_>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = select::rows::<ticket::Entity>(Columns::ALL);
    select
        .and_where(ticket::Column::Id.eq(id))
        .cond_where(ticket::Entity::within(scope));
    let pointer = ticket::Column::ConversationId;
    join::<conversation::Entity>(&mut select, JoinType::InnerJoin, pointer, Columns::ALL, scope);
    let held = hold::tables::<ticket::Entity>();
    let Some(row) = find(writing, scope, select, held, asked).await? else {
        return Ok(None);
    };
    let mut cells = Cells::of(&row, Columns::ALL);
    let ticket = ticket::Entity::read_whole(&mut cells)?;
    read(cells.of_next(Columns::ALL), Some(ticket)).map(Some)
}

/// Returns the thread of a conversation of the scope.
pub async fn find_by_conversation_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    id: ConversationId,
    asked: ThreadQuery<'_>,
) -> Result<Option<Thread>, StoreError> {
    let mut select = select::rows::<conversation::Entity>(Columns::ALL);
    select
        .and_where(conversation::Column::Id.eq(id))
        .cond_where(conversation::Entity::within(scope));
    let row = find(writing, scope, select, [], asked).await?;
    row.map(|row| read(Cells::of(&row, Columns::ALL), None))
        .transpose()
}

/// Adds the customer of the conversation and the requested data. Rows are locked in the order that all
/// writers use: ticket, conversation, customer.
async fn find(
    writing: &WriteTransaction,
    scope: &Scope,
    mut select: SelectStatement,
    held: impl IntoIterator<Item = TableRef>,
    asked: ThreadQuery<'_>,
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
                .chain(hold::tables::<conversation::Entity>())
                .chain([customer::Entity.table_ref()]),
        );
    let statement = writing.dialect().backend().build(&select);
    Ok(writing.connection().query_one_raw(statement).await?)
}

fn read(mut cells: Cells<'_>, ticket: Option<ticket::Model>) -> Result<Thread, StoreError> {
    let conversation = conversation::Entity::read_whole(&mut cells)?;
    let mut cells = cells.of_next(Columns::ALL);
    let customer = customer::Entity::read_whole(&mut cells)?;
    let mut cells = cells.of_next(Columns::ALL);
    Ok(Thread {
        ticket,
        conversation,
        customer,
        agent: cells.read::<Option<Uuid>>()?.map(AgentId),
        is_foreign: cells.read::<Option<bool>>()?.unwrap_or_default(),
    })
}

//! Rows of inboxes. A conversation that is open has a row for each of its agents and teams, or one for its workspace if
//! it has neither. Every change of the status, of the owners or of the time since which the customer waits writes them.

use entity::{
    ConversationId, conversation,
    conversation::Status,
    conversation_activity,
    conversation_activity::waiting_since,
    conversation_agent, conversation_team,
    inbox::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, IdenStatic, Iterable, Value,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, InsertStatement, Query, SelectStatement, UnionType},
};

use super::{
    StoreError,
    connect::{Write, WriteTransaction},
    dialect::Dialect,
    write,
};

/// Inserts the rows of new conversations, which have neither agents nor teams yet.
pub async fn insert(writing: &WriteTransaction, rows: &[conversation::Model]) -> Result<(), StoreError> {
    let open = rows.iter().filter(|row| row.status == Status::Open);
    let made = open.map(|row| Model {
        owner_id: row.workspace_id.0,
        waiting_since: waiting_since(row.last_inbound_at, row.last_outbound_at),
        conversation_id: row.id,
    });
    write::insert_new(writing, made.collect()).await
}

/// Writes the rows of a locked conversation whose status or activity changed.
pub async fn change(
    writing: &WriteTransaction,
    before: &conversation::Model,
    after: &conversation::Model,
) -> Result<(), StoreError> {
    let since = |row: &conversation::Model| waiting_since(row.last_inbound_at, row.last_outbound_at);
    let of_it = || Column::ConversationId.eq(after.id);
    let is_open = |row: &conversation::Model| row.status == Status::Open;
    let changed = match (is_open(before), is_open(after)) {
        (true, true) if since(before) != since(after) => {
            let mut update = Query::update();
            update
                .table(Entity)
                .value(Column::WaitingSince, since(after))
                .and_where(of_it());
            Write::Update(update)
        }
        (true, false) => Write::Delete(Query::delete().from_table(Entity).and_where(of_it()).take()),
        (false, true) => {
            let waiting = Expr::value(Value::from(since(after)));
            Write::Insert(rows_of(writing.dialect(), &[after.id.0], waiting, false)?)
        }
        _ => return Ok(()),
    };
    writing.put(&Entity, changed, 8).await
}

/// Writes the rows of these locked conversations again, after a change of their owners.
pub async fn replace(writing: &WriteTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let dialect = writing.dialect();
    let mut delete = Query::delete();
    delete
        .from_table(Entity)
        .and_where(dialect.is_among(Column::ConversationId, ids));
    let waiting = Expr::col((
        conversation_activity::Entity,
        conversation_activity::Column::WaitingSince,
    ));
    let insert = rows_of(dialect, ids, waiting, true)?;
    let (connection, backend) = (writing.connection(), dialect.backend());
    connection.execute_raw(backend.build(&delete)).await?;
    connection.execute_raw(backend.build(&insert)).await?;
    Ok(())
}

/// Moves the rows of these locked conversations after their activity was counted again.
pub async fn follow(writing: &WriteTransaction, ids: &[ConversationId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let dialect = writing.dialect();
    let sql = format!(
        "UPDATE inbox SET waiting_since = a.waiting_since FROM conversation_activity AS a \
         WHERE a.id = inbox.conversation_id AND a.waiting_since <> inbox.waiting_since \
         AND inbox.conversation_id IN ({})",
        dialect.places(ids.len())
    );
    let ids = ids.iter().map(|id| Value::from(*id));
    let statement = sea_orm::Statement::from_sql_and_values(dialect.backend(), sql, ids);
    writing.connection().execute_raw(statement).await?;
    Ok(())
}

/// Statement that inserts the rows of conversations for all of their owners, or only of those that are stored as open.
fn rows_of(
    dialect: Dialect,
    ids: &[Uuid],
    waiting: Expr,
    only_open: bool,
) -> Result<InsertStatement, StoreError> {
    let (owners, activity) = (Alias::new("owners"), conversation_activity::Entity);
    let id = || Expr::col((owners.clone(), Column::ConversationId));
    let mut rows = SelectStatement::new();
    rows.expr(Expr::col((owners.clone(), Column::OwnerId)))
        .expr(waiting)
        .expr(id())
        .from_subquery(owners_of(dialect, ids), owners.clone());
    if only_open {
        let own = id().equals((activity, conversation_activity::Column::Id));
        rows.inner_join(activity, own)
            .and_where(conversation_activity::Column::Status.eq(Status::Open));
    }
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns(Column::iter())
        .select_from(rows)
        .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
    Ok(insert)
}

/// Selects the owners of conversations, as pairs of owner and conversation.
fn owners_of(dialect: Dialect, ids: &[Uuid]) -> SelectStatement {
    let (owner, of) = (
        Alias::new(Column::OwnerId.as_str()),
        Alias::new(Column::ConversationId.as_str()),
    );
    let mut owners = SelectStatement::new();
    owners
        .expr_as(Expr::col(conversation_agent::Column::AgentId), owner.clone())
        .expr_as(Expr::col(conversation_agent::Column::ConversationId), of.clone())
        .from(conversation_agent::Entity)
        .and_where(dialect.is_among(conversation_agent::Column::ConversationId, ids));
    let mut teams = SelectStatement::new();
    teams
        .expr_as(Expr::col(conversation_team::Column::TeamId), owner)
        .expr_as(Expr::col(conversation_team::Column::ConversationId), of)
        .from(conversation_team::Entity)
        .and_where(dialect.is_among(conversation_team::Column::ConversationId, ids));
    let own = (conversation::Entity, conversation::Column::Id);
    let mut has_agent = SelectStatement::new();
    has_agent
        .expr(Expr::value(1))
        .from(conversation_agent::Entity)
        .and_where(
            Expr::col((
                conversation_agent::Entity,
                conversation_agent::Column::ConversationId,
            ))
            .equals(own),
        );
    let mut has_team = SelectStatement::new();
    has_team
        .expr(Expr::value(1))
        .from(conversation_team::Entity)
        .and_where(
            Expr::col((
                conversation_team::Entity,
                conversation_team::Column::ConversationId,
            ))
            .equals(own),
        );
    let mut workspaces = SelectStatement::new();
    workspaces
        .column((conversation::Entity, conversation::Column::WorkspaceId))
        .column(own)
        .from(conversation::Entity)
        .and_where(dialect.is_among(conversation::Column::Id, ids))
        .and_where(Expr::exists(has_agent).not())
        .and_where(Expr::exists(has_team).not());
    owners
        .union(UnionType::All, teams)
        .union(UnionType::All, workspaces)
        .to_owned()
}

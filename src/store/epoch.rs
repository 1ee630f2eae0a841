//! Rows that record where the epochs of a change log begin.

use entity::{
    Timestamp, WorkspaceId, change_counter,
    epoch::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{Db, StoreError, connect::WriteTransaction};
use crate::clock::Clock;

/// Returns a random id for a new epoch.
pub fn new_id(clock: &Clock) -> i64 {
    let bytes = clock.random();
    let mut id = [0; 8];
    id.copy_from_slice(&bytes[8..16]);
    // Positive, because 0 is the id of the first epoch.
    Ord::max(i64::from_be_bytes(id) & i64::MAX, 1)
}

/// Returns the epochs of a workspace that have a row, in order.
pub async fn list_unscoped(db: &Db, workspace: WorkspaceId) -> Result<Vec<Model>, StoreError> {
    let epochs = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .order_by_asc(Column::Position);
    Ok(epochs.all(db.connection()).await?)
}

/// Returns the epochs of all workspaces that have a row, by workspace and position.
pub async fn list_all_unscoped(db: &Db) -> Result<Vec<Model>, StoreError> {
    let epochs = Entity::find()
        .order_by_asc(Column::WorkspaceId)
        .order_by_asc(Column::Position);
    Ok(epochs.all(db.connection()).await?)
}

/// Deletes epochs that no valid cursor can belong to: those whose successor begins before the event that
/// precedes `oldest`, the oldest event that the log still has. A cursor of such an epoch has expired, whether
/// its row exists or not.
pub async fn prune_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    oldest: i64,
) -> Result<(), StoreError> {
    let delete = Entity::delete_many().filter(expired(workspace, oldest));
    delete.exec(writing.connection()).await?;
    Ok(())
}

/// Whether [`prune_unscoped`] would delete an epoch.
pub async fn has_expired_unscoped(db: &Db, workspace: WorkspaceId, oldest: i64) -> Result<bool, StoreError> {
    let found = Entity::find().filter(expired(workspace, oldest));
    Ok(found.one(db.connection()).await?.is_some())
}

fn expired(workspace: WorkspaceId, oldest: i64) -> Condition {
    let last_expired = Query::select()
        .expr(Expr::col(Column::Position).max())
        .from(Entity)
        .and_where(Column::WorkspaceId.eq(workspace))
        .and_where(Column::Position.lt(oldest - 1))
        .take();
    Condition::all()
        .add(Column::WorkspaceId.eq(workspace))
        .add(Expr::col(Column::Position).lt(last_expired))
}

/// Begins an epoch at the newest position of a workspace and returns that position. Returns `None` if
/// `current` is no longer the current epoch. The counter stays locked until the commit, so no event is
/// written in between.
///
/// A current epoch without events is replaced, because no event has its id.
pub async fn begin(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    current: i64,
    next: i64,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let counters = change_counter::Entity::update_many()
        .col_expr(change_counter::Column::Epoch, Expr::value(next))
        .filter(change_counter::Column::WorkspaceId.eq(workspace))
        .filter(change_counter::Column::Epoch.eq(current));
    if counters.exec(writing.connection()).await?.rows_affected == 0 {
        return Ok(None);
    }
    let newest = change_counter::Entity::find_by_id(workspace)
        .select_only()
        .column(change_counter::Column::Position);
    let newest: Option<i64> = newest.into_tuple().one(writing.connection()).await?;
    let position = newest.ok_or_else(|| DbErr::RecordNotFound("change_counter".to_owned()))?;
    let row = Model {
        workspace_id: workspace,
        position,
        id: next,
        begun_at: now,
    };
    let replace = OnConflict::columns([Column::WorkspaceId, Column::Position])
        .update_columns([Column::Id, Column::BegunAt])
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(writing.connection())
        .await?;
    Ok(Some(position))
}

/// Begins one epoch in every workspace, each at its newest position.
pub async fn begin_everywhere(
    writing: &WriteTransaction,
    next: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let dialect = writing.dialect();
    let run = async |sql: String, values: Vec<Value>| {
        let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
        writing.connection().execute_raw(statement).await
    };
    let (one, two) = (dialect.place(1), dialect.place(2));
    run(
        format!("UPDATE change_counter SET epoch = {one}"),
        vec![next.into()],
    )
    .await?;
    run(
        format!(
            "INSERT INTO epoch (workspace_id, position, id, begun_at) \
             SELECT workspace_id, position, epoch, {two} FROM change_counter WHERE epoch = {one} \
             ON CONFLICT (workspace_id, position) DO UPDATE SET id = excluded.id, begun_at = excluded.begun_at"
        ),
        vec![next.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Inserts the rows of the epochs to which the copied events and the counter of a workspace belong. An epoch
/// without remaining events gets no row, because its cursors are no longer valid.
pub async fn restore(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    // An epoch that began while the copy was interrupted has no events.
    let begun = Entity::delete_many().filter(Column::WorkspaceId.eq(workspace));
    begun.exec(writing.connection()).await?;
    let dialect = writing.dialect();
    let (one, two) = (dialect.place(1), dialect.place(2));
    for source in [
        format!(
            "SELECT workspace_id, MIN(position) - 1, epoch, {two} FROM change WHERE workspace_id = {one} AND epoch <> 0 \
             GROUP BY workspace_id, epoch"
        ),
        format!(
            "SELECT workspace_id, position - 1, epoch, {two} FROM change_counter c WHERE workspace_id = {one} AND epoch <> 0 \
             AND position > 0 AND NOT EXISTS (SELECT 1 FROM epoch e WHERE e.workspace_id = c.workspace_id AND e.id = c.epoch)"
        ),
    ] {
        let sql = format!(
            "INSERT INTO epoch (workspace_id, position, id, begun_at) {source} ON CONFLICT (workspace_id, position) DO NOTHING"
        );
        let values: [Value; 2] = [workspace.into(), now.into()];
        let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
        writing.connection().execute_raw(statement).await?;
    }
    Ok(())
}

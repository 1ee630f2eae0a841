//! Rows that are written as they were elsewhere: the change log, and where its counter stands.

use entity::{WorkspaceId, change, change_counter, erased, queue, team};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Db, Noun, StoreError, connect::Writing, write};

/// Adds teams.
pub async fn insert_teams(writing: &Writing, rows: Vec<team::Model>) -> Result<(), StoreError> {
    write::insert_many(writing, rows).await
}

/// Adds queues.
pub async fn insert_queues(writing: &Writing, rows: Vec<queue::Model>) -> Result<(), StoreError> {
    write::insert_many(writing, rows).await
}

/// Adds events at the positions that they have.
pub async fn insert_changes(writing: &Writing, rows: Vec<change::Model>) -> Result<(), StoreError> {
    write::insert_many(writing, rows).await
}

/// Lets the change log of a workspace go on behind a position, in an epoch.
pub async fn set_place(
    writing: &Writing,
    workspace: WorkspaceId,
    position: i64,
    epoch: i64,
) -> Result<(), StoreError> {
    change_counter::Entity::update_many()
        .col_expr(change_counter::Column::Position, Expr::value(position))
        .col_expr(change_counter::Column::Epoch, Expr::value(epoch))
        .filter(change_counter::Column::WorkspaceId.eq(workspace))
        .exec(writing.connection())
        .await?;
    Ok(())
}

/// How many rows of a noun a workspace has.
pub async fn count_unscoped<N: Noun>(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = N::find()
        .select_only()
        .column_as(N::id_column().count(), "n")
        .filter(N::workspace_column().eq(workspace));
    let count: Option<i64> = rows.into_tuple().one(db.connection()).await?;
    Ok(count.and_then(|count| count.try_into().ok()).unwrap_or_default())
}

/// How many events a workspace has.
pub async fn count_changes_unscoped(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = change::Entity::find().filter(change::Column::WorkspaceId.eq(workspace));
    Ok(rows.count(db.connection()).await?)
}

/// How many marks of erased customers a workspace has.
pub async fn count_marks_unscoped(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = erased::Entity::find().filter(erased::Column::WorkspaceId.eq(workspace));
    Ok(rows.count(db.connection()).await?)
}

//! Writes rows exactly as they were in another database, including the change log and the position of its
//! counter.

use entity::{WorkspaceId, change, change_counter, erased};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Db, Noun, StoreError, connect::WriteTransaction};

pub use super::write::insert_many;

/// Sets the position and epoch after which the change log of a workspace continues.
pub async fn set_place(
    writing: &WriteTransaction,
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

pub async fn count_unscoped<N: Noun>(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = N::find()
        .select_only()
        .column_as(N::id_column().count(), "n")
        .filter(N::workspace_column().eq(workspace));
    let count: Option<i64> = rows.into_tuple().one(db.connection()).await?;
    Ok(count.and_then(|count| count.try_into().ok()).unwrap_or_default())
}

pub async fn count_changes_unscoped(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = change::Entity::find().filter(change::Column::WorkspaceId.eq(workspace));
    Ok(rows.count(db.connection()).await?)
}

/// Counts the marks of erased customers of a workspace.
pub async fn count_marks_unscoped(db: &Db, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let rows = erased::Entity::find().filter(erased::Column::WorkspaceId.eq(workspace));
    Ok(rows.count(db.connection()).await?)
}

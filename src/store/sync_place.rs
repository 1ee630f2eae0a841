//! Rows that hold the progress of a sync with another system.

use entity::{
    WorkspaceId,
    sync_place::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{OnConflict, SelectStatement},
};

use super::{Db, StoreError, connect::WriteTransaction};

/// System and resource under which a copy of a workspace stores its progress.
pub const COPY: (&str, &str) = ("deskgraph", "copy");

/// Selects the workspaces that are being copied.
pub(super) fn copied() -> SelectStatement {
    let (system, resource) = COPY;
    let places = Entity::find()
        .select_only()
        .column(Column::WorkspaceId)
        .filter(Column::System.eq(system))
        .filter(Column::Resource.eq(resource));
    places.into_query()
}

/// Returns the progress rows of a workspace and another system.
pub async fn list_unscoped(db: &Db, workspace: WorkspaceId, system: &str) -> Result<Vec<Model>, StoreError> {
    Ok(of(workspace, system).all(db.connection()).await?)
}

/// Writes a row and replaces an existing one.
pub async fn put(writing: &WriteTransaction, row: Model) -> Result<(), StoreError> {
    let replace = OnConflict::columns([Column::WorkspaceId, Column::System, Column::Resource])
        .update_columns([Column::Place, Column::StartedAt, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(writing.connection())
        .await?;
    Ok(())
}

/// Deletes all rows of a workspace and another system.
pub async fn clear(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    system: &str,
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::System.eq(system))
        .exec(writing.connection())
        .await?;
    Ok(())
}

fn of(workspace: WorkspaceId, system: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::System.eq(system))
}

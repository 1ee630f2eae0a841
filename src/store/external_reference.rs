//! Rows that say where the same thing lives in another system.

use std::collections::HashMap;

use entity::{
    WorkspaceId,
    external_reference::{Column, Entity, Kind, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, prelude::Uuid,
    sea_query::Expr,
};

use super::{StoreError, connect::Writing, filter};

/// What these ids of another system are called here.
pub async fn find_many(
    writing: &Writing,
    workspace: WorkspaceId,
    system: &str,
    kind: Kind,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Uuid>, StoreError> {
    let found: Vec<(String, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::ExternalId, Column::ObjectId])
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::System.eq(system))
        .filter(Column::Kind.eq(kind))
        .filter(filter::is_in(Expr::col((Entity, Column::ExternalId)), ids))
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// What these things are called in another system.
pub async fn find_by_objects(
    writing: &Writing,
    workspace: WorkspaceId,
    system: &str,
    kind: Kind,
    objects: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, StoreError> {
    let found: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::ObjectId, Column::ExternalId])
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::System.eq(system))
        .filter(Column::Kind.eq(kind))
        .filter(filter::is_in(Expr::col((Entity, Column::ObjectId)), objects))
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// Adds references.
pub async fn insert_many(writing: &Writing, rows: Vec<Model>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    Entity::insert_many(rows)
        .exec_without_returning(writing.connection())
        .await?;
    Ok(())
}

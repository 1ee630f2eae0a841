//! Rows of workspaces.

use entity::{
    WorkspaceId, change_counter,
    workspace::{Column, Entity, Model},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::{Db, StoreError, connect::WriteTransaction, scope, tally, write::insert_many};
use crate::auth::Scope;

/// Returns the workspaces with these ids that are in the scope.
pub async fn find_many(db: &Db, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Model>, StoreError> {
    let workspaces = Entity::find()
        .filter(scope::workspace(scope))
        .filter(db.dialect().is_among(Column::Id, ids));
    Ok(tally::rows(workspaces.all(db.connection()).await?))
}

/// Returns every workspace of the scope, oldest first.
pub async fn list(db: &Db, scope: &Scope) -> Result<Vec<Model>, StoreError> {
    let workspaces = Entity::find()
        .filter(scope::workspace(scope))
        .order_by_asc(Column::Id);
    Ok(tally::rows(workspaces.all(db.connection()).await?))
}

/// Returns every workspace, oldest first.
pub async fn list_unscoped(db: &Db) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?)
}

pub async fn find_unscoped(db: &Db, id: WorkspaceId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// Inserts a workspace and the counter of its change log.
pub async fn insert(writing: &WriteTransaction, row: Model) -> Result<(), StoreError> {
    let counter = change_counter::Model {
        workspace_id: row.id,
        position: 0,
        epoch: 0,
    };
    insert_many(writing, vec![row]).await?;
    insert_many(writing, vec![counter]).await
}

//! Rows of API keys.

use std::collections::HashSet;

use entity::{
    ApiKeyId, Timestamp, WorkspaceId,
    api_key::{Column, Entity, Model},
    api_key_workspace,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::Uuid,
    sea_query::Expr,
};

use super::{Db, StoreError, connect::Writing, write::insert_many};
use crate::auth::Scope;

/// The key with this hash, and the workspaces that it opens.
pub async fn find_by_hash_unscoped(
    db: &Db,
    hash: &str,
) -> Result<Option<(Model, Vec<WorkspaceId>)>, StoreError> {
    let Some(key) = Entity::find()
        .filter(Column::Hash.eq(hash))
        .one(db.connection())
        .await?
    else {
        return Ok(None);
    };
    let workspaces = api_key_workspace::Entity::find()
        .select_only()
        .column(api_key_workspace::Column::WorkspaceId)
        .filter(api_key_workspace::Column::ApiKeyId.eq(key.id))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(Some((key, workspaces)))
}

/// A key, and the workspaces that it opens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The key.
    pub key: Model,
    /// What it opens.
    pub workspaces: Vec<WorkspaceId>,
}

/// The keys with these ids that open a workspace of the scope. Customers see none.
pub async fn find_many(db: &Db, scope: &Scope, ids: &[Uuid]) -> Result<Vec<Opening>, StoreError> {
    if scope.customer.is_some() {
        return Ok(Vec::new());
    }
    let dialect = db.dialect();
    let pairs: Vec<(ApiKeyId, WorkspaceId)> = api_key_workspace::Entity::find()
        .select_only()
        .columns([
            api_key_workspace::Column::ApiKeyId,
            api_key_workspace::Column::WorkspaceId,
        ])
        .filter(dialect.is_among(api_key_workspace::Column::ApiKeyId, ids))
        .order_by_asc(api_key_workspace::Column::WorkspaceId)
        .into_tuple()
        .all(db.connection())
        .await?;
    let opening = api_key_workspace::Entity::find()
        .select_only()
        .column(api_key_workspace::Column::ApiKeyId)
        .filter(api_key_workspace::Column::WorkspaceId.is_in(scope.workspaces.iter().copied()))
        .into_query();
    let keys = Entity::find()
        .filter(dialect.is_among(Column::Id, ids))
        .filter(Column::Id.in_subquery(opening))
        .all(db.connection())
        .await?;
    let opening = |key: Model| {
        let opens = pairs.iter().filter(|(id, _)| *id == key.id);
        let workspaces = opens.map(|(_, workspace)| *workspace).collect();
        Opening { key, workspaces }
    };
    Ok(keys.into_iter().map(opening).collect())
}

/// Adds a key that opens some workspaces.
pub async fn insert(writing: &Writing, key: Model, workspaces: &[WorkspaceId]) -> Result<(), StoreError> {
    let opens = |id: &WorkspaceId| api_key_workspace::Model {
        api_key_id: key.id,
        workspace_id: *id,
    };
    let opens = workspaces.iter().map(opens).collect();
    insert_many(writing, vec![key]).await?;
    insert_many(writing, opens).await
}

/// Revokes a key, unless it was before. Answers whether there is such a key.
pub async fn revoke(writing: &Writing, id: ApiKeyId, now: Timestamp) -> Result<bool, StoreError> {
    let Some(key) = Entity::find_by_id(id).one(writing.connection()).await? else {
        return Ok(false);
    };
    if key.revoked_at.is_none() {
        Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::val(now))
            .filter(Column::Id.eq(id))
            .exec(writing.connection())
            .await?;
    }
    Ok(true)
}

/// Which of these keys were revoked.
pub async fn revoked_unscoped(db: &Db, ids: &[ApiKeyId]) -> Result<HashSet<ApiKeyId>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found: Vec<ApiKeyId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(db.dialect().is_among(Column::Id, &ids))
        .filter(Column::RevokedAt.is_not_null())
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// Notes when a key was used, unless another writer is busy: the next use notes it then.
pub async fn touch(db: &Db, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
    let Some(writing) = db.begin_if_free().await? else {
        return Ok(());
    };
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::val(now))
        .filter(Column::Id.eq(id))
        .exec(writing.connection())
        .await?;
    writing.commit().await
}

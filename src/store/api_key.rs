//! Rows of API keys.

use std::collections::HashMap;

use entity::{
    ApiKeyId, Timestamp, WorkspaceId,
    api_key::{Column, Entity, Model},
    api_key_workspace,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, LockType},
};

use super::{Db, StoreError, connect::WriteTransaction, dialect::Dialect, tally, write::insert_many};
use crate::auth::Scope;

pub use super::write::update;

/// Returns the key with this hash and the workspaces that it can access.
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

#[derive(Clone, Debug)]
pub struct KeyWithWorkspaces {
    pub key: Model,
    pub workspaces: Vec<WorkspaceId>,
}

/// Returns the keys with these ids that can access a workspace of the scope. Customers see no keys.
pub async fn find_many(db: &Db, scope: &Scope, ids: &[Uuid]) -> Result<Vec<KeyWithWorkspaces>, StoreError> {
    if scope.customer.is_some() {
        return Ok(Vec::new());
    }
    let opens = opens(db.connection(), db.dialect(), ids).await?;
    let keys = seen(scope)
        .filter(db.dialect().is_among(Column::Id, ids))
        .all(db.connection())
        .await?;
    Ok(with_workspaces(keys, &opens))
}

/// Returns the keys that are valid at an instant and can access a workspace of the scope, newest first, at
/// most `max`. Customers see no keys.
pub async fn list(
    db: &Db,
    scope: &Scope,
    now: Timestamp,
    max: u64,
) -> Result<Vec<KeyWithWorkspaces>, StoreError> {
    if scope.customer.is_some() {
        return Ok(Vec::new());
    }
    let keys = seen(scope)
        .filter(holding(now))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(max)
        .all(db.connection())
        .await?;
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id.0).collect();
    let opens = opens(db.connection(), db.dialect(), &ids).await?;
    Ok(tally::rows(with_workspaces(keys, &opens)))
}

/// Returns a key that can access a workspace of the scope and locks its row until the transaction ends.
pub async fn find_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    id: ApiKeyId,
) -> Result<Option<KeyWithWorkspaces>, StoreError> {
    let found = seen(scope)
        .filter(Column::Id.eq(id))
        .lock(LockType::NoKeyUpdate)
        .one(writing.connection())
        .await?;
    let Some(key) = found else { return Ok(None) };
    let opens = opens(writing.connection(), writing.dialect(), &[id.0]).await?;
    Ok(with_workspaces(vec![key], &opens).pop())
}

/// Counts the keys that are valid at an instant, for each of these workspaces. Workspaces without a key are
/// absent.
pub async fn counts_unscoped(
    writing: &WriteTransaction,
    workspaces: &[WorkspaceId],
    now: Timestamp,
) -> Result<HashMap<WorkspaceId, i64>, StoreError> {
    let held = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(holding(now))
        .into_query();
    let counts: Vec<(WorkspaceId, i64)> = api_key_workspace::Entity::find()
        .select_only()
        .column(api_key_workspace::Column::WorkspaceId)
        .column_as(api_key_workspace::Column::ApiKeyId.count(), "n")
        .filter(api_key_workspace::Column::WorkspaceId.is_in(workspaces.iter().copied()))
        .filter(api_key_workspace::Column::ApiKeyId.in_subquery(held))
        .group_by(api_key_workspace::Column::WorkspaceId)
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(counts.into_iter().collect())
}

/// Selects the keys that can access a workspace of the scope.
fn seen(scope: &Scope) -> Select<Entity> {
    let opening = api_key_workspace::Entity::find()
        .select_only()
        .column(api_key_workspace::Column::ApiKeyId)
        .filter(api_key_workspace::Column::WorkspaceId.is_in(scope.workspaces.iter().copied()))
        .into_query();
    Entity::find().filter(Column::Id.in_subquery(opening))
}

/// Condition: the key is neither revoked nor expired.
fn holding(now: Timestamp) -> Condition {
    Condition::all().add(Column::RevokedAt.is_null()).add(
        Condition::any()
            .add(Column::ExpiresAt.is_null())
            .add(Column::ExpiresAt.gt(now)),
    )
}

async fn opens(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    ids: &[Uuid],
) -> Result<Vec<(ApiKeyId, WorkspaceId)>, StoreError> {
    let pairs = api_key_workspace::Entity::find()
        .select_only()
        .columns([
            api_key_workspace::Column::ApiKeyId,
            api_key_workspace::Column::WorkspaceId,
        ])
        .filter(dialect.is_among(api_key_workspace::Column::ApiKeyId, ids))
        .order_by_asc(api_key_workspace::Column::WorkspaceId);
    Ok(pairs.into_tuple().all(connection).await?)
}

fn with_workspaces(keys: Vec<Model>, opens: &[(ApiKeyId, WorkspaceId)]) -> Vec<KeyWithWorkspaces> {
    let mut by_key: HashMap<ApiKeyId, Vec<WorkspaceId>> = HashMap::new();
    for (key, workspace) in opens {
        by_key.entry(*key).or_default().push(*workspace);
    }
    let opening = |key: Model| KeyWithWorkspaces {
        workspaces: by_key.remove(&key.id).unwrap_or_default(),
        key,
    };
    keys.into_iter().map(opening).collect()
}

pub async fn insert(
    writing: &WriteTransaction,
    key: Model,
    workspaces: &[WorkspaceId],
) -> Result<(), StoreError> {
    let opens = |id: &WorkspaceId| api_key_workspace::Model {
        api_key_id: key.id,
        workspace_id: *id,
    };
    let opens = workspaces.iter().map(opens).collect();
    insert_many(writing, vec![key]).await?;
    insert_many(writing, opens).await
}

/// Fields that determine whether a key is valid, and the time of its last use.
#[derive(Clone, Debug, FromQueryResult)]
pub struct KeyValidity {
    pub id: ApiKeyId,
    /// Time of the last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Time of expiry. From then on, the key is rejected.
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

pub async fn holds_unscoped(db: &Db, ids: &[ApiKeyId]) -> Result<Vec<KeyValidity>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::LastUsedAt,
            Column::ExpiresAt,
            Column::RevokedAt,
        ])
        .filter(db.dialect().is_among(Column::Id, &ids))
        .into_model()
        .all(db.connection())
        .await?;
    Ok(found)
}

/// Records the use of keys. Does nothing while another writer is busy: the next use is recorded instead.
pub async fn touch(db: &Db, ids: &[ApiKeyId], now: Timestamp) -> Result<(), StoreError> {
    let Some(writing) = db.begin_if_free().await? else {
        return Ok(());
    };
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::val(now))
        .filter(writing.dialect().is_among(Column::Id, &ids))
        .exec(writing.connection())
        .await?;
    writing.commit().await
}

//! Marks of erased customers and the keys of these marks.

use std::collections::HashSet;

use entity::{
    WorkspaceId,
    erased::{Column, Entity, Model},
    erasure_key,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, OnConflict},
};

use super::{Db, StoreError, connect::WriteTransaction, filter, tally};

/// Maximum number of marks that one statement writes, reads or deletes. It keeps the statement below the
/// parameter limit of `SQLite`.
const BLOCK: usize = 5_000;

/// Returns the key for the marks of a workspace. `None` if no customer was erased there.
pub async fn key(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let key = erasure_key::Entity::find_by_id(workspace).one(connection).await?;
    Ok(key.map(|row| row.key))
}

/// Returns the key for the marks of a workspace, and creates it from these bytes if there is none.
pub async fn key_or(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    bytes: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    let row = erasure_key::Model {
        workspace_id: workspace,
        key: bytes.clone(),
    };
    erasure_key::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(erasure_key::Column::WorkspaceId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(writing.connection())
        .await?;
    Ok(key(writing.connection(), workspace).await?.unwrap_or(bytes))
}

/// Inserts marks. Existing marks remain unchanged.
pub async fn put(writing: &WriteTransaction, rows: Vec<Model>) -> Result<(), StoreError> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let block: Vec<_> = rows
            .by_ref()
            .take(BLOCK)
            .map(IntoActiveModel::into_active_model)
            .collect();
        let there = OnConflict::columns([Column::WorkspaceId, Column::Mark])
            .do_nothing()
            .to_owned();
        Entity::insert_many(block)
            .on_conflict(there)
            .exec_without_returning(writing.connection())
            .await?;
    }
    Ok(())
}

/// Returns those of these marks that exist.
pub async fn find_many(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    marks: &[Vec<u8>],
) -> Result<HashSet<Vec<u8>>, StoreError> {
    let mut found = HashSet::new();
    for block in marks.chunks(BLOCK) {
        let marks: Vec<Vec<u8>> = Entity::find()
            .select_only()
            .column(Column::Mark)
            .filter(Column::WorkspaceId.eq(workspace))
            .filter(filter::is_in(Expr::col((Entity, Column::Mark)), block.to_vec()))
            .into_tuple()
            .all(writing.connection())
            .await?;
        found.extend(marks);
    }
    Ok(found)
}

/// Returns the marks of a workspace after a given mark, in order.
pub async fn list_behind_unscoped(
    db: &Db,
    workspace: WorkspaceId,
    last: Option<Vec<u8>>,
    size: u64,
) -> Result<Vec<Model>, StoreError> {
    let marks = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .apply_if(last, |select, last| select.filter(Column::Mark.gt(last)))
        .order_by_asc(Column::Mark)
        .limit(size);
    Ok(tally::rows(marks.all(db.connection()).await?))
}

pub async fn remove(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    marks: &[Vec<u8>],
) -> Result<(), StoreError> {
    for block in marks.chunks(BLOCK) {
        Entity::delete_many()
            .filter(Column::WorkspaceId.eq(workspace))
            .filter(filter::is_in(Expr::col((Entity, Column::Mark)), block.to_vec()))
            .exec(writing.connection())
            .await?;
    }
    Ok(())
}

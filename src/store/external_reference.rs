//! Rows that say where the same thing lives in another system.

use std::collections::HashMap;

use entity::{
    WorkspaceId,
    external_reference::{Column, Entity, Kind},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid, sea_query::Expr,
};

use super::{Db, StoreError, connect::Writing, filter, tally};

pub use super::write::insert_many;

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

/// What these things are called in every other system: system and id there, in the order of the systems' names.
pub async fn list_unscoped(
    db: &Db,
    objects: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(String, String)>>, StoreError> {
    let found: Vec<(Uuid, String, String)> = Entity::find()
        .select_only()
        .columns([Column::ObjectId, Column::System, Column::ExternalId])
        .filter(db.dialect().is_among(Column::ObjectId, objects))
        .order_by_asc(Column::System)
        .order_by_asc(Column::ExternalId)
        .into_tuple()
        .all(db.connection())
        .await?;
    let mut references: HashMap<Uuid, Vec<_>> = HashMap::new();
    for (object, system, id) in tally::rows(found) {
        references.entry(object).or_default().push((system, id));
    }
    Ok(references)
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

/// Ids of another system, in order, behind one of them: at most `count`.
pub async fn list_behind(
    db: &Db,
    workspace: WorkspaceId,
    system: &str,
    kind: Kind,
    last: &str,
    count: u64,
) -> Result<Vec<String>, StoreError> {
    let ids = Entity::find()
        .select_only()
        .column(Column::ExternalId)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::System.eq(system))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ExternalId.gt(last))
        .order_by_asc(Column::ExternalId)
        .limit(count);
    Ok(ids.into_tuple().all(db.connection()).await?)
}

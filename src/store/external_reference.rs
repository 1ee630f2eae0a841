//! References from objects to their ids in other systems.

use std::collections::{BTreeMap, HashMap};

use entity::{
    WorkspaceId,
    external_reference::{Column, Entity, Kind, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select, Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{Db, StoreError, connect::WriteTransaction, filter, tally, write::PARAMETERS_MAX};

pub use super::write::insert_many;

/// Object that another system also has, with the state that the other system last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownObject {
    /// Id in this database.
    pub object: Uuid,
    /// Digests of the fields. `None` if no digests were stored.
    pub told: Option<Vec<u8>>,
}

/// Set of objects of another system.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceScope<'a> {
    pub workspace: WorkspaceId,
    /// Name of the other system.
    pub system: &'a str,
    pub kind: Kind,
}

impl ReferenceScope<'_> {
    fn condition(self) -> Condition {
        Condition::all()
            .add(Column::WorkspaceId.eq(self.workspace))
            .add(Column::System.eq(self.system))
            .add(Column::Kind.eq(self.kind))
    }

    /// These ids, each with what it is called here.
    fn rows(self, ids: impl IntoIterator<Item = String>) -> Select<Entity> {
        Entity::find()
            .select_only()
            .columns([Column::ExternalId, Column::ObjectId])
            .filter(self.condition())
            .filter(filter::is_in(Expr::col((Entity, Column::ExternalId)), ids))
    }
}

/// Returns the objects with these ids of another system, with the digests of the fields that it last
/// reported.
pub async fn find_many_with_digests(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, KnownObject>, StoreError> {
    let rows = of.rows(ids).column(Column::Told).into_tuple();
    let found: Vec<(String, Uuid, Option<Vec<u8>>)> = rows.all(writing.connection()).await?;
    let known = |(id, object, told)| (id, KnownObject { object, told });
    Ok(found.into_iter().map(known).collect())
}

/// Stores digests of the fields that another system reported in existing rows. The rows of the objects must
/// be locked.
pub async fn note_digests(writing: &WriteTransaction, rows: Vec<Model>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let key = [
        Column::WorkspaceId,
        Column::System,
        Column::Kind,
        Column::ExternalId,
    ];
    let replace = OnConflict::columns(key).update_column(Column::Told).to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows)
        .on_conflict(replace)
        .exec_without_returning(writing.connection())
        .await?;
    Ok(())
}

/// Returns the ids in this database of objects with these ids of another system.
pub async fn find_many(
    connection: &impl ConnectionTrait,
    of: ReferenceScope<'_>,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Uuid>, StoreError> {
    let found: Vec<(String, Uuid)> = of.rows(ids).into_tuple().all(connection).await?;
    Ok(found.into_iter().collect())
}

/// Returns the references of these objects as pairs of system and id there, ordered by system and id.
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

/// Returns the reference rows of these objects, ordered by system and id there.
pub async fn list_rows_unscoped(db: &Db, objects: &[Uuid]) -> Result<HashMap<Uuid, Vec<Model>>, StoreError> {
    let found = Entity::find()
        .filter(db.dialect().is_among(Column::ObjectId, objects))
        .order_by_asc(Column::System)
        .order_by_asc(Column::ExternalId);
    let mut references: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for row in tally::rows(found.all(db.connection()).await?) {
        references.entry(row.object_id).or_default().push(row);
    }
    Ok(references)
}

/// Returns the ids of these objects in another system.
pub async fn find_by_objects(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    objects: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, StoreError> {
    let found: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::ObjectId, Column::ExternalId])
        .filter(of.condition())
        .filter(filter::is_in(Expr::col((Entity, Column::ObjectId)), objects))
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// Returns ids of another system after `last`, in order, with the state in which the system last reported
/// each object, at most `count`. Unless `all` is set, objects whose children have not changed since the last
/// read are left out.
pub async fn list_behind(
    db: &Db,
    of: ReferenceScope<'_>,
    last: &str,
    all: bool,
    count: u64,
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let is_new = Condition::any()
        .add(Column::ToldAs.is_null())
        .add(Column::ReadAs.is_null())
        .add(Expr::col(Column::ToldAs).ne(Expr::col(Column::ReadAs)));
    let ids = Entity::find()
        .select_only()
        .columns([Column::ExternalId, Column::ToldAs])
        .filter(of.condition())
        .filter(Column::ExternalId.gt(last))
        .filter(if all { Condition::all() } else { is_new })
        .order_by_asc(Column::ExternalId)
        .limit(count);
    Ok(ids.into_tuple().all(db.connection()).await?)
}

/// Returns the objects that another system last reported in these states, each with its state.
pub async fn find_by_states(
    connection: &impl ConnectionTrait,
    of: ReferenceScope<'_>,
    states: impl IntoIterator<Item = String>,
) -> Result<Vec<(String, Uuid)>, StoreError> {
    let objects = Entity::find()
        .select_only()
        .columns([Column::ToldAs, Column::ObjectId])
        .filter(of.condition())
        .filter(filter::is_in(Expr::col((Entity, Column::ToldAs)), states));
    Ok(objects.into_tuple().all(connection).await?)
}

/// Replaces the object of an id of another system.
pub async fn repoint(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    id: &str,
    object: Uuid,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::ObjectId, Expr::val(object))
        .filter(of.condition())
        .filter(Column::ExternalId.eq(id))
        .exec(writing.connection())
        .await?;
    Ok(())
}

/// Deletes ids of another system.
pub async fn remove(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    ids: impl IntoIterator<Item = String>,
) -> Result<(), StoreError> {
    let ids: Vec<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(());
    }
    Entity::delete_many()
        .filter(of.condition())
        .filter(filter::is_in(Expr::col((Entity, Column::ExternalId)), ids))
        .exec(writing.connection())
        .await?;
    Ok(())
}

/// Stores the states in which another system reported objects: of each object, the last of its entries. Only
/// rows with another state are written.
pub async fn note_states(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    told: &[(String, Option<String>)],
) -> Result<(), StoreError> {
    // A statement that finds two entries for a row takes any of them.
    let told: BTreeMap<&String, &Option<String>> = told.iter().map(|(id, told)| (id, told)).collect();
    let told: Vec<_> = told.into_iter().collect();
    let dialect = writing.dialect();
    for block in told.chunks((PARAMETERS_MAX - 3) / 2) {
        let (given, n) = (dialect.rows(block.len(), 2), 2 * block.len());
        let [workspace, system, kind] = [1, 2, 3].map(|place| dialect.place(n + place));
        let sql = format!(
            "WITH given(id, told) AS (VALUES {given}) UPDATE external_reference SET told_as = given.told FROM given \
             WHERE workspace_id = {workspace} AND system = {system} AND kind = {kind} AND external_id = given.id \
             AND told_as IS DISTINCT FROM given.told"
        );
        let values = block
            .iter()
            .flat_map(|(id, told)| [Value::from(id.as_str()), Value::from((*told).clone())])
            .chain([of.workspace.into(), of.system.into(), of.kind.into()]);
        let update = Statement::from_sql_and_values(dialect.backend(), sql, values);
        writing.connection().execute_raw(update).await?;
    }
    Ok(())
}

/// Records that the children of an object were read when the other system reported the object in this state.
pub async fn note_read(
    writing: &WriteTransaction,
    of: ReferenceScope<'_>,
    id: &str,
    told: Option<&str>,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::ReadAs, Expr::val(told))
        .filter(of.condition())
        .filter(Column::ExternalId.eq(id))
        .exec(writing.connection())
        .await?;
    Ok(())
}

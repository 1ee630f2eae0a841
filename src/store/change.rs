//! Rows of the change log and its counters.

use std::collections::HashMap;

use entity::{
    CustomerId, MessageId, WorkspaceId,
    change::{Column, Entity, Model, Name},
    change_counter,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    prelude::Uuid,
};

use super::{Db, StoreError, connect::Writing};

pub use super::write::insert_many;

/// Takes the next `count` positions of a workspace and tells the last of them.
///
/// The counter's row stays locked until the commit, and whoever waits for it gets a higher position afterwards: so
/// this must be the last statement but for writing the events themselves.
pub async fn advance(writing: &Writing, workspace: WorkspaceId, count: i64) -> Result<i64, StoreError> {
    let dialect = writing.dialect();
    let sql = format!(
        "UPDATE change_counter SET position = position + {count} WHERE workspace_id = {} RETURNING position",
        dialect.place(1)
    );
    let statement = Statement::from_sql_and_values(dialect.backend(), sql, [Value::from(workspace)]);
    let row = writing.connection().query_one_raw(statement).await?;
    let missing = || sea_orm::DbErr::RecordNotFound("change_counter".to_owned());
    Ok(row.ok_or_else(missing)?.try_get("", "position")?)
}

/// Forgets what the events of a customer, and of everything that it has, said. Their positions and ids stay.
pub async fn forget(
    writing: &Writing,
    workspace: WorkspaceId,
    customer: CustomerId,
) -> Result<(), StoreError> {
    let dialect = writing.dialect();
    let (workspace_place, place) = (dialect.place(1), dialect.place(2));
    // Messages are written once: no event of theirs says anything.
    let sql = format!(
        "UPDATE change SET fields = NULL WHERE workspace_id = {workspace_place} AND fields IS NOT NULL AND object_id IN \
         (SELECT id FROM ticket WHERE customer_id = {place} UNION ALL \
         SELECT id FROM conversation WHERE customer_id = {place} UNION ALL SELECT id FROM customer WHERE id = {place})"
    );
    let values = [Value::from(workspace), Value::from(customer)];
    let statement = Statement::from_sql_and_values(dialect.backend(), sql, values);
    writing.connection().execute_raw(statement).await?;
    Ok(())
}

/// The events behind a position, in order, as many as `limit`.
pub async fn list_unscoped(
    db: &Db,
    workspace: WorkspaceId,
    after: i64,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let events = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Position.gt(after))
        .order_by_asc(Column::Position)
        .limit(limit);
    Ok(events.all(db.connection()).await?)
}

/// The newest position of a workspace.
pub async fn newest_unscoped(db: &Db, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let counter = change_counter::Entity::find_by_id(workspace)
        .one(db.connection())
        .await?;
    Ok(counter.map_or(0, |counter| counter.position))
}

/// The position at which each of these messages was written.
pub async fn positions_of_messages_unscoped(
    db: &Db,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, i64>, StoreError> {
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found: Vec<(Uuid, i64)> = Entity::find()
        .select_only()
        .columns([Column::ObjectId, Column::Position])
        .filter(db.dialect().is_among(Column::ObjectId, &uuids))
        .filter(Column::Name.eq(Name::MessageCreated))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(found
        .into_iter()
        .map(|(id, position)| (MessageId(id), position))
        .collect())
}

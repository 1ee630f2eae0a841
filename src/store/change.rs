//! Rows of the change log and its counters.

use std::collections::HashMap;

use entity::{
    ConversationId, CustomerId, MessageId, TicketId, Timestamp, Word, WorkspaceId,
    change::{Column, Entity, Kind, Model, Name, Object},
    change_counter,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement, Value,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Query, ValueTuple},
};

use super::{
    Db, StoreError,
    connect::{NumberedInsert, WriteTransaction},
    dialect::Dialect,
    filter, scope, tally,
};
use crate::auth::Scope;

/// Place in a change log: a position and the epoch in which its event was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPosition {
    pub position: i64,
    pub epoch: i64,
}

impl From<&Model> for LogPosition {
    fn from(event: &Model) -> Self {
        Self {
            position: event.position,
            epoch: event.epoch,
        }
    }
}

/// Maximum number of events in one statement. Each has twelve parameters, so they stay below the limit of
/// `SQLite`.
const ROWS_PER_STATEMENT: usize = 1_000;
/// Alias of the block of rows in its statement.
const BLOCK: &str = "event";

/// Assigns positions and the epoch to events of one workspace, in order, and writes them. Returns the last
/// place, or `None` without events. Positions and epochs already set in the rows are ignored.
///
/// The row of the counter stays locked until the commit, and a transaction that waits for it gets later
/// positions. This must therefore be the last operation of a transaction.
pub async fn append(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    rows: &[Model],
) -> Result<Option<LogPosition>, StoreError> {
    let mut last = None;
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let numbered = numbered(workspace, rows)?;
        let written = writing.put_numbered(workspace, numbered).await?;
        let places = written.iter().map(|row| {
            Ok(LogPosition {
                position: row.try_get("", "position")?,
                epoch: row.try_get("", "epoch")?,
            })
        });
        let places = places.collect::<Result<Vec<LogPosition>, DbErr>>()?;
        if places.len() < rows.len() {
            return Err(DbErr::RecordNotFound(CHANGE_COUNTER.to_owned()).into());
        }
        last = places.into_iter().max_by_key(|place| place.position);
    }
    Ok(last)
}

const CHANGE_COUNTER: &str = "change_counter";

fn numbered(workspace: WorkspaceId, rows: &[Model]) -> Result<NumberedInsert, DbErr> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let position = || Expr::col((change_counter::Entity, change_counter::Column::Position));
    let mut advance = Query::update();
    advance
        .table(change_counter::Entity)
        .value(change_counter::Column::Position, position().add(count))
        .and_where(change_counter::Column::WorkspaceId.eq(workspace));

    // Each row carries its distance from the end of the block as its position. Its epoch comes from the
    // counter.
    let of_row = || Column::iter().filter(|column| !matches!(column, Column::Epoch));
    let row = |(place, row): (usize, &Model)| {
        let distance = count - 1 - i64::try_from(place).unwrap_or(i64::MAX);
        let cells = of_row().map(|column| match column {
            Column::Position => Value::from(distance),
            column => row.get(column),
        });
        ValueTuple::Many(cells.collect())
    };
    let mut numbered = Query::select();
    for (place, column) in of_row().enumerate() {
        let cell = Expr::col((Alias::new(BLOCK), Alias::new(format!("column{}", place + 1))));
        numbered.expr(match column {
            Column::Position => position().sub(cell),
            _ => cell,
        });
    }
    numbered
        .expr(Expr::col((change_counter::Entity, change_counter::Column::Epoch)))
        .from(change_counter::Entity)
        .from_values(rows.iter().enumerate().map(row), Alias::new(BLOCK))
        .and_where(change_counter::Column::WorkspaceId.eq(workspace));
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(of_row().chain([Column::Epoch]));
    insert
        .select_from(numbered)
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .returning(Query::returning().columns([Column::Position, Column::Epoch]));
    Ok(NumberedInsert {
        counter: CHANGE_COUNTER,
        advance,
        needs: [
            change_counter::Column::WorkspaceId,
            change_counter::Column::Position,
            change_counter::Column::Epoch,
        ]
        .map(|column| Alias::new(column.as_str()))
        .into(),
        rows: insert,
    })
}

/// Removes the field values from the events of a customer, its tickets and its conversations. Positions and
/// ids remain.
pub async fn forget(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    customer: CustomerId,
) -> Result<(), StoreError> {
    let dialect = writing.dialect();
    let (workspace_place, place) = (dialect.place(1), dialect.place(2));
    // Messages never change, so their events have no field values.
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

/// Returns the events after a position, in order, at most `limit`.
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
    Ok(tally::rows(events.all(db.connection()).await?))
}

/// Field of a type of object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedField {
    pub object: Object,
    /// Name of the field in the log.
    pub field: String,
}

impl ChangedField {
    /// Whether the event is an update that changed the field.
    fn is_in(&self, event: &Model) -> bool {
        event.name.parts() == (self.object, Kind::Updated)
            && event
                .fields
                .as_ref()
                .is_some_and(|fields| fields.get(&self.field).is_some())
    }

    /// Condition for the updates that changed the field. `None` if objects of this type are not updated.
    fn fits(&self, dialect: Dialect) -> Option<Expr> {
        let mut names = Name::ALL.iter();
        let update = names.find(|name| name.parts() == (self.object, Kind::Updated))?;
        let has_field = dialect.has_field(Column::Fields, &self.field);
        Some(Column::Name.eq(*update).and(has_field))
    }
}

/// Filter for events. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    pub names: Option<Vec<Name>>,
    /// The event is an update that changed one of these fields.
    pub changed: Option<Vec<ChangedField>>,
    pub customer: Option<CustomerId>,
    pub ticket: Option<TicketId>,
    pub conversation: Option<ConversationId>,
}

impl ChangeFilter {
    /// Whether an event matches the filter.
    pub fn takes(&self, event: &Model) -> bool {
        self.names
            .as_ref()
            .is_none_or(|names| names.contains(&event.name))
            && self
                .changed
                .as_ref()
                .is_none_or(|changed| changed.iter().any(|changed| changed.is_in(event)))
            && self.customer.is_none_or(|id| event.customer_id == id)
            && self.ticket.is_none_or(|id| event.ticket_id == Some(id))
            && self
                .conversation
                .is_none_or(|id| event.conversation_id == Some(id))
    }
}

/// Returns the matching events of a scope after one position and up to another, in order, at most `limit`.
pub async fn list(
    db: &Db,
    scope: &Scope,
    workspace: WorkspaceId,
    filter: &ChangeFilter,
    between: (i64, i64),
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    if !scope.holds(workspace) {
        return Ok(Vec::new());
    }
    let (after, last) = between;
    let fits = Condition::all()
        .add_option(scope.customer.map(|id| Column::CustomerId.eq(id)))
        .add_option(scope::public(Column::Internal, scope))
        .add_option(
            filter
                .names
                .as_ref()
                .map(|names| filter::is_in(Expr::col((Entity, Column::Name)), names.iter().copied())),
        )
        .add_option(filter.changed.as_ref().map(|changed| {
            let any = changed.iter().filter_map(|changed| changed.fits(db.dialect()));
            any.reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(false))
        }))
        .add_option(filter.customer.map(|id| Column::CustomerId.eq(id)))
        .add_option(filter.ticket.map(|id| Column::TicketId.eq(id)))
        .add_option(filter.conversation.map(|id| Column::ConversationId.eq(id)));
    let events = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Position.gt(after))
        .filter(Column::Position.lte(last))
        .filter(fits)
        .order_by_asc(Column::Position)
        .limit(limit);
    Ok(tally::rows(events.all(db.connection()).await?))
}

/// Whether the change log of a workspace has events of an object that the scope can see.
pub async fn tells_of(
    db: &Db,
    scope: &Scope,
    workspace: WorkspaceId,
    object: Uuid,
) -> Result<bool, StoreError> {
    if !scope.holds(workspace) {
        return Ok(false);
    }
    let one = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::ObjectId.eq(object))
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(
            Condition::all()
                .add_option(scope.customer.map(|id| Column::CustomerId.eq(id)))
                .add_option(scope::public(Column::Internal, scope)),
        );
    let found: Option<i64> = one.into_tuple().one(db.connection()).await?;
    Ok(found.is_some())
}

/// Returns the oldest position that the log of a workspace still has. `None` for an empty log.
pub async fn oldest_unscoped(db: &Db, workspace: WorkspaceId) -> Result<Option<i64>, StoreError> {
    let oldest = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::WorkspaceId.eq(workspace))
        .order_by_asc(Column::Position);
    Ok(oldest.into_tuple().one(db.connection()).await?)
}

/// Returns the first event of a workspace at or after an instant. `None` if all events are older.
pub async fn first_since_unscoped(
    db: &Db,
    workspace: WorkspaceId,
    since: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let first = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::At.gte(since))
        .order_by_asc(Column::Position);
    Ok(first.into_tuple().one(db.connection()).await?)
}

/// Deletes the events up to and including a position.
pub async fn delete_until_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    position: i64,
) -> Result<(), StoreError> {
    let delete = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Position.lte(position));
    delete.exec(writing.connection()).await?;
    Ok(())
}

pub async fn newest_event_unscoped(db: &Db, workspace: WorkspaceId) -> Result<Option<Model>, StoreError> {
    let newest = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .order_by_desc(Column::Position);
    Ok(newest.one(db.connection()).await?)
}

/// Returns the newest position of a workspace and the epoch of the next event.
pub async fn newest_unscoped(db: &Db, workspace: WorkspaceId) -> Result<LogPosition, StoreError> {
    let counter = change_counter::Entity::find_by_id(workspace)
        .one(db.connection())
        .await?;
    Ok(counter.map_or(LogPosition::default(), |counter| LogPosition {
        position: counter.position,
        epoch: counter.epoch,
    }))
}

/// Returns the place of the event that created each of these messages.
pub async fn places_of_messages_unscoped(
    db: &Db,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, LogPosition>, StoreError> {
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found: Vec<(Uuid, i64, i64)> = Entity::find()
        .select_only()
        .columns([Column::ObjectId, Column::Position, Column::Epoch])
        .filter(db.dialect().is_among(Column::ObjectId, &uuids))
        .filter(Column::Name.eq(Name::MessageCreated))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(tally::rows(found)
        .into_iter()
        .map(|(id, position, epoch)| (MessageId(id), LogPosition { position, epoch }))
        .collect())
}

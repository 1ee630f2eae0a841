//! Reads that lock rows until the transaction ends. Several rows are locked in the order of their ids, so that
//! two transactions cannot deadlock.

use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Alias, IntoTableRef, LockType, Order, SelectStatement, TableRef},
};

use super::{Columns, Noun, StoreError, columns::Cells, connect::WriteTransaction, select};
use crate::auth::Scope;

/// Selects whole rows and locks them, with their rows in the other table of the noun.
pub(super) fn rows_to_change<N: Noun>() -> SelectStatement {
    let mut select = select::rows::<N>(Columns::ALL);
    select.lock_with_tables(LockType::NoKeyUpdate, tables::<N>());
    select
}

/// Tables with the columns of a noun. A writer that waited for the lock of the first one reads the newest row of a table
/// only if it locks that row too.
pub(super) fn tables<N: Noun>() -> impl Iterator<Item = TableRef> {
    let side = N::SIDE.map(|side| Alias::new(side.table).into_table_ref());
    std::iter::once(N::default().table_ref()).chain(side)
}

/// Returns the rows of a statement that selects whole rows.
pub(super) async fn read_all<N: Noun>(
    writing: &WriteTransaction,
    select: &SelectStatement,
) -> Result<Vec<N::Row>, StoreError> {
    let statement = writing.dialect().backend().build(select);
    let rows = writing.connection().query_all_raw(statement).await?;
    let read = rows
        .iter()
        .map(|row| N::read_whole(&mut Cells::of(row, Columns::ALL)));
    Ok(read.collect::<Result<_, _>>()?)
}

/// Returns a row of the scope and locks it.
pub async fn find_to_change<N: Noun>(
    writing: &WriteTransaction,
    scope: &Scope,
    id: N::Id,
) -> Result<Option<N::Row>, StoreError> {
    let id: Uuid = id.into();
    let mut select = rows_to_change::<N>();
    select
        .and_where(N::id_column().eq(id))
        .cond_where(N::within(scope));
    Ok(read_all::<N>(writing, &select).await?.pop())
}

/// Returns these rows and locks them.
pub async fn find_many_to_change_unscoped<N: Noun>(
    writing: &WriteTransaction,
    ids: &[Uuid],
) -> Result<Vec<N::Row>, StoreError> {
    let mut select = rows_to_change::<N>();
    select
        .and_where(writing.dialect().is_among(N::id_column(), ids))
        .order_by((N::id_column().entity_name(), N::id_column()), Order::Asc);
    read_all::<N>(writing, &select).await
}

/// Locks these rows.
pub async fn hold_many_unscoped<N: Noun>(writing: &WriteTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
    let select = N::find()
        .filter(writing.dialect().is_among(N::id_column(), ids))
        .order_by_asc(N::id_column())
        .lock(LockType::NoKeyUpdate)
        .select_only()
        .column(N::id_column());
    let _: Vec<Uuid> = select.into_tuple().all(writing.connection()).await?;
    Ok(())
}

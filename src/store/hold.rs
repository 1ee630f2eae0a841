//! Reads that lock rows until the transaction ends. Several rows are locked in the order of their ids, so that
//! two transactions cannot deadlock.

use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid, sea_query::LockType,
};

use super::{Noun, StoreError, connect::WriteTransaction};
use crate::auth::Scope;

/// Returns a row of the scope and locks it.
pub async fn find_to_change<N: Noun>(
    writing: &WriteTransaction,
    scope: &Scope,
    id: N::Id,
) -> Result<Option<N::Model>, StoreError> {
    let id: Uuid = id.into();
    let select = N::find()
        .filter(N::id_column().eq(id))
        .filter(N::within(scope))
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
}

/// Returns these rows and locks them.
pub async fn find_many_to_change_unscoped<N: Noun>(
    writing: &WriteTransaction,
    ids: &[Uuid],
) -> Result<Vec<N::Model>, StoreError> {
    Ok(held::<N>(writing, ids).all(writing.connection()).await?)
}

/// Locks these rows.
pub async fn hold_many_unscoped<N: Noun>(writing: &WriteTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
    let select = held::<N>(writing, ids).select_only().column(N::id_column());
    let _: Vec<Uuid> = select.into_tuple().all(writing.connection()).await?;
    Ok(())
}

fn held<N: Noun>(writing: &WriteTransaction, ids: &[Uuid]) -> Select<N> {
    N::find()
        .filter(writing.dialect().is_among(N::id_column(), ids))
        .order_by_asc(N::id_column())
        .lock(LockType::NoKeyUpdate)
}

//! Limit on the text that a filter may read.
//!
//! No index supports the search inside texts. Before a statement reads texts, another one adds up their
//! sizes, because both databases know the length of a text without reading it.

use sea_orm::{
    ColumnTrait, ConnectionTrait,
    prelude::Uuid,
    sea_query::{Alias, Expr, Func},
};

use super::{
    Db, ListQuery, Noun, StoreError,
    select::{from, narrow},
};
use crate::auth::Scope;

/// Rejects a filter that would read more text than the limit in the children of all parents together.
pub(super) async fn of_children<N: Noun>(
    db: &Db,
    scope: &Scope,
    parent: N::Parent,
    ids: &[Uuid],
    query: &ListQuery<N>,
) -> Result<(), StoreError> {
    let Some((column, rest)) = N::looks_through(&query.filter) else {
        return Ok(());
    };
    let query = ListQuery::<N> {
        filter: rest,
        ..query.clone()
    };
    let size = Func::cust(Alias::new("octet_length")).arg(Expr::col((column.entity_name(), column)));
    let mut sizes = from::<N>();
    sizes
        .expr_as(Func::sum(size), Alias::new("bytes"))
        .and_where(db.dialect().is_among(N::parent_column(parent), ids));
    narrow::<N>(&mut sizes, scope, &query, db.dialect());
    let statement = db.dialect().backend().build(&sizes);
    let row = db.connection().query_one_raw(statement).await?;
    let bytes: Option<i64> = row.map(|row| row.try_get("", "bytes")).transpose()?.flatten();
    let max = db.filter_bytes_max();
    if bytes.is_some_and(|bytes| bytes > max) {
        return Err(StoreError::TooMuchText(max));
    }
    Ok(())
}

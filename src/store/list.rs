//! Statements that read rows: by id, as a list, as the children of many parents, and as a count.
//!
//! Each read takes one statement, for any number of ids, parents or rows.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, IdenStatic, QueryResult, Statement,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Order as Direction},
};

use super::{
    Columns, Db, JoinedRow, ListQuery, Noun, Slice, SortKey, StoreError,
    columns::Cells,
    connect::WriteTransaction,
    dialect::{Dialect, Inner},
    reach,
    scope::only_checked,
    select::{chosen, counted, in_order, limit, narrow, needed, only_ids, only_ids_of, page, rows, window},
    tally,
};
use crate::auth::Scope;
use entity::{PartialRow, WorkspaceId};

/// Returns the rows with these ids that are in the scope.
pub async fn find_many<N: Noun>(db: &Db, scope: &Scope, ids: &[Uuid]) -> Result<Vec<N::Row>, StoreError> {
    let rows = query_many::<N>(db.connection(), db.dialect(), scope, ids, Columns::ALL, &[]).await?;
    read_whole::<N>(&rows)
}

/// Like [`find_many`], with the selected columns and the rows that are read together with them.
pub async fn find_many_with<N: Noun>(
    db: &Db,
    scope: &Scope,
    ids: &[Uuid],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<PartialRow<N::Row>>, StoreError> {
    let rows = query_many::<N>(db.connection(), db.dialect(), scope, ids, columns, joined).await?;
    read(&rows, columns, joined)
}

/// Like [`find_many`], inside a writing transaction.
pub async fn find_many_within<N: Noun>(
    writing: &WriteTransaction,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<N::Row>, StoreError> {
    let (connection, dialect) = (writing.connection(), writing.dialect());
    let rows = query_many::<N>(connection, dialect, scope, ids, Columns::ALL, &[]).await?;
    read_whole::<N>(&rows)
}

async fn query_many<N: Noun>(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    scope: &Scope,
    ids: &[Uuid],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<QueryResult>, StoreError> {
    let mut select = rows::<N>(columns);
    select
        .cond_where(only_checked(N::within(scope)))
        .and_where(dialect.is_among(N::id_column(), ids));
    for one in joined {
        one.join(&mut select, scope);
    }
    Ok(connection.query_all_raw(dialect.backend().build(&select)).await?)
}

/// Returns those of these ids that are in the scope.
pub async fn held<N: Noun>(
    db: &Db,
    scope: &Scope,
    ids: impl IntoIterator<Item = N::Id>,
) -> Result<HashSet<N::Id>, StoreError> {
    let ids: HashSet<N::Id> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    let ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
    let select = only_ids::<N>()
        .cond_where(only_checked(N::within(scope)))
        .and_where(db.dialect().is_among(N::id_column(), &ids))
        .to_owned();
    let statement = db.dialect().backend().build(&select);
    let rows = db.connection().query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok(row.try_get::<Uuid>("", N::id_column().as_str())?.into()))
        .collect()
}

/// Returns the next rows of a workspace in the scope after an id, in the order of ids. For readers of whole
/// tables: ids sort by creation, and every table has an index in this order.
pub async fn in_order_of_ids<N: Noun>(
    db: &Db,
    scope: &Scope,
    workspace: WorkspaceId,
    after: Option<N::Id>,
    size: u32,
) -> Result<Vec<N::Row>, StoreError> {
    let id = (N::id_column().entity_name(), N::id_column());
    let mut select = rows::<N>(Columns::ALL);
    select
        .and_where(N::workspace_column().eq(workspace))
        .cond_where(N::within(scope))
        .and_where_option(after.map(|after| Expr::col(id.clone()).gt(Into::<Uuid>::into(after))))
        .order_by(id, Direction::Asc);
    let mut statement = db.dialect().backend().build(&select);
    // A literal, not a parameter, for the reason given at `limit`.
    let _ = write!(statement.sql, " LIMIT {size}");
    read_whole::<N>(&db.connection().query_all_raw(statement).await?)
}

/// Returns one page of a list, with the selected columns and the rows that are read together with them.
pub async fn list<N: Noun>(
    db: &Db,
    scope: &Scope,
    query: &ListQuery<N>,
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Slice<PartialRow<N::Row>>, StoreError> {
    if query.workspace.is_some_and(|workspace| !scope.holds(workspace)) {
        return Ok(Slice::default());
    }
    let columns = needed::<N>(columns, query);
    let mut select = rows::<N>(columns);
    page::<N>(&mut select, scope, query, db.dialect());
    for one in joined {
        one.join(&mut select, scope);
    }
    let mut statement = db.dialect().backend().build(&select);
    statement.sql.push_str(&limit(&query.page));
    let rows = read::<N>(&db.connection().query_all_raw(statement).await?, columns, joined)?;
    Ok(Slice::from_probe(rows, &query.page))
}

pub async fn count<N: Noun>(db: &Db, scope: &Scope, query: &ListQuery<N>) -> Result<i64, StoreError> {
    if query.workspace.is_some_and(|workspace| !scope.holds(workspace)) {
        return Ok(0);
    }
    let mut select = counted::<N>();
    narrow::<N>(&mut select, scope, query, db.dialect());
    let row = db
        .connection()
        .query_one_raw(db.dialect().backend().build(&select))
        .await?;
    Ok(row
        .map(|row| row.try_get("", "n"))
        .transpose()?
        .unwrap_or_default())
}

/// Returns the same page of the children of each parent. Parents without children are absent.
pub async fn children<N: Noun>(
    db: &Db,
    scope: &Scope,
    parent: N::Parent,
    ids: &[Uuid],
    query: &ListQuery<N>,
    columns: Columns,
) -> Result<HashMap<Uuid, Slice<PartialRow<N::Row>>>, StoreError> {
    reach::of_children::<N>(db, scope, parent, ids, query).await?;
    let dialect = db.dialect();
    let column = N::parent_column(parent);
    let columns = needed::<N>(columns, query).and(Columns::named(N::FIELDS, &[N::field(column)]));
    let mut select = if dialect.inner_selects_rows() {
        rows::<N>(columns)
    } else {
        only_ids_of::<N>(query)
    };
    select.and_where(
        Expr::col((column.entity_name(), column)).eq(Expr::col((Alias::new("k"), Alias::new("id")))),
    );
    narrow::<N>(&mut select, scope, query, dialect);
    window::<N>(&mut select, scope, query);
    let Statement { mut sql, values, .. } = dialect.backend().build(&select);
    sql.push_str(&limit(&query.page));

    let table = N::id_column().entity_name().to_string();
    let names: Vec<&str> = chosen::<N>(columns).collect();
    let values = values.map(|values| values.0).unwrap_or_default();
    let inner = Inner {
        sql,
        values,
        table: &table,
        side: N::SIDE,
        columns: &names,
    };
    let statement = dialect.for_each_parent(inner, ids);
    let rows = read::<N>(&db.connection().query_all_raw(statement).await?, columns, &[])?;

    let mut by_parent: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in rows {
        if let Some(id) = N::parent_of(&row, parent)? {
            let place = (query.order.field.value(&row)?, row.id().into());
            by_parent.entry(id).or_default().push((place, row));
        }
    }
    Ok(by_parent
        .into_iter()
        .map(|(id, mut rows)| {
            rows.sort_by(|(one, _), (other, _)| in_order::<N>(one, other, query));
            let rows = rows.into_iter().map(|(_, row)| row).collect();
            (id, Slice::from_probe(rows, &query.page))
        })
        .collect())
}

/// Counts the children of each parent. Parents without children are absent.
pub async fn count_children<N: Noun>(
    db: &Db,
    scope: &Scope,
    parent: N::Parent,
    ids: &[Uuid],
    query: &ListQuery<N>,
) -> Result<HashMap<Uuid, i64>, StoreError> {
    reach::of_children::<N>(db, scope, parent, ids, query).await?;
    let column = N::parent_column(parent);
    let mut select = counted::<N>();
    select
        .expr_as(Expr::col((column.entity_name(), column)), Alias::new("parent"))
        .and_where(db.dialect().is_among(column, ids))
        .add_group_by([Expr::col((column.entity_name(), column))]);
    narrow::<N>(&mut select, scope, query, db.dialect());
    db.connection()
        .query_all_raw(db.dialect().backend().build(&select))
        .await?
        .iter()
        .map(|row| Ok((row.try_get("", "parent")?, row.try_get("", "n")?)))
        .collect()
}

/// Reads rows with all columns.
fn read_whole<N: Noun>(rows: &[QueryResult]) -> Result<Vec<N::Row>, StoreError> {
    let read = |row| N::read_whole(&mut Cells::of(row, Columns::ALL));
    Ok(tally::rows(rows.iter().map(read).collect::<Result<_, _>>()?))
}

/// Reads rows with some columns, and the rows that were read together with them.
fn read<N: Noun>(
    rows: &[QueryResult],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<PartialRow<N::Row>>, StoreError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::of(row, columns);
        all.push(N::read(&mut cells)?);
        joined.iter().try_fold(cells, |cells, one| one.keep(cells))?;
    }
    Ok(tally::rows(all))
}

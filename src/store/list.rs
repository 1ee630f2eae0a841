//! Statements that read rows: by id, as a list, as the children of many parents, and as a count.
//!
//! Each read takes one statement, for any number of ids, parents or rows.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    fmt::Write,
    sync::Arc,
};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, IdenStatic, QueryResult, Statement, Value,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Func, Order as Direction, SelectStatement},
};

use super::{
    Columns, Db, JoinedRow, ListPosition, ListQuery, Noun, Page, Slice, SortKey, SortValue, StoreError,
    columns::{Cells, ColumnName},
    connect::WriteTransaction,
    dialect::{Dialect, Inner},
    reach,
    scope::only_checked,
    sort, tally,
};
use crate::auth::Scope;
use entity::WorkspaceId;

/// Returns the rows with these ids that are in the scope, with the selected columns.
pub async fn find_many<N: Noun>(
    db: &Db,
    scope: &Scope,
    ids: &[Uuid],
    columns: Columns,
) -> Result<Vec<N::Row>, StoreError> {
    find_many_on::<N, _>(db.connection(), db.dialect(), scope, ids, columns, &[]).await
}

/// Like [`find_many`], with shared rows and with the rows that are read together with them.
pub async fn find_many_with<N: Noun>(
    db: &Db,
    scope: &Scope,
    ids: &[Uuid],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<Arc<N::Row>>, StoreError> {
    find_many_on::<N, _>(db.connection(), db.dialect(), scope, ids, columns, joined).await
}

/// Like [`find_many`], inside a writing transaction.
pub async fn find_many_within<N: Noun>(
    writing: &WriteTransaction,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<Vec<N::Row>, StoreError> {
    let dialect = writing.dialect();
    find_many_on::<N, _>(writing.connection(), dialect, scope, ids, Columns::ALL, &[]).await
}

async fn find_many_on<N: Noun, R: From<N::Row>>(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    scope: &Scope,
    ids: &[Uuid],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<R>, StoreError> {
    let columns = columns.and(Columns::ID);
    let mut select = rows::<N>(columns);
    select
        .cond_where(only_checked(N::within(scope)))
        .and_where(dialect.is_among(N::id_column(), ids));
    for one in joined {
        one.join(&mut select, scope);
    }
    let rows = connection.query_all_raw(dialect.backend().build(&select)).await?;
    read(&rows, columns, joined)
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
    fetch::<N, _>(db, statement, Columns::ALL, &[]).await
}

/// Returns one page of a list, with the selected columns and the rows that are read together with them.
pub async fn list<N: Noun>(
    db: &Db,
    scope: &Scope,
    query: &ListQuery<N>,
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Slice<Arc<N::Row>>, StoreError> {
    if query.workspace.is_some_and(|workspace| !scope.holds(workspace)) {
        return Ok(Slice::default());
    }
    let columns = needed::<N>(columns, query);
    let mut select = rows::<N>(columns);
    narrow::<N>(&mut select, scope, query, db.dialect());
    window::<N>(&mut select, query);
    for one in joined {
        one.join(&mut select, scope);
    }
    let mut statement = db.dialect().backend().build(&select);
    statement.sql.push_str(&limit(&query.page));
    let rows = fetch::<N, _>(db, statement, columns, joined).await?;
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
) -> Result<HashMap<Uuid, Slice<Arc<N::Row>>>, StoreError> {
    reach::of_children::<N>(db, scope, parent, ids, query).await?;
    let dialect = db.dialect();
    let column = N::parent_column(parent);
    let columns = needed::<N>(columns, query).and(Columns::named(N::FIELDS, &[N::field(column)]));
    let mut select = if dialect.inner_selects_rows() {
        rows::<N>(columns)
    } else {
        only_ids::<N>()
    };
    select.and_where(
        Expr::col((column.entity_name(), column)).eq(Expr::col((Alias::new("k"), Alias::new("id")))),
    );
    narrow::<N>(&mut select, scope, query, dialect);
    window::<N>(&mut select, query);
    let Statement { mut sql, values, .. } = dialect.backend().build(&select);
    sql.push_str(&limit(&query.page));

    let table = N::id_column().entity_name().to_string();
    let names: Vec<&str> = chosen::<N>(columns).collect();
    let values = values.map(|values| values.0).unwrap_or_default();
    let inner = Inner {
        sql,
        values,
        table: &table,
        columns: &names,
    };
    let rows: Vec<Arc<N::Row>> = fetch::<N, _>(db, dialect.for_each_parent(inner, ids), columns, &[]).await?;

    let mut by_parent: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in rows {
        if let Some(id) = N::parent_of(&row, parent) {
            by_parent.entry(id).or_default().push(row);
        }
    }
    Ok(by_parent
        .into_iter()
        .map(|(id, mut rows)| {
            rows.sort_by(|one, other| in_order::<N>(one, other, query));
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

/// Starts a select without columns. The select of the library would name every column first.
pub(super) fn from<N: Noun>() -> SelectStatement {
    let mut select = SelectStatement::new();
    select.from(N::default().table_ref());
    select
}

/// Selects rows with some of their columns.
pub(super) fn rows<N: Noun>(columns: Columns) -> SelectStatement {
    let mut select = from::<N>();
    add_columns::<N>(&mut select, columns);
    select
}

pub(super) fn add_columns<N: Noun>(select: &mut SelectStatement, columns: Columns) {
    const { Columns::check(N::FIELDS) };
    let table = N::id_column().entity_name();
    select.columns(chosen::<N>(columns).map(|name| (table.clone(), ColumnName(name))));
}

/// Names of the selected columns.
fn chosen<N: Noun>(columns: Columns) -> impl Iterator<Item = &'static str> {
    let all = N::FIELDS.iter().enumerate();
    all.filter(move |(place, _)| columns.has(*place))
        .map(|(_, name)| *name)
}

/// Returns the requested columns plus those that a list needs itself.
fn needed<N: Noun>(columns: Columns, query: &ListQuery<N>) -> Columns {
    let sorted_by = Columns::named(N::FIELDS, &[query.order.field.column().name]);
    columns.and(Columns::ID).and(sorted_by)
}

fn only_ids<N: Noun>() -> SelectStatement {
    let mut select = from::<N>();
    select.column((N::id_column().entity_name(), N::id_column()));
    select
}

fn counted<N: Noun>() -> SelectStatement {
    let mut select = from::<N>();
    select.expr_as(
        Func::count(Expr::col((N::id_column().entity_name(), N::id_column()))),
        Alias::new("n"),
    );
    select
}

/// Adds the conditions of scope, workspace and filter.
pub(super) fn narrow<N: Noun>(
    select: &mut SelectStatement,
    scope: &Scope,
    query: &ListQuery<N>,
    dialect: Dialect,
) {
    // With an equality on one workspace, the index also provides the order.
    let workspace = query
        .workspace
        .map(|workspace| N::workspace_column().eq(workspace));
    let seen = Condition::all().add_option(workspace).add(N::within(scope));
    let seen = if N::names_ids(&query.filter) {
        only_checked(seen)
    } else {
        seen
    };
    select
        .cond_where(seen)
        .cond_where(N::fitting(&query.filter, scope, dialect));
}

/// Adds the conditions of the page and the order.
fn window<N: Noun>(select: &mut SelectStatement, query: &ListQuery<N>) {
    let descending = query.order.descending;
    if let Some(place) = &query.page.after {
        select.and_where(beyond::<N>(query, place, !descending));
    }
    if let Some(place) = &query.page.before {
        select.and_where(beyond::<N>(query, place, descending));
    }
    let direction = if is_ascending::<N>(query) {
        Direction::Asc
    } else {
        Direction::Desc
    };
    select
        .order_by_expr(sort::expression::<N>(query.order.field), direction.clone())
        .order_by((N::id_column().entity_name(), N::id_column()), direction);
}

/// Condition: the row is on the greater or lesser side of a place. A comparison of pairs uses the index.
fn beyond<N: Noun>(query: &ListQuery<N>, place: &ListPosition, greater: bool) -> Expr {
    let row = Expr::tuple([
        sort::expression::<N>(query.order.field),
        Expr::col((N::id_column().entity_name(), N::id_column())),
    ]);
    let value = match &place.value {
        SortValue::Number(number) => Value::from(*number),
        SortValue::Text(text) => Value::from(text.clone()),
    };
    let sort = sort::expression::<N>(query.order.field);
    // SQLite uses an index of columns for a pair, but not an index of expressions. There, this condition on
    // the first value lets it start at the right entry.
    let near = if greater {
        sort.gte(value.clone())
    } else {
        sort.lte(value.clone())
    };
    let place = Expr::tuple([Expr::val(value), Expr::val(place.id)]);
    near.and(if greater { row.gt(place) } else { row.lt(place) })
}

/// LIMIT as a literal. With a parameter, PostgreSQL would plan the statement again on each execution.
fn limit(page: &Page) -> String {
    let limit = format!(" LIMIT {}", u64::from(page.size) + 1);
    if page.offset > 0 {
        format!("{limit} OFFSET {}", page.offset)
    } else {
        limit
    }
}

/// Whether the statement reads in ascending order.
fn is_ascending<N: Noun>(query: &ListQuery<N>) -> bool {
    query.order.descending == query.page.from_end
}

/// Compares two rows in the order of the statement. The database returns the children of many parents in any
/// order, most often in this one. Sorting the children of each parent is less work than sorting all of them
/// in the database.
fn in_order<N: Noun>(one: &N::Row, other: &N::Row, query: &ListQuery<N>) -> Ordering {
    let place = |row| (query.order.field.value(row), N::id(row).into());
    let (one, other): ((SortValue, Uuid), (SortValue, Uuid)) = (place(one), place(other));
    if is_ascending::<N>(query) {
        one.cmp(&other)
    } else {
        other.cmp(&one)
    }
}

async fn fetch<N: Noun, R: From<N::Row>>(
    db: &Db,
    statement: Statement,
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<R>, StoreError> {
    read(&db.connection().query_all_raw(statement).await?, columns, joined)
}

/// Reads rows, plain or shared. Shared rows are wide and should be moved as rarely as possible.
fn read<N: Noun, R: From<N::Row>>(
    rows: &[QueryResult],
    columns: Columns,
    joined: &[Box<dyn JoinedRow<N> + '_>],
) -> Result<Vec<R>, StoreError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::of(row, columns);
        all.push(N::read(&mut cells)?.into());
        joined.iter().try_fold(cells, |cells, one| one.keep(cells))?;
    }
    Ok(tally::rows(all))
}

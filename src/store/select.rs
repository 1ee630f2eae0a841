//! The parts of statements that read rows: columns, conditions, order and page.

use std::cmp::Ordering;

use entity::WorkspaceId;
use sea_orm::{
    ColumnTrait, Condition, Value,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoIden, JoinType, Order as Direction, SelectStatement},
};

use super::{
    Columns, ListPosition, ListQuery, Noun, Page, SortKey, SortValue, columns::ColumnName, dialect::Dialect,
    noun::Window, scope::only_checked, sort,
};
use crate::auth::Scope;

/// Starts a select without columns. The select of the library would name every column first.
pub fn from<N: Noun>() -> SelectStatement {
    let mut select = SelectStatement::new();
    select.from(N::default().table_ref());
    select
}

/// Selects rows with some of their columns.
pub fn rows<N: Noun>(columns: Columns) -> SelectStatement {
    let mut select = from::<N>();
    add_columns::<N>(&mut select, columns);
    add_side::<N>(&mut select, JoinType::InnerJoin, columns);
    select
}

pub fn add_columns<N: Noun>(select: &mut SelectStatement, columns: Columns) {
    let table = N::id_column().entity_name();
    select.columns(chosen::<N>(columns).map(|name| {
        let side = N::side_of(name).map(|side| Alias::new(side.table).into_iden());
        (side.unwrap_or_else(|| table.clone()), ColumnName(name))
    }));
}

/// Joins the table with the other columns of the noun, if one of them is selected.
pub fn add_side<N: Noun>(select: &mut SelectStatement, kind: JoinType, columns: Columns) {
    if let Some(side) = chosen::<N>(columns).find_map(N::side_of) {
        let id = Expr::col((N::id_column().entity_name(), N::id_column()));
        let same = Expr::col((Alias::new(side.table), Alias::new("id"))).eq(id);
        select.join(kind, Alias::new(side.table), same);
    }
}

/// Names of the selected columns.
pub fn chosen<N: Noun>(columns: Columns) -> impl Iterator<Item = &'static str> {
    let all = N::FIELDS.iter().enumerate();
    all.filter(move |(place, _)| columns.has(*place))
        .map(|(_, name)| *name)
}

/// Returns the requested columns plus those that a list needs itself.
pub fn needed<N: Noun>(columns: Columns, query: &ListQuery<N>) -> Columns {
    columns.and(sorted_by::<N>(query))
}

fn sorted_by<N: Noun>(query: &ListQuery<N>) -> Columns {
    Columns::named(N::FIELDS, &[query.order.field.column().name])
}

pub fn only_ids<N: Noun>() -> SelectStatement {
    let mut select = from::<N>();
    select.column((N::id_column().entity_name(), N::id_column()));
    select
}

/// Selects the ids of rows that a list sorts.
pub fn only_ids_of<N: Noun>(query: &ListQuery<N>) -> SelectStatement {
    let mut select = only_ids::<N>();
    add_side::<N>(&mut select, JoinType::InnerJoin, sorted_by::<N>(query));
    select
}

pub fn counted<N: Noun>() -> SelectStatement {
    let mut select = from::<N>();
    select.expr_as(
        Func::count(Expr::col((N::id_column().entity_name(), N::id_column()))),
        Alias::new("n"),
    );
    select
}

/// Adds the conditions of scope, workspace and filter.
pub fn narrow<N: Noun>(select: &mut SelectStatement, scope: &Scope, query: &ListQuery<N>, dialect: Dialect) {
    restrict::<N>(select, scope, query.workspace, &query.filter, dialect);
}

/// Like [`narrow`], for statements that read no list.
pub fn restrict<N: Noun>(
    select: &mut SelectStatement,
    scope: &Scope,
    workspace: Option<WorkspaceId>,
    filter: &N::Filter,
    dialect: Dialect,
) {
    // With an equality on one workspace, the index also provides the order.
    let workspace = workspace.map(|workspace| N::workspace_column().eq(workspace));
    let seen = Condition::all().add_option(workspace).add(N::within(scope));
    let seen = if N::names_ids(filter) {
        only_checked(seen)
    } else {
        seen
    };
    select
        .cond_where(seen)
        .cond_where(N::fitting(filter, scope, dialect));
}

/// Adds the conditions of scope, workspace, filter, page and order.
pub fn page<N: Noun>(select: &mut SelectStatement, scope: &Scope, query: &ListQuery<N>, dialect: Dialect) {
    let part = Window {
        workspace: query.workspace,
        column: query.order.field.column().name,
        descending: query.order.descending,
        page: &query.page,
    };
    if let Some(found) = N::found_first(&query.filter, &part, scope, dialect) {
        select.cond_where(only_checked(N::within(scope))).and_where(found);
        return sorted::<N>(select, query);
    }
    narrow::<N>(select, scope, query, dialect);
    window::<N>(select, scope, query);
}

/// Adds the conditions of the page and the order.
pub fn window<N: Noun>(select: &mut SelectStatement, scope: &Scope, query: &ListQuery<N>) {
    let descending = query.order.descending;
    if let Some(side) = N::side_of(query.order.field.column().name) {
        // The index of the order begins with the workspace.
        let only = match *scope.workspaces {
            [only] => Some(only),
            _ => None,
        };
        let column = Expr::col((Alias::new(side.table), Alias::new("workspace_id")));
        select.and_where_option(query.workspace.or(only).map(|workspace| column.eq(workspace)));
    }
    if let Some(place) = &query.page.after {
        select.and_where(beyond::<N>(query, place, !descending));
    }
    if let Some(place) = &query.page.before {
        select.and_where(beyond::<N>(query, place, descending));
    }
    sorted::<N>(select, query);
}

fn sorted<N: Noun>(select: &mut SelectStatement, query: &ListQuery<N>) {
    let direction = if is_ascending::<N>(query) {
        Direction::Asc
    } else {
        Direction::Desc
    };
    select
        .order_by_expr(sort::expression::<N>(query.order.field), direction.clone())
        .order_by_expr(sort::id::<N>(query.order.field), direction);
}

/// Condition: the row is on the greater or lesser side of a place. A comparison of pairs uses the index.
fn beyond<N: Noun>(query: &ListQuery<N>, place: &ListPosition, greater: bool) -> Expr {
    let row = Expr::tuple([
        sort::expression::<N>(query.order.field),
        sort::id::<N>(query.order.field),
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
pub fn limit(page: &Page) -> String {
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

/// Compares the places of two rows in the order of the statement. The database returns the children of many
/// parents in any order, most often in this one. Sorting the children of each parent is less work than sorting
/// all of them in the database.
pub fn in_order<N: Noun>(
    one: &(SortValue, Uuid),
    other: &(SortValue, Uuid),
    query: &ListQuery<N>,
) -> Ordering {
    if is_ascending::<N>(query) {
        one.cmp(other)
    } else {
        other.cmp(one)
    }
}

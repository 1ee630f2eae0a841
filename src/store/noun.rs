//! What the one list mechanism must know of a table.

use std::{fmt::Debug, hash::Hash};

use sea_orm::{Condition, DbErr, EntityTrait, IdenStatic, prelude::Uuid, sea_query::Expr};

use super::{SortValue, columns::Cells, dialect::Dialect};
use crate::auth::Scope;

/// A table whose rows are shown in lists.
pub trait Noun: EntityTrait + Clone + Debug + Send + Sync + 'static {
    /// A row as it is read. Wide columns that lists do not need are left out of it.
    type Row: Clone + Debug + Send + Sync + 'static;
    /// The id of a row.
    type Id: Copy + Debug + Eq + Hash + From<Uuid> + Into<Uuid> + Send + Sync + 'static;
    /// Which rows fit.
    type Filter: Clone + Debug + Default + Eq + Hash + Send + Sync + 'static;
    /// By what rows are sorted.
    type Sort: Copy + Debug + Eq + Hash + Send + Sync + 'static;
    /// Whose children the rows are.
    type Parent: Copy + Debug + Eq + Hash + Send + Sync + 'static;

    /// The names of the fields of [`Self::Row`].
    const FIELDS: &'static [&'static str];

    /// The columns of [`Self::Row`], in the order of its fields.
    fn columns() -> Vec<Self::Column>;
    /// A row, of which some columns may be missing.
    fn read(cells: &mut Cells<'_>) -> Result<Self::Row, DbErr>;
    /// The field with [`Self::sort_value`].
    fn sorted_by(sort: Self::Sort) -> &'static str;
    /// The field of a column.
    fn field(column: Self::Column) -> &'static str {
        column.as_str()
    }
    /// The column of the id.
    fn id_column() -> Self::Column;
    /// The column of the workspace.
    fn workspace_column() -> Self::Column;
    /// The column that points to a parent.
    fn parent_column(parent: Self::Parent) -> Self::Column;
    /// What a list is sorted by; equal to an indexed column or expression.
    fn sort_expression(sort: Self::Sort) -> Expr;
    /// The rows of a scope.
    fn within(scope: &Scope) -> Condition;
    /// The rows that fit. The scope is that of rows of other tables that the filter looks at.
    fn fitting(filter: &Self::Filter, scope: &Scope, dialect: Dialect) -> Condition;
    /// The column of long texts that must be read to see whether a row fits, and the filter without what is said of it.
    fn looks_through(_: &Self::Filter) -> Option<(Self::Column, Self::Filter)> {
        None
    }
    /// Whether rows fit only whose ids are in the filter.
    fn names_ids(_: &Self::Filter) -> bool {
        false
    }
    /// What this row is sorted by.
    fn sort_value(row: &Self::Row, sort: Self::Sort) -> SortValue;
    /// The id of this row.
    fn id(row: &Self::Row) -> Self::Id;
    /// The parent of this row.
    fn parent_of(row: &Self::Row, parent: Self::Parent) -> Option<Uuid>;
}

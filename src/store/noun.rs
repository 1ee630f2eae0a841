//! Definition of a table for the list mechanism.

use std::{fmt::Debug, hash::Hash};

use entity::{Columns, Fields, NotRead, PartialRow, Row, WorkspaceId};
use sea_orm::{Condition, DbErr, EntityTrait, IdenStatic, prelude::Uuid, sea_query::Expr};

use super::{Page, SortKey, columns::Cells, dialect::Dialect};
use crate::auth::Scope;

/// Table with some columns of a noun. Its rows have the ids of the noun.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    pub table: &'static str,
    /// Columns of the noun that are in this table.
    pub columns: &'static [&'static str],
}

/// Part of a list, without its filter.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    pub workspace: Option<WorkspaceId>,
    /// Column of the order.
    pub column: &'static str,
    /// Whether the greatest value of the order comes first.
    pub descending: bool,
    pub page: &'a Page,
}

/// Table whose rows can be filtered.
pub trait Filtered: EntityTrait {
    /// Table with the columns that change more often than the others.
    const SIDE: Option<Side> = None;

    type Filter: Clone + Debug + Default + Eq + Hash + Send + Sync + 'static;

    /// Condition for the rows that match a filter. The scope limits the rows of other tables that the filter
    /// reads.
    fn fitting(filter: &Self::Filter, scope: &Scope, dialect: Dialect) -> Condition;
    /// Column of long texts that the filter reads, and the filter without its condition on that column.
    /// `None` if the filter reads no long texts.
    fn looks_through(_: &Self::Filter) -> Option<(Self::Column, Self::Filter)> {
        None
    }
    /// Condition for exactly the rows of a page that the filter and the scope match, if the page is found along another
    /// index than that of its order.
    fn found_first(_: &Self::Filter, _: &Window<'_>, _: &Scope, _: Dialect) -> Option<Expr> {
        None
    }
    /// Whether the filter matches only rows whose ids it lists.
    fn names_ids(_: &Self::Filter) -> bool {
        false
    }
}

/// Table whose rows appear in lists.
pub trait Noun: Filtered + Clone + Debug + Send + Sync + 'static {
    /// Row as it is read. It leaves out wide columns that lists do not need.
    type Row: for<'a> Row<Cells<'a>> + Fields<Id = Self::Id> + Clone + Debug + Send + Sync + 'static;
    type Id: Copy + Debug + Eq + Hash + From<Uuid> + Into<Uuid> + Send + Sync + 'static;
    type Sort: SortKey<Self::Row>;
    type Parent: Copy + Debug + Eq + Hash + Send + Sync + 'static;

    /// Names of the fields of [`Self::Row`], which are the names of its columns.
    const FIELDS: &'static [&'static str] = <Self::Row as Fields>::FIELDS;

    /// Reads a row with the columns of the cells.
    fn read(cells: &mut Cells<'_>) -> Result<PartialRow<Self::Row>, DbErr> {
        let columns = cells.columns();
        Ok(PartialRow::of(Row::read(cells)?, columns))
    }
    /// Reads a row with all columns. Error if the cells lack one.
    fn read_whole(cells: &mut Cells<'_>) -> Result<Self::Row, DbErr> {
        if cells.columns() != Columns::ALL {
            return Err(DbErr::Custom("a whole row needs all columns".to_owned()));
        }
        Row::read(cells)
    }
    /// Name of the field of a column.
    fn field(column: Self::Column) -> &'static str {
        column.as_str()
    }
    /// Table of the column of a field, if it is not the table of the noun.
    fn side_of(field: &str) -> Option<Side> {
        Self::SIDE.filter(|side| side.columns.contains(&field))
    }
    fn id_column() -> Self::Column;
    fn workspace_column() -> Self::Column;
    /// Column that refers to a parent.
    fn parent_column(parent: Self::Parent) -> Self::Column;
    /// Condition for the rows of a scope.
    fn within(scope: &Scope) -> Condition;
    fn parent_of(row: &PartialRow<Self::Row>, parent: Self::Parent) -> Result<Option<Uuid>, NotRead>;
}

/// Declares the parents of a noun, each with the column and the value that refer to it, and implements [`Noun`]. With
/// `@of`, the type of parents exists already, because several nouns share it.
macro_rules! noun {
    ($noun:ident: $row:ty, $id:ty, $sort:ty, |$it:ident| $parent:ident {
        $($(#[$meaning:meta])* $of:ident = $column:ident => $value:expr),* $(,)?
    }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $parent {
            $($(#[$meaning])* $of),*
        }

        $crate::store::noun::noun!(@of $noun: $row, $id, $sort, |$it| $parent { $($of = $column => $value),* });
    };
    (@of $noun:ident: $row:ty, $id:ty, $sort:ty, |$it:ident| $parent:ident {
        $($of:ident = $column:ident => $value:expr),*
    }) => {
        impl $crate::store::Noun for entity::$noun::Entity {
            type Row = $row;
            type Id = $id;
            type Sort = $sort;
            type Parent = $parent;

            fn id_column() -> Self::Column {
                entity::$noun::Column::Id
            }

            fn workspace_column() -> Self::Column {
                entity::$noun::Column::WorkspaceId
            }

            fn parent_column(parent: $parent) -> Self::Column {
                match parent {
                    $($parent::$of => entity::$noun::Column::$column),*
                }
            }

            fn within(scope: &$crate::auth::Scope) -> sea_orm::Condition {
                $crate::store::scope::$noun(scope)
            }

            fn parent_of(
                $it: &entity::PartialRow<$row>,
                parent: $parent,
            ) -> Result<Option<sea_orm::prelude::Uuid>, entity::NotRead> {
                match parent {
                    $($parent::$of => Ok($value)),*
                }
            }
        }
    };
}
pub(super) use noun;

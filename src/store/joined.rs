//! Rows of other tables that are read together with the rows that refer to them.
//!
//! For example, a ticket query that also requests the customer reads both in one statement, which saves a
//! round trip. The access rules of each table apply as they do when the table is read alone.

use std::{collections::HashMap, fmt};

use entity::PartialRow;
use parking_lot::Mutex;
use sea_orm::{
    ColumnTrait, DbErr,
    sea_query::{Expr, ExprTrait, JoinType, SelectStatement},
};

use super::{Columns, Noun, columns::Cells, scope::only_checked, select, tally};
use crate::auth::Scope;

pub struct JoinedRows<N: Noun>(Mutex<HashMap<N::Id, PartialRow<N::Row>>>);

impl<N: Noun> Default for JoinedRows<N> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<N: Noun> fmt::Debug for JoinedRows<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinedRows").finish_non_exhaustive()
    }
}

impl<N: Noun> JoinedRows<N> {
    /// Returns the row with this id if it was read.
    pub fn get(&self, id: N::Id) -> Option<PartialRow<N::Row>> {
        self.0.lock().get(&id).cloned()
    }
}

/// Rows to read together with the rows of `N`.
pub trait JoinedRow<N: Noun>: Send + Sync {
    /// Adds the rows to the statement.
    fn join(&self, select: &mut SelectStatement, scope: &Scope);
    /// Stores the values that came with one row and returns the cells behind them.
    fn keep<'r>(&self, cells: Cells<'r>) -> Result<Cells<'r>, DbErr>;
}

/// Row of `M` to which a column of `N` refers.
#[derive(Clone, Copy, Debug)]
pub struct PointerJoin<'a, N: Noun, M: Noun> {
    /// Column with the id of the row.
    pub column: N::Column,
    /// Columns of the row to read.
    pub columns: Columns,
    /// Destination of the row.
    pub found: &'a JoinedRows<M>,
}

impl<N: Noun, M: Noun> JoinedRow<N> for PointerJoin<'_, N, M>
where
    N::Column: Send + Sync,
{
    fn join(&self, select: &mut SelectStatement, scope: &Scope) {
        join::<M>(select, JoinType::LeftJoin, self.column, self.columns, scope);
    }

    fn keep<'r>(&self, cells: Cells<'r>) -> Result<Cells<'r>, DbErr> {
        let mut cells = cells.of_next(self.columns);
        let Some(id) = cells.id()? else {
            return Ok(cells.behind(M::FIELDS.len()));
        };
        let mut found = self.found.0.lock();
        if found.contains_key(&id.into()) {
            return Ok(cells.behind(M::FIELDS.len()));
        }
        found.insert(id.into(), tally::row(M::read(&mut cells)?));
        Ok(cells)
    }
}

/// Joins the row of `M` to which a column refers, if it is in the scope.
pub fn join<M: Noun>(
    select: &mut SelectStatement,
    kind: JoinType,
    pointer: impl ColumnTrait,
    columns: Columns,
    scope: &Scope,
) {
    let id = Expr::col((M::id_column().entity_name(), M::id_column()));
    // SQLite would take a plain condition for a selective one and read the whole table first.
    let seen = only_checked(M::within(scope)).add(id.equals((pointer.entity_name(), pointer)));
    select.join(kind, M::default().table_ref(), seen);
    select::add_side::<M>(select, kind, columns);
    select::add_columns::<M>(select, columns);
}

//! Rows of other tables that rows point to, read with them in one statement.
//!
//! A ticket of which the customer is asked for, too, comes with its customer: one journey to the database less. Each
//! table has its own rules of who sees what, and they hold here as they do when it is read alone.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sea_orm::{
    ColumnTrait, DbErr,
    sea_query::{Expr, ExprTrait, JoinType, SelectStatement},
};

use super::{Columns, Noun, columns::Cells, list, scope::only_checked, tally};
use crate::auth::Scope;

/// Rows by their ids.
pub struct Found<N: Noun>(Mutex<HashMap<N::Id, Arc<N::Row>>>);

impl<N: Noun> Default for Found<N> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<N: Noun> fmt::Debug for Found<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").finish_non_exhaustive()
    }
}

impl<N: Noun> Found<N> {
    fn rows(&self) -> MutexGuard<'_, HashMap<N::Id, Arc<N::Row>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row with this id, if it was read.
    pub fn get(&self, id: N::Id) -> Option<Arc<N::Row>> {
        self.rows().get(&id).cloned()
    }
}

/// What is read beside the rows of `N`.
pub trait Beside<N: Noun>: Send + Sync {
    /// Has it read.
    fn join(&self, select: &mut SelectStatement, scope: &Scope);
    /// Keeps what came with one row, and answers the cells behind it.
    fn keep<'r>(&self, cells: Cells<'r>) -> Result<Cells<'r>, DbErr>;
}

/// A row of `M` to which a column of `N` points.
#[derive(Clone, Copy, Debug)]
pub struct Pointed<'a, N: Noun, M: Noun> {
    /// The column with its id.
    pub column: N::Column,
    /// What is wanted of it.
    pub columns: Columns,
    /// Where it is kept.
    pub found: &'a Found<M>,
}

impl<N: Noun, M: Noun> Pointed<'_, N, M> {
    fn columns(&self) -> Columns {
        self.columns.and(Columns::ID)
    }
}

impl<N: Noun, M: Noun> Beside<N> for Pointed<'_, N, M>
where
    N::Column: Send + Sync,
{
    fn join(&self, select: &mut SelectStatement, scope: &Scope) {
        join::<M>(select, JoinType::LeftJoin, self.column, self.columns(), scope);
    }

    fn keep<'r>(&self, cells: Cells<'r>) -> Result<Cells<'r>, DbErr> {
        let mut cells = cells.of_next(self.columns());
        let Some(id) = cells.id()? else {
            return Ok(cells.behind(M::FIELDS.len()));
        };
        let mut found = self.found.rows();
        if found.contains_key(&id.into()) {
            return Ok(cells.behind(M::FIELDS.len()));
        }
        found.insert(id.into(), Arc::new(tally::row(M::read(&mut cells)?)));
        Ok(cells)
    }
}

/// Reads the row of `M` to which a column points as well, if the scope holds it.
pub fn join<M: Noun>(
    select: &mut SelectStatement,
    kind: JoinType,
    pointer: impl ColumnTrait,
    columns: Columns,
    scope: &Scope,
) {
    let id = Expr::col((M::id_column().entity_name(), M::id_column()));
    // SQLite would take a plain condition for one that keeps many rows away, and read the whole table first to know which.
    let seen = only_checked(M::within(scope)).add(id.equals((pointer.entity_name(), pointer)));
    select.join(kind, M::default().table_ref(), seen);
    list::add_columns::<M>(select, columns);
}

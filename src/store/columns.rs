//! Selection of the columns to read, and reading of rows that have only some columns.
//!
//! For example, a query for the names of customers must not carry forty columns through the database, the
//! driver and memory. Such a query returns a [`PartialRow`](entity::PartialRow), which knows which columns were
//! read. Writers always read all columns.

use std::borrow::Cow;

use entity::{Columns, ReadField};
use sea_orm::{DbErr, Iden, QueryResult, prelude::Uuid};

use super::cell::Field;

/// Name of a column in a statement. It is a name of a field, so nothing in it needs an escape.
#[derive(Clone, Copy, Debug)]
pub struct ColumnName(pub &'static str);

impl Iden for ColumnName {
    fn quoted(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }

    fn unquoted(&self) -> &str {
        self.0
    }
}

/// Cursor over the columns of one row.
pub struct Cells<'a> {
    row: &'a QueryResult,
    columns: Columns,
    /// Index of the next field of the noun.
    field: usize,
    /// Index of the next cell of the row.
    cell: usize,
}

impl<'a> Cells<'a> {
    /// Creates a cursor over a row that holds these columns, in order.
    pub fn of(row: &'a QueryResult, columns: Columns) -> Self {
        Self {
            row,
            columns,
            field: 0,
            cell: 0,
        }
    }

    /// Continues with the columns of another noun, which follow those already read.
    #[must_use]
    pub fn of_next(self, columns: Columns) -> Self {
        Self {
            columns,
            field: 0,
            ..self
        }
    }

    /// Columns of the noun that the row holds.
    pub fn columns(&self) -> Columns {
        self.columns
    }

    /// Reads the id of the noun, its first field. `None` if the joined row does not exist.
    pub fn id(&self) -> Result<Option<Uuid>, DbErr> {
        Field::read(self.row, self.cell)
    }

    /// Skips a noun with this number of fields. None of them was read.
    #[must_use]
    pub fn behind(self, fields: usize) -> Self {
        Self {
            cell: self.cell + self.columns.count(fields),
            ..self
        }
    }

    /// Reads the next field of the noun, or its default if the column was not read.
    pub fn read<T: Field + Default>(&mut self) -> Result<T, DbErr> {
        let is_read = self.columns.has(self.field);
        self.field += 1;
        if !is_read {
            return Ok(T::default());
        }
        let cell = self.cell;
        self.cell += 1;
        T::read(self.row, cell)
    }
}

impl<T: Field + Default> ReadField<T> for Cells<'_> {
    fn read_field(&mut self) -> Result<T, DbErr> {
        self.read()
    }
}

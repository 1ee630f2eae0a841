//! Selection of the columns to read, and reading of rows that have only some columns.
//!
//! For example, a query for the names of customers must not carry forty columns through the database, the
//! driver and memory. A column that was not read has its default value, so code that requests few columns
//! must not use others. Writers always read all columns.

use std::borrow::Cow;

use entity::ReadField;
use sea_orm::{DbErr, Iden, QueryResult, prelude::Uuid};

use super::cell::Field;

/// Set of columns of a noun, by index in [`Noun::FIELDS`](super::Noun::FIELDS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns(u64);

impl Columns {
    /// Checks the fields of a noun at compile time.
    ///
    /// # Panics
    ///
    /// If there are too many fields for the bits of a set, or if the first field is not the id, by which a joined
    /// row is recognized.
    pub const fn check(fields: &[&str]) {
        assert!(fields.len() < u64::BITS as usize, "each field needs a bit");
        assert!(is_same(fields[0].as_bytes(), b"id"), "the first field is the id");
    }

    pub const ALL: Self = Self(u64::MAX);
    pub const NONE: Self = Self(0);
    /// The id, which is the first column of every noun.
    pub const ID: Self = Self(1);

    /// Columns with these names. A `const fn`, so that the set can be computed at compile time. It therefore
    /// uses no iterators.
    pub const fn named(fields: &[&str], names: &[&str]) -> Self {
        let (mut all, mut place) = (0, 0);
        while place < fields.len() {
            let mut name = 0;
            while name < names.len() {
                if is_same(fields[place].as_bytes(), names[name].as_bytes()) {
                    all |= 1 << place;
                }
                name += 1;
            }
            place += 1;
        }
        Self(all)
    }

    /// Union of both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Number of the first `fields` columns that are in the set.
    pub fn count(self, fields: usize) -> usize {
        (0..fields).filter(|place| self.has(*place)).count()
    }

    /// Whether the column at an index is in the set.
    pub fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let fields = ["id", "name", "email"];
        let some = Columns::named(&fields, &["email", "nowhere"]).and(Columns::named(&fields, &["id"]));
        assert_eq!([0, 1, 2].map(|place| some.has(place)), [true, false, true]);
        assert!((0..64).all(|place| Columns::ALL.has(place) && !Columns::NONE.has(place)));
    }
}

//! Reading of rows field by field, for rows that hold only some of their columns.

use sea_orm::DbErr;

/// Error of a row that cannot be read.
pub type ReadError = DbErr;

/// Struct with a field for each column that is read.
pub trait Fields {
    /// Type of the id.
    type Id;

    /// Names of the fields, which are the names of the columns, in the order of the declaration.
    const FIELDS: &'static [&'static str];

    /// Returns the id, which is the first field.
    fn id(&self) -> Self::Id;
}

/// Struct that is read from a row of the database. The derive of the same name implements it.
pub trait Row<C>: Fields + Sized {
    /// Reads the fields in the order of [`Fields::FIELDS`].
    fn read(cells: &mut C) -> Result<Self, ReadError>;
}

/// Cursor over the columns of a row, which can read a field of type `T`.
pub trait ReadField<T> {
    /// Reads the next field.
    fn read_field(&mut self) -> Result<T, ReadError>;
}

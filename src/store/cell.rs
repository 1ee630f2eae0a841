//! Reads values from rows without the type checks of the library.
//!
//! The library compares the type of each value with the type of its column, which takes a quarter of the time
//! to read a row. The migrations define the types of the columns. PostgreSQL enforces them. In a `SQLite`
//! file that another program wrote to, a text can be in a number column. It is read as zero.

use entity::{
    Timestamp,
    address::{Emails, Phones},
    attachment::Attachments,
    custom_fields::CustomFields,
    tags::Tags,
};
use sea_orm::{
    ActiveEnum, DbErr, QueryResult,
    prelude::Uuid,
    sqlx::{self, Decode, Row, ValueRef, error::BoxDynError},
};

/// Type that values are read as. NULL is read as `None`.
pub trait Cell: Sized {
    fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr>;
}

/// Field of a row, nullable or not.
pub trait Field: Sized {
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr>;
}

impl<T: Cell> Field for T {
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr> {
        T::cell(row, at)?.ok_or_else(|| unreadable(at, "null"))
    }
}

impl<T: Cell> Field for Option<T> {
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr> {
        T::cell(row, at)
    }
}

fn unreadable(at: usize, why: impl std::fmt::Display) -> DbErr {
    DbErr::Type(format!("the value in place {at}: {why}"))
}

fn decode<'r, R, T>(row: &'r R, at: usize) -> Result<Option<T>, BoxDynError>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    T: Decode<'r, R::Database>,
{
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    T::decode(value).map(Some)
}

/// Types that the drivers decode.
macro_rules! decoded {
    ($($type:ty),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                let read = if let Some(row) = row.try_as_pg_row() {
                    decode(row, at)
                } else if let Some(row) = row.try_as_sqlite_row() {
                    decode(row, at)
                } else {
                    Err("of neither database".into())
                };
                read.map_err(|why| unreadable(at, why))
            }
        })+
    };
}

decoded!(bool, f64, i16, i32, i64, String, Uuid);

/// Ids, which wrap a UUID.
macro_rules! ids {
    ($($type:ty),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                Ok(Uuid::cell(row, at)?.map(Self::from))
            }
        })+
    };
}

entity::typed_ids!(ids);

impl Cell for Timestamp {
    fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
        Ok(i64::cell(row, at)?.map(Self))
    }
}

/// Enums that are numbers in the database.
macro_rules! enums {
    ($($type:ty),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                i16::cell(row, at)?.map(|number| Self::try_from_value(&number)).transpose()
            }
        })+
    };
}

entity::column_enums!(enums);

/// Types that the library decodes from JSON, because the two databases represent JSON differently.
macro_rules! of_json {
    ($($type:ty),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                row.try_get_by_index(at)
            }
        })+
    };
}

of_json!(Attachments, CustomFields, Emails, Phones, Tags);

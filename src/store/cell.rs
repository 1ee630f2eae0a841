//! A value as it stands in a row.
//!
//! The library compares the type of each value with the type of its column before it reads it, and that is a quarter of
//! what reading a row costs. What the types of our columns are is written in the migrations. PostgreSQL holds to them; a file
//! of SQLite that somebody else wrote into may hold a text where a number belongs, which is read as zero.

use entity::{
    AgentId, ConversationId, CustomerId, MessageId, QueueId, TeamId, TicketId, Timestamp, WorkspaceId,
    address::{Emails, Phones},
    agent,
    attachment::Attachments,
    conversation,
    custom_fields::CustomFields,
    customer, message,
    tags::Tags,
    ticket,
};
use sea_orm::{
    ActiveEnum, DbErr, QueryResult,
    prelude::Uuid,
    sqlx::{self, Decode, Row, ValueRef, error::BoxDynError},
};

/// A type that values are read as. Null is none.
pub trait Cell: Sized {
    /// The value of a row in a place.
    fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr>;
}

/// A field of a row: one that may be null, or one that may not.
pub trait Field: Sized {
    /// Reads it from a place.
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

/// What the drivers read.
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

decoded!(bool, i16, i32, i64, String, Uuid);

/// What is another type in the database.
macro_rules! wrapped {
    ($($type:ident($inner:ty)),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                Ok(<$inner>::cell(row, at)?.map($type))
            }
        })+
    };
}

wrapped!(
    AgentId(Uuid),
    ConversationId(Uuid),
    CustomerId(Uuid),
    MessageId(Uuid),
    QueueId(Uuid),
    TeamId(Uuid),
    TicketId(Uuid),
    WorkspaceId(Uuid),
    Timestamp(i64),
);

/// What is a number in the database.
macro_rules! enums {
    ($($type:ty),+ $(,)?) => {
        $(impl Cell for $type {
            fn cell(row: &QueryResult, at: usize) -> Result<Option<Self>, DbErr> {
                i16::cell(row, at)?.map(|number| Self::try_from_value(&number)).transpose()
            }
        })+
    };
}

enums!(
    agent::Role,
    conversation::Status,
    customer::Sentiment,
    customer::Status,
    message::Direction,
    ticket::Priority,
    ticket::Status,
);

/// What the library reads: JSON, of which the two databases have different forms.
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

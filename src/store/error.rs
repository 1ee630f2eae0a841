//! Errors of the database, as far as the layers above must distinguish them.

use entity::NotRead;
use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr, SqlErr,
    sqlx::{self, error::DatabaseError},
};

use super::connect::ADVICE;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value already exists.
    #[error("A value that must be unique is already in use.")]
    Taken,
    /// Another writer was in the way. A retry of the transaction can succeed.
    #[error("The database is busy.")]
    Busy,
    /// The connection was lost before the commit. A retry over another connection can succeed.
    #[error("The connection to the database was lost.")]
    Lost(#[source] DbErr),
    /// No connection was available in time: the database is down, or all connections are in use.
    #[error("No database connection is available.")]
    Unreachable(#[source] DbErr),
    /// The connection was lost during a commit. Whether the transaction was committed is unknown.
    #[error("The connection to the database was lost during a commit.")]
    InDoubt(#[source] DbErr),
    /// The statement exceeded its time limit.
    #[error("A statement exceeded its time limit.")]
    TimedOut,
    /// The filter would read more bytes of text than one statement may read. Contains the limit.
    #[error("A filter would read more than {0} bytes of text.")]
    TooMuchText(i64),
    /// The word index of customers is not complete yet.
    #[error("The customer search index is not complete yet.")]
    NotIndexed,
    /// The database has no space left.
    #[error("The database has no free space.")]
    Full(#[source] DbErr),
    /// The database or the role is unsuitable. Contains a sentence for the operator.
    #[error("{0}")]
    Unfit(String),
    /// Any other error, for the log only.
    #[error("The database failed.")]
    Failed(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Taken;
        }
        if matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) {
            return Self::Unreachable(error);
        }
        if is_lost(&error) {
            return Self::Lost(error);
        }
        if is_timed_out(&error) {
            return Self::TimedOut;
        }
        match code(&error).as_deref().map(Kind::of) {
            Some(Kind::Passing) => Self::Busy,
            Some(Kind::TimedOut) => Self::TimedOut,
            Some(Kind::Full) => Self::Full(error),
            Some(Kind::Away) => Self::Unreachable(error),
            Some(Kind::Pooled) => Self::Unfit(ADVICE.to_owned()),
            // The server rejects new connections, or those of this user.
            Some(Kind::Lost | Kind::Other) | None if matches!(error, DbErr::Conn(_)) => {
                Self::Unreachable(error)
            }
            Some(Kind::Lost | Kind::Other) | None => Self::Failed(error),
        }
    }
}

impl From<NotRead> for StoreError {
    fn from(error: NotRead) -> Self {
        Self::Failed(DbErr::Custom(format!("{error:?}")))
    }
}

impl StoreError {
    /// Converts the error of a commit that several transactions shared.
    pub(super) fn of_shared_commit(error: &DbErr) -> Self {
        let cause = DbErr::Custom(error.to_string());
        match code(error).as_deref().map(Kind::of) {
            Some(Kind::Passing) => Self::Busy,
            Some(Kind::TimedOut) => Self::TimedOut,
            Some(Kind::Full) => Self::Full(cause),
            Some(Kind::Away) => Self::InDoubt(cause),
            _ if is_lost(error) => Self::InDoubt(cause),
            _ => Self::Failed(cause),
        }
    }

    /// Converts the error of a commit.
    pub(super) fn of_commit(error: DbErr) -> Self {
        match error.into() {
            Self::Lost(cause) => Self::InDoubt(cause),
            other => other,
        }
    }
}

/// Message for a statement that the client gives up.
const OUT_OF_TIME: &str = "a statement exceeded its time limit";

/// Returns the error of a statement that the client gives up or does not start.
pub(super) fn out_of_time() -> DbErr {
    DbErr::Custom(OUT_OF_TIME.to_owned())
}

/// Whether a statement exceeded its time limit.
pub(super) fn is_timed_out(error: &DbErr) -> bool {
    match error {
        DbErr::Custom(message) => message == OUT_OF_TIME,
        _ => code(error).is_some_and(|code| Kind::of(&code) == Kind::TimedOut),
    }
}

/// Whether a statement failed because its connection was lost.
pub(super) fn is_lost(error: &DbErr) -> bool {
    match cause(error) {
        Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => true,
        Some(sqlx::Error::Database(told)) => told.code().is_some_and(|code| Kind::of(&code) == Kind::Lost),
        _ => false,
    }
}

/// Whether the database itself reported the error. Its connection remains usable.
pub(super) fn is_told_by_database(error: &DbErr) -> bool {
    matches!(cause(error), Some(sqlx::Error::Database(_)))
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Returns the error code of the database.
fn code(error: &DbErr) -> Option<String> {
    let told: &dyn DatabaseError = cause(error)?.as_database_error()?;
    Some(told.code()?.into_owned())
}

/// Category of an error of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Passing,
    Lost,
    TimedOut,
    Full,
    /// The database cannot access its data or must not write until an operator fixes the cause.
    Away,
    /// A prepared statement is missing or already exists: other clients use the same session.
    Pooled,
    Other,
}

impl Kind {
    fn of(code: &str) -> Self {
        let is_sqlstate = code.len() == 5;
        if is_sqlstate {
            return match code {
                // Another transaction was in the way: serialization failure, deadlock, unavailable lock, or a
                // referenced row that was deleted or created in the meantime.
                "40001" | "40P01" | "55P03" | "23503" => Self::Passing,
                // The server or an operator ended the session, or the server is starting or shutting down.
                "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Self::Lost,
                _ if code.starts_with("08") => Self::Lost,
                "57014" => Self::TimedOut,
                "53100" => Self::Full,
                "42P05" | "26000" => Self::Pooled,
                // No memory or connections left, a read-only server such as a standby, or unreadable files.
                "25006" | "57P04" | "XX001" | "XX002" => Self::Away,
                _ if code.starts_with("53") || code.starts_with("58") => Self::Away,
                _ => Self::Other,
            };
        }
        // Lowest byte of the codes of SQLite: BUSY and LOCKED, INTERRUPT, FULL; PERM, READONLY, IOERR,
        // CORRUPT, CANTOPEN, PROTOCOL and NOTADB.
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Passing,
            Ok(9) => Self::TimedOut,
            Ok(13) => Self::Full,
            Ok(3 | 8 | 10 | 11 | 14 | 15 | 26) => Self::Away,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_classified_by_their_codes() {
        for (kind, codes) in [
            (
                Kind::Passing,
                &["40001", "40P01", "55P03", "23503", "5", "6", "517", "261"][..],
            ),
            (Kind::Lost, &["57P01", "57P02", "57P03", "08006", "25P03"]),
            (Kind::TimedOut, &["57014", "9"]),
            (Kind::Full, &["53100", "13"]),
            (Kind::Pooled, &["42P05", "26000"]),
            (
                Kind::Away,
                &[
                    "53300", "58030", "25006", "XX001", "8", "10", "11", "14", "26", "266", "1032",
                ],
            ),
            (Kind::Other, &["23505", "22021", "1", "19", "2067", ""]),
        ] {
            for code in codes {
                assert_eq!(Kind::of(code), kind, "{code}");
            }
        }
    }
}

//! What can go wrong in the database, as far as anyone above must tell it apart.

use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr, SqlErr,
    sqlx::{self, error::DatabaseError},
};

use super::connect::ADVICE;

/// A failed statement.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is there already.
    #[error("A value that must be unique is already in use.")]
    Taken,
    /// Another writer was in the way; the same transaction may work now.
    #[error("The database is busy.")]
    Busy,
    /// The connection was lost before anything was made durable; the same transaction may work over another.
    #[error("The connection to the database was lost.")]
    Lost(#[source] DbErr),
    /// No connection could be had in time: the database is down, or all connections are at work.
    #[error("No database connection is available.")]
    Unreachable(#[source] DbErr),
    /// The connection was lost while a transaction was made durable: nobody knows whether it was.
    #[error("The connection to the database was lost during a commit.")]
    InDoubt(#[source] DbErr),
    /// The statement took longer than it may.
    #[error("A statement exceeded its time limit.")]
    TimedOut,
    /// To see which rows fit, more bytes of text would be read than one statement may read.
    #[error("A filter would read more than {0} bytes of text.")]
    TooMuchText(i64),
    /// The words of customers are still being written.
    #[error("The customer search index is not complete yet.")]
    NotIndexed,
    /// The database has no room left.
    #[error("The database has no free space.")]
    Full(#[source] DbErr),
    /// The database, or our role in it, is not what it must be: a sentence for the operator.
    #[error("{0}")]
    Unfit(String),
    /// Anything else: for the log only.
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
            // The server refuses new connections, or those of this user: there is none to be had.
            Some(Kind::Lost | Kind::Other) | None if matches!(error, DbErr::Conn(_)) => {
                Self::Unreachable(error)
            }
            Some(Kind::Lost | Kind::Other) | None => Self::Failed(error),
        }
    }
}

impl StoreError {
    /// From the one commit that failed for several who waited for it.
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

    /// From a commit that failed.
    pub(super) fn of_commit(error: DbErr) -> Self {
        match error.into() {
            Self::Lost(cause) => Self::InDoubt(cause),
            other => other,
        }
    }
}

/// What is said of a statement that is given up from here.
const OUT_OF_TIME: &str = "a statement exceeded its time limit";

/// The error of a statement that is given up from here, or not begun any more.
pub(super) fn out_of_time() -> DbErr {
    DbErr::Custom(OUT_OF_TIME.to_owned())
}

/// Whether a statement took longer than it may.
pub(super) fn is_timed_out(error: &DbErr) -> bool {
    match error {
        DbErr::Custom(message) => message == OUT_OF_TIME,
        _ => code(error).is_some_and(|code| Kind::of(&code) == Kind::TimedOut),
    }
}

/// Whether a statement failed because its connection had ended, and not by itself.
pub(super) fn is_lost(error: &DbErr) -> bool {
    match cause(error) {
        Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => true,
        Some(sqlx::Error::Database(told)) => told.code().is_some_and(|code| Kind::of(&code) == Kind::Lost),
        _ => false,
    }
}

/// Whether the database itself said what is wrong: the connection over which it did so can be used on.
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

/// What the database calls its own error.
fn code(error: &DbErr) -> Option<String> {
    let told: &dyn DatabaseError = cause(error)?.as_database_error()?;
    Some(told.code()?.into_owned())
}

/// What an error of the database is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Passing,
    Lost,
    TimedOut,
    Full,
    /// The database cannot get at its data, or must not write, until an operator has mended that.
    Away,
    /// A prepared statement is not there, or there already: those of others are in the same session.
    Pooled,
    Other,
}

impl Kind {
    fn of(code: &str) -> Self {
        let is_sqlstate = code.len() == 5;
        if is_sqlstate {
            return match code {
                // Another transaction was in the way: serialization failure, deadlock, a lock that is not to be had,
                // and a row to which another points, gone or come since it was looked for.
                "40001" | "40P01" | "55P03" | "23503" => Self::Passing,
                // The server or an operator ended the session, or the server begins or ends.
                "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Self::Lost,
                _ if code.starts_with("08") => Self::Lost,
                "57014" => Self::TimedOut,
                "53100" => Self::Full,
                "42P05" | "26000" => Self::Pooled,
                // No memory or connection left; a server that only reads, as one that stands by; its files cannot be read.
                "25006" | "57P04" | "XX001" | "XX002" => Self::Away,
                _ if code.starts_with("53") || code.starts_with("58") => Self::Away,
                _ => Self::Other,
            };
        }
        // The lowest byte of SQLite's codes: BUSY and LOCKED, INTERRUPT, FULL; PERM, READONLY, IOERR, CORRUPT, CANTOPEN,
        // PROTOCOL and NOTADB.
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
    fn errors_are_told_apart_by_their_codes() {
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

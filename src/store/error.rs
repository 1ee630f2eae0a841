//! What can go wrong in the database, as far as anyone above must tell it apart.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failed statement.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is there already.
    #[error("a unique value is taken")]
    Taken,
    /// Another writer was in the way; the same transaction may work now.
    #[error("the database is busy")]
    Busy,
    /// Anything else: for the log only.
    #[error("the database failed")]
    Failed(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Taken;
        }
        if code(&error).is_some_and(|code| is_passing(&code)) {
            Self::Busy
        } else {
            Self::Failed(error)
        }
    }
}

/// What the database calls its own error.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    Some(cause.as_database_error()?.code()?.into_owned())
}

/// Another transaction was in the way: PostgreSQL's serialization failure, deadlock and lock that is not to be had, and a
/// row to which another points, gone or come since it was looked for;
/// `SQLite`'s BUSY and LOCKED, which stand in the lowest byte of its codes.
fn is_passing(code: &str) -> bool {
    let is_sqlstate = code.len() == 5;
    if is_sqlstate {
        return matches!(code, "40001" | "40P01" | "55P03" | "23503");
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_pass_are_told_by_their_codes() {
        for code in ["40001", "40P01", "55P03", "23503", "5", "6", "517", "261"] {
            assert!(is_passing(code), "{code}");
        }
        for code in ["23505", "22021", "1", "19", "2067", ""] {
            assert!(!is_passing(code), "{code}");
        }
    }
}

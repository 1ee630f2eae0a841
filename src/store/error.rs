//! What can go wrong in the database, as far as anyone above must tell it apart.

use sea_orm::{DbErr, SqlErr};

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
        let text = error.to_string();
        // SQLite's BUSY and LOCKED; PostgreSQL's serialization failure and deadlock.
        let passing = [
            "database is locked",
            "database table is locked",
            "40001",
            "40P01",
            "deadlock detected",
        ];
        if passing.iter().any(|sign| text.contains(sign)) {
            Self::Busy
        } else {
            Self::Failed(error)
        }
    }
}

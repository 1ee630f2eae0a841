//! A writing transaction.

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions};

use super::{
    super::{StoreError, dialect::Dialect},
    postgres::Waiting,
    sqlite::WriterTurn,
};

/// On `SQLite`, a deferred transaction that reads, then writes, fails as soon as somebody else wrote in between.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// A writing transaction. Dropped without a commit, it gives up the statement that runs, and rolls back.
#[derive(Debug)]
pub struct Writing {
    // First: what runs is given up before the connection goes back.
    turn: Turn,
    transaction: DatabaseTransaction,
}

/// That somebody writes.
#[derive(Debug)]
pub(super) enum Turn {
    Postgres(Waiting),
    Sqlite(WriterTurn),
}

impl Writing {
    pub(super) fn new(turn: Turn, transaction: DatabaseTransaction) -> Self {
        Self { turn, transaction }
    }

    /// For statements inside it.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Which words the database understands.
    pub fn dialect(&self) -> Dialect {
        match self.turn {
            Turn::Postgres(_) => Dialect::Postgres,
            Turn::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Makes all of it durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(StoreError::of_commit)?;
        match self.turn {
            Turn::Postgres(waiting) => waiting.ended(),
            Turn::Sqlite(turn) => turn.ended(),
        }
        Ok(())
    }
}

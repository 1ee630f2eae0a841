//! Brings the tables up to date.

use std::{collections::BTreeSet, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use super::{
    ACQUIRE,
    connections::{Connections, Runs},
    sqlite,
};
use crate::store::{StoreError, dialect::Dialect};

/// The lock of PostgreSQL under which tables are changed: any number that nobody else uses.
const LOCK: i64 = 0x6465_736b;

/// Gives up the prepared statements of a session.
const FORGET: &str = "DEALLOCATE ALL";

/// How the tables stand to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// They are those that it knows.
    Current,
    /// Steps are missing that it knows.
    Older,
    /// Steps were taken that it does not know.
    Newer,
}

/// Looks which steps were taken.
pub(super) async fn look(connections: &Connections) -> Result<Tables, StoreError> {
    let dialect = connections.runner.dialect();
    let is_there = Statement::from_string(dialect.backend(), dialect.was_migrated());
    let is_there = connections.query_one_raw(is_there).await?;
    if is_there.is_none() {
        return Ok(Tables::Older);
    }
    let taken = Statement::from_string(dialect.backend(), "SELECT version FROM seaql_migrations");
    let taken = connections.query_all_raw(taken).await?;
    let taken: Result<BTreeSet<String>, _> = taken.iter().map(|row| row.try_get_by_index(0)).collect();
    let (taken, known) = (taken?, BTreeSet::from_iter(Migrator::names()));
    Ok(if !taken.is_subset(&known) {
        Tables::Newer
    } else if taken == known {
        Tables::Current
    } else {
        Tables::Older
    })
}

/// Takes the steps that are missing, all or none, over a connection of its own. Of several nodes that start at once, one
/// does it and the others wait.
pub(super) async fn run(url: &str, connections: &Connections) -> Result<(), StoreError> {
    let dialect = connections.runner.dialect();
    // Read anew, the address of a database in memory would mean another one.
    let own = connections.runner.file_options();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None::<Duration>)
        .sqlx_logging(false)
        // As in our own connections.
        .map_sqlx_postgres_opts(|options| options.extra_float_digits(None))
        .map_sqlx_sqlite_opts(move |options| own.clone().unwrap_or_else(|| sqlite::set(options)));
    let connection = Database::connect(options).await?;
    let begin = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(begin).await?;
    if dialect == Dialect::Postgres {
        // It may take any time, and need not tell of what is there already.
        let prepare = format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning; \
             SELECT pg_advisory_xact_lock({LOCK})"
        );
        transaction.execute_unprepared(&prepare).await?;
    }
    // The library prepares its statements under names, which another one may have left in the session of a pooler.
    let is_pooled = connections.runner.is_pooled();
    if is_pooled {
        transaction.execute_unprepared(FORGET).await?;
    }
    Migrator::up(&transaction, None).await?;
    if is_pooled {
        transaction.execute_unprepared(FORGET).await?;
    }
    transaction.commit().await.map_err(StoreError::of_commit)?;
    connection.close().await.map_err(|error: DbErr| error.into())
}

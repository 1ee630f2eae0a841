//! Applies migrations.

use std::{collections::BTreeSet, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::{
    ACQUIRE,
    connections::{Connections, StatementRunner},
    sqlite,
};
use crate::store::{StoreError, dialect::Dialect};

/// Key of the advisory lock of PostgreSQL that serializes migrations. Any number that no other program uses.
const LOCK: i64 = 0x6465_736b;

/// Longest wait for the locks of all tables in one attempt. Transactions that hold some of the locks can wait
/// for others.
const LOCK_TIMEOUT: &str = "2s";
/// Maximum number of attempts.
const TRIES: u32 = 30;

/// Drops the prepared statements of a session.
const FORGET: &str = "DEALLOCATE ALL";

/// Schema version of the database, relative to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tables {
    /// The database has exactly the migrations that the program knows.
    Current,
    /// The database lacks migrations that the program knows.
    Older,
    /// The database has migrations that the program does not know.
    Newer,
}

/// Compares the applied migrations with the known ones.
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

/// Applies the missing migrations over a connection of its own, all or none. If several nodes start at once,
/// one migrates and the others wait. Makes up to [`TRIES`] attempts while other transactions are in the way.
pub(super) async fn run(url: &str, connections: &Connections) -> Result<(), StoreError> {
    let mut tries = 1;
    loop {
        match once(url, connections).await {
            Err(StoreError::Busy | StoreError::TimedOut) if tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

async fn once(url: &str, connections: &Connections) -> Result<(), StoreError> {
    let dialect = connections.runner.dialect();
    // The URL of a database in memory, parsed again, would name a different database.
    let own = connections.runner.file_options();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None::<Duration>)
        .sqlx_logging(false)
        // Same options as the connections of the pool.
        .map_sqlx_postgres_opts(|options| options.extra_float_digits(None))
        .map_sqlx_sqlite_opts(move |options| own.clone().unwrap_or_else(|| sqlite::set(options)));
    let connection = Database::connect(options).await?;
    let begin = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(begin).await?;
    if dialect == Dialect::Postgres {
        // Migrations have no time limit. Notices about existing objects are suppressed.
        let prepare = format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning; \
             SELECT pg_advisory_xact_lock({LOCK})"
        );
        transaction.execute_unprepared(&prepare).await?;
        lock_tables(&transaction).await?;
    }
    // The library prepares statements under names that another client can have left in the session of a
    // pooler.
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

/// Locks all tables before the first migration. Migrations lock tables one by one, in another order than
/// writers do, which would deadlock with writers. This statement locks them in the order of most writers, so
/// that those writers finish first.
async fn lock_tables(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
    let asked = Statement::from_string(Dialect::Postgres.backend(), sql);
    let rows = transaction.query_all_raw(asked).await?;
    let there: Result<BTreeSet<String>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let there = there?;
    let mut tables = super::fit::tables();
    tables.sort_by_key(|table| match *table {
        "ticket" => 0,
        "conversation" => 1,
        "customer" => 2,
        "change_counter" => 4,
        "change" => 5,
        _ => 3,
    });
    let tables: Vec<&str> = tables
        .into_iter()
        .filter(|table| there.contains(*table))
        .collect();
    if tables.is_empty() {
        return Ok(());
    }
    let lock = format!(
        "SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = 0",
        tables.join(", ")
    );
    transaction.execute_unprepared(&lock).await?;
    Ok(())
}

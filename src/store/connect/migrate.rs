//! Brings the tables up to date.

use std::{collections::BTreeSet, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::{
    ACQUIRE,
    connections::{Connections, Runs},
    sqlite,
};
use crate::store::{StoreError, dialect::Dialect};

/// The lock of PostgreSQL under which tables are changed: any number that nobody else uses.
const LOCK: i64 = 0x6465_736b;

/// How long the lock of all tables is waited for at a time: those who hold some of them may wait for others.
const LOCK_TIMEOUT: &str = "2s";
/// How often all of it is tried.
const TRIES: u32 = 30;

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
/// does it and the others wait. It is tried again where others are in the way.
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
        lock_tables(&transaction).await?;
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

/// Locks all tables before the first step: steps lock them one by one, in another order than those who write, and would
/// wait for writers who wait for them. Here they are locked in the order of most writers, so that these come to their end.
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

//! Backups of a `SQLite` database that nodes serve.
//!
//! VACUUM INTO reads one state of the database and blocks no writer. The online backup API of `SQLite` would
//! start again after each write of another process, and would copy deleted content. The backup is one file
//! without a log.

use std::path::Path;

use migration::Migrator;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement,
    sqlx::sqlite::SqliteConnectOptions,
};

use super::{Db, StoreError, dialect::Dialect, identity::Identity, write::tables};

tables!(
    /// Tables whose rows are counted. They exist since the first migration.
    fn counted = workspace, customer, conversation, ticket, message, change
);

/// Reason why a backup is unusable.
#[derive(Debug, thiserror::Error)]
pub enum Defect {
    /// Pages or rows are damaged. Contains the message of `SQLite`.
    #[error("{0}")]
    Broken(String),
    /// A change log has gaps, or its end differs from its counter. Contains the number of such logs.
    #[error("the change log is incomplete in {0} of the workspaces")]
    Gaps(i64),
    /// The backup cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbErr> for Defect {
    fn from(error: DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Returns the approximate size of a backup in bytes.
pub async fn size_unscoped(db: &Db) -> Result<u64, StoreError> {
    let sql = "SELECT (page_count - freelist_count) * page_size \
               FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let row = db
        .connection()
        .query_one_raw(Statement::from_string(db.dialect().backend(), sql))
        .await?;
    let bytes: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

/// Copies a database into an empty file.
pub async fn copy_unscoped(db: &Db, file: &str) -> Result<(), StoreError> {
    let statement = Statement::from_sql_and_values(db.dialect().backend(), "VACUUM INTO ?", [file.into()]);
    db.connection().execute_raw(statement).await?;
    Ok(())
}

/// Verifies a backup, marks the file as a backup and counts its rows.
pub async fn check(file: &Path) -> Result<Vec<(&'static str, i64)>, Defect> {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connect = ConnectOptions::new("sqlite::memory:");
    connect
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |_| options.clone());
    let copy = Database::connect(connect).await?;
    let checked = check_over(&copy).await;
    copy.close().await?;
    checked
}

async fn check_over(copy: &DatabaseConnection) -> Result<Vec<(&'static str, i64)>, Defect> {
    let said = first_text(copy, "PRAGMA integrity_check(1)").await?;
    if said.as_deref() != Some("ok") {
        return Err(Defect::Broken(said.unwrap_or_default()));
    }
    if let Some(table) = first_text(copy, "SELECT \"table\" FROM pragma_foreign_key_check").await? {
        return Err(Defect::Broken(format!(
            "a row of {table} refers to a missing row"
        )));
    }
    let gaps = "SELECT count(*) FROM change_counter AS c WHERE position > 0 AND NOT EXISTS (\
                SELECT max(position) FROM change WHERE workspace_id = c.workspace_id \
                HAVING max(position) = c.position AND count(*) = max(position) - min(position) + 1)";
    let gaps = number(copy, gaps).await?;
    if gaps > 0 {
        return Err(Defect::Gaps(gaps));
    }
    let keeps_identity = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'identity'";
    if number(copy, keeps_identity).await? > 0 {
        let mark = "INSERT INTO identity (id, parts) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET parts = excluded.parts";
        let parts = Identity::of_backup().to_string();
        let mark = Statement::from_sql_and_values(Dialect::Sqlite.backend(), mark, [parts.into()]);
        copy.execute_raw(mark).await?;
    }
    let mut counts = Vec::new();
    for table in counted() {
        counts.push((
            table,
            number(copy, &format!("SELECT count(*) FROM \"{table}\"")).await?,
        ));
    }
    Ok(counts)
}

async fn number(copy: &DatabaseConnection, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(Dialect::Sqlite.backend(), sql);
    let row = copy.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

async fn first_text(copy: &DatabaseConnection, sql: &str) -> Result<Option<String>, DbErr> {
    let statement = Statement::from_string(Dialect::Sqlite.backend(), sql);
    let row = copy.query_one_raw(statement).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Whether the tables of a database belong to Deskgraph, of any version.
pub async fn is_ours(db: &Db) -> Result<bool, StoreError> {
    let first = Migrator::names().into_iter().next().unwrap_or_default();
    let is_there = Statement::from_string(db.dialect().backend(), db.dialect().was_migrated());
    if db.connection().query_one_raw(is_there).await?.is_none() {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM seaql_migrations WHERE version = ?";
    let taken = Statement::from_sql_and_values(db.dialect().backend(), sql, [first.into()]);
    Ok(db.connection().query_one_raw(taken).await?.is_some())
}

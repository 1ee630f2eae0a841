//! Access to the gateway's database from the outside, as an operator has it.

use std::{
    path::Path,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::SqliteConnectOptions,
};

use crate::failure::{Done, Trying};

static MADE: AtomicU32 = AtomicU32::new(0);

/// Maximum time to wait for a connection. A server that recovers responds late.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection pool to one of the two databases.
#[derive(Clone, Debug)]
pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Database {
    /// Opens an existing file.
    pub async fn sqlite(file: &Path) -> Done<Self> {
        let options = SqliteConnectOptions::new().filename(file).busy_timeout(TIMEOUT);
        let pool = SqlitePool::connect_with(options)
            .await
            .trying("open the database")?;
        Ok(Self::Sqlite(pool))
    }

    pub async fn postgres(url: &str) -> Done<Self> {
        let options = PgConnectOptions::from_str(url).trying("parse the URL of the database")?;
        let pool = PgPoolOptions::new()
            .max_connections(3)
            .acquire_timeout(TIMEOUT)
            .connect_with(options)
            .await
            .trying("connect to PostgreSQL")?;
        Ok(Self::Postgres(pool))
    }

    /// Executes statements and ignores their results.
    pub async fn run(&self, sql: &str) -> Done {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(pool) => statements.execute(pool).await.map(|_| ()).trying(sql),
            Self::Postgres(pool) => statements.execute(pool).await.map(|_| ()).trying(sql),
        }
    }

    /// Returns the number that a statement selects.
    pub async fn number(&self, sql: &str) -> Done<i64> {
        let number = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
        };
        number.trying(sql)
    }

    /// Returns the text that a statement selects.
    pub async fn text(&self, sql: &str) -> Done<String> {
        let text = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
        };
        text.trying(sql)
    }

    /// Returns the rows that a statement selects: a number and two nullable texts.
    pub async fn rows(&self, sql: &str) -> Done<Vec<(i64, Option<String>, Option<String>)>> {
        let rows = match self {
            Self::Sqlite(pool) => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await,
        };
        rows.trying(sql)
    }

    /// Returns an SQL expression for an id as hexadecimal digits.
    pub fn hex(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace({column}::text, '-', '')"),
        }
    }

    /// Returns the name and version of the database.
    pub async fn version(&self) -> Done<String> {
        match self {
            Self::Sqlite(_) => Ok(format!("SQLite {}", self.text("SELECT sqlite_version()").await?)),
            Self::Postgres(_) => Ok(format!("PostgreSQL {}", self.text("SHOW server_version").await?)),
        }
    }

    /// Terminates the connections of other clients: all of them, or only those that use `LISTEN`. Returns their
    /// number.
    pub async fn cut_off(&self, only_hearing: bool) -> Done<i64> {
        let which = if only_hearing {
            "query ILIKE 'LISTEN%'"
        } else {
            "true"
        };
        self.number(&format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {which} \
             AND datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ))
        .await
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A separate database on a server.
#[derive(Debug)]
pub struct Own {
    server: Database,
    name: String,
    pub url: String,
}

impl Own {
    pub async fn create(server_url: &str) -> Done<Self> {
        let server = Database::postgres(server_url).await?;
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        // The API tests drop databases with this prefix if a process did not.
        let name = format!("deskgraph_test_{}_bench_{made}", std::process::id());
        server.run(&format!("CREATE DATABASE {name}")).await?;
        let address = server_url
            .rsplit_once('/')
            .map_or(server_url, |(address, _)| address);
        let url = format!("{address}/{name}");
        Ok(Self { server, name, url })
    }

    /// Drops the database, even if clients are connected.
    pub async fn drop(self) -> Done {
        let Self { server, name, .. } = self;
        server.run(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        server.close().await;
        Ok(())
    }
}

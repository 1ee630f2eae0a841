//! The gateway's database, as an operator may look into it and cut it off.

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

/// How long to wait for a connection: a server that recovers answers late.
const PATIENCE: Duration = Duration::from_secs(30);

/// One of the two databases.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file.
    Sqlite(SqlitePool),
    /// On a server.
    Postgres(PgPool),
}

impl Database {
    /// A file that is there.
    pub async fn sqlite(file: &Path) -> Done<Self> {
        let options = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
        let pool = SqlitePool::connect_with(options)
            .await
            .trying("open the database")?;
        Ok(Self::Sqlite(pool))
    }

    /// One on a server, by its address.
    pub async fn postgres(url: &str) -> Done<Self> {
        let options = PgConnectOptions::from_str(url).trying("the address of the database")?;
        let pool = PgPoolOptions::new()
            .max_connections(3)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .trying("connect to PostgreSQL")?;
        Ok(Self::Postgres(pool))
    }

    /// Runs statements, whatever they answer.
    pub async fn run(&self, sql: &str) -> Done {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(pool) => statements.execute(pool).await.map(|_| ()).trying(sql),
            Self::Postgres(pool) => statements.execute(pool).await.map(|_| ()).trying(sql),
        }
    }

    /// The one number that a statement answers.
    pub async fn number(&self, sql: &str) -> Done<i64> {
        let number = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
        };
        number.trying(sql)
    }

    /// The one text that a statement answers.
    pub async fn text(&self, sql: &str) -> Done<String> {
        let text = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await,
        };
        text.trying(sql)
    }

    /// The rows that a statement answers: a number, and two texts that may be absent.
    pub async fn rows(&self, sql: &str) -> Done<Vec<(i64, Option<String>, Option<String>)>> {
        let rows = match self {
            Self::Sqlite(pool) => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await,
        };
        rows.trying(sql)
    }

    /// An id in the words of this database, as hexadecimal digits.
    pub fn hex(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace({column}::text, '-', '')"),
        }
    }

    /// Its name and version.
    pub async fn version(&self) -> Done<String> {
        match self {
            Self::Sqlite(_) => Ok(format!("SQLite {}", self.text("SELECT sqlite_version()").await?)),
            Self::Postgres(_) => Ok(format!("PostgreSQL {}", self.text("SHOW server_version").await?)),
        }
    }

    /// Cuts the connections of others: all of them, or those that listen. The answer is how many there were.
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

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A database of its own on a server.
#[derive(Debug)]
pub struct Own {
    server: Database,
    name: String,
    /// Its address.
    pub url: String,
}

impl Own {
    /// Makes one.
    pub async fn create(server_url: &str) -> Done<Self> {
        let server = Database::postgres(server_url).await?;
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        // So named, the tests of the API drop it when this process left it behind.
        let name = format!("deskgraph_test_{}_bench_{made}", std::process::id());
        server.run(&format!("CREATE DATABASE {name}")).await?;
        let address = server_url
            .rsplit_once('/')
            .map_or(server_url, |(address, _)| address);
        let url = format!("{address}/{name}");
        Ok(Self { server, name, url })
    }

    /// Drops it, whoever is connected.
    pub async fn drop(self) -> Done {
        let Self { server, name, .. } = self;
        server.run(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        server.close().await;
        Ok(())
    }
}

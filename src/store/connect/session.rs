//! One connection and the operations that it can run.

use std::{future::Future, sync::Arc};

use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqlStr, SqliteConnection},
};
use sea_query_sqlx::SqlxValues;

use super::{batch::Batch, counted, sqlite::StatementTimer};

/// Connection to either database.
#[derive(Debug)]
pub enum Session {
    Postgres(PgConnection, SessionMode),
    Sqlite(SqliteConnection, Arc<StatementTimer>, Batch),
}

/// Mode of a connection to a server.
#[derive(Clone, Debug)]
pub enum SessionMode {
    /// The connection is one session of the server. Statements are prepared, and settings persist.
    Direct,
    /// Each transaction can run in another session and begins with this statement.
    Pooled(Plain),
}

impl SessionMode {
    fn is_direct(&self) -> bool {
        matches!(self, Self::Direct)
    }
}

/// Work that a session can run.
pub trait Work: Clone + Send + Sync {
    type Answer: Send;

    /// Runs the work. If the future is dropped before it completes, the session can only be rolled back.
    fn on(self, session: &mut Session) -> impl Future<Output = Result<Self::Answer, DbErr>> + Send;
}

/// Statement with its values.
#[derive(Clone, Debug)]
struct Bound {
    sql: SqlStr,
    values: Values,
}

impl Bound {
    /// Builds the query. `is_kept` selects a prepared statement that stays in the cache of the connection.
    fn query<'q, D>(self, is_kept: bool) -> sqlx::query::Query<'q, D, SqlxValues>
    where
        D: sqlx::Database + sqlx::database::HasStatementCache,
        SqlxValues: sqlx::IntoArguments<D>,
    {
        sqlx::query_with(self.sql, SqlxValues(self.values)).persistent(is_kept)
    }
}

impl From<Statement> for Bound {
    fn from(statement: Statement) -> Self {
        Self {
            sql: AssertSqlSafe(statement.sql).into_sql_str(),
            values: statement.values.unwrap_or_else(|| Values(Vec::new())),
        }
    }
}

/// Statement that returns no rows.
#[derive(Clone, Debug)]
pub struct Execute(Bound);

impl Execute {
    pub fn new(statement: Statement) -> Self {
        Self(statement.into())
    }
}

impl Work for Execute {
    type Answer = ExecResult;

    async fn on(self, session: &mut Session) -> Result<ExecResult, DbErr> {
        match session {
            Session::Postgres(connection, mode) => connection
                .execute(self.0.query(mode.is_direct()))
                .await
                .map(Into::into),
            Session::Sqlite(connection, ..) => connection.execute(self.0.query(true)).await.map(Into::into),
        }
        .map_err(|error| DbErr::Exec(told(error)))
    }
}

/// Statements as text, without values.
#[derive(Clone, Debug)]
pub struct Plain(SqlStr);

impl Plain {
    pub fn new(sql: &str) -> Self {
        Self(AssertSqlSafe(sql).into_sql_str())
    }

    pub(super) fn sql(&self) -> SqlStr {
        self.0.clone()
    }

    pub const fn of(sql: &'static str) -> Self {
        Self(SqlStr::from_static(sql))
    }
}

impl Work for Plain {
    type Answer = ExecResult;

    async fn on(self, session: &mut Session) -> Result<ExecResult, DbErr> {
        match session {
            Session::Postgres(connection, _) => connection.execute(self.0).await.map(Into::into),
            Session::Sqlite(connection, ..) => connection.execute(self.0).await.map(Into::into),
        }
        .map_err(|error| DbErr::Exec(told(error)))
    }
}

/// Optional work. `None` does nothing.
impl<W: Work> Work for Option<W> {
    type Answer = Option<W::Answer>;

    async fn on(self, session: &mut Session) -> Result<Self::Answer, DbErr> {
        match self {
            Some(work) => work.on(session).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Statement whose first row is read.
#[derive(Clone, Debug)]
pub struct FetchFirst(Bound);

impl FetchFirst {
    pub fn new(statement: Statement) -> Self {
        Self(statement.into())
    }
}

impl Work for FetchFirst {
    type Answer = Option<QueryResult>;

    async fn on(self, session: &mut Session) -> Result<Option<QueryResult>, DbErr> {
        match session {
            Session::Postgres(connection, mode) => {
                let row = connection.fetch_optional(self.0.query(mode.is_direct())).await;
                row.map(|row| row.map(Into::into))
            }
            Session::Sqlite(connection, ..) => {
                let row = connection.fetch_optional(self.0.query(true)).await;
                row.map(|row| row.map(Into::into))
            }
        }
        .map_err(|error| DbErr::Query(told(error)))
    }
}

/// Statement whose rows are all read.
#[derive(Clone, Debug)]
pub struct FetchAll {
    statement: Bound,
    /// Whether the bytes of the rows are charged to the running request.
    is_counted: bool,
}

impl FetchAll {
    pub fn new(statement: Statement, is_counted: bool) -> Self {
        let statement = statement.into();
        Self {
            statement,
            is_counted,
        }
    }
}

impl Work for FetchAll {
    type Answer = Vec<QueryResult>;

    async fn on(self, session: &mut Session) -> Result<Vec<QueryResult>, DbErr> {
        match session {
            Session::Postgres(connection, mode) => {
                let rows = connection.fetch(self.statement.query(mode.is_direct()));
                counted::read_all(rows, self.is_counted).await
            }
            Session::Sqlite(connection, ..) => {
                let rows = connection.fetch(self.statement.query(true));
                counted::read_all(rows, self.is_counted).await
            }
        }
    }
}

/// Check whether the database responds.
#[derive(Clone, Copy, Debug)]
pub struct Ping;

impl Work for Ping {
    type Answer = ();

    async fn on(self, session: &mut Session) -> Result<(), DbErr> {
        match session {
            Session::Postgres(connection, _) => connection.ping().await,
            Session::Sqlite(connection, ..) => connection.ping().await,
        }
        .map_err(|error| DbErr::Conn(told(error)))
    }
}

impl Session {
    /// Returns the statement that begins a writing transaction. On `SQLite`, a transaction that reads first
    /// and then writes fails if another one wrote in between, so this one takes the write lock at once.
    pub(super) fn begin(&self) -> Plain {
        match self {
            Self::Postgres(_, SessionMode::Direct) => Plain::of("BEGIN"),
            Self::Postgres(_, SessionMode::Pooled(begin)) => begin.clone(),
            Self::Sqlite(_, _, batch) => batch.begin(),
        }
    }

    /// Whether each transaction can run in another session of the server.
    pub(super) fn is_pooled(&self) -> bool {
        matches!(self, Self::Postgres(_, SessionMode::Pooled(_)))
    }

    /// Returns the statement that rolls back a writing transaction.
    pub(super) fn undo(&self) -> Plain {
        match self {
            Self::Postgres(..) => Plain::of("ROLLBACK"),
            Self::Sqlite(_, _, batch) => batch.undo_member(),
        }
    }

    /// Transactions that wait for one commit. `None` on PostgreSQL.
    pub(super) fn batch(&mut self) -> Option<&mut Batch> {
        match self {
            Self::Postgres(..) => None,
            Self::Sqlite(_, _, batch) => Some(batch),
        }
    }

    /// Commits the waiting batch and sends the outcome to its members. The future must run to its end,
    /// because a cancelled commit has an unknown outcome.
    pub(super) async fn end_batch(&mut self) -> Result<(), DbErr> {
        if self.batch().is_none_or(|batch| !batch.is_open()) {
            return Ok(());
        }
        let ended = Plain::of("COMMIT").on(self).await.map(drop);
        if let Some(batch) = self.batch() {
            batch.tell(&ended);
        }
        ended
    }

    /// Ends the running statement if the client can do so.
    pub(super) fn give_up(&self) {
        if let Self::Sqlite(_, run, _) = self {
            run.give_up();
        }
    }

    /// Closes the connection in an orderly way.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Postgres(connection, _) => connection.close().await,
            Self::Sqlite(connection, ..) => connection.close().await,
        }
        .map_err(|error| DbErr::Conn(told(error)))
    }
}

/// Whether a session is unusable after this error.
pub(super) fn ends(error: &DbErr) -> bool {
    super::super::error::is_lost(error) || !super::super::error::is_told_by_database(error)
}

pub(super) fn told(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(error.into())
}

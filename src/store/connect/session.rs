//! One connection, and what it can be asked to do.

use std::{future::Future, sync::Arc};

use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqlStr, SqliteConnection},
};
use sea_query_sqlx::SqlxValues;

use super::{batch::Batch, counted, sqlite::Run};

/// A connection to either database.
#[derive(Debug)]
pub enum Session {
    Postgres(PgConnection, Manner),
    Sqlite(SqliteConnection, Arc<Run>, Batch),
}

/// How a connection to a server is used.
#[derive(Clone, Debug)]
pub enum Manner {
    /// It is a session of the server: statements are prepared, and settings hold.
    Direct,
    /// Each of its transactions may be in another session, and begins in this way.
    Pooled(Plain),
}

impl Manner {
    fn is_direct(&self) -> bool {
        matches!(self, Self::Direct)
    }
}

/// Something that a session can do.
pub trait Work: Clone + Send + Sync {
    /// What comes of it.
    type Answer: Send;

    /// Does it. When this is dropped before it is over, the session must not be used any more but to roll back.
    fn on(self, session: &mut Session) -> impl Future<Output = Result<Self::Answer, DbErr>> + Send;
}

/// A statement with its values.
#[derive(Clone, Debug)]
struct Bound {
    sql: SqlStr,
    values: Values,
}

impl Bound {
    /// Prepared under a name, and kept for the next time, or only for now.
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

/// A statement that answers no rows.
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
            Session::Postgres(connection, manner) => connection
                .execute(self.0.query(manner.is_direct()))
                .await
                .map(Into::into),
            Session::Sqlite(connection, ..) => connection.execute(self.0.query(true)).await.map(Into::into),
        }
        .map_err(|error| DbErr::Exec(told(error)))
    }
}

/// Statements as a text, without values.
#[derive(Clone, Debug)]
pub struct Plain(SqlStr);

impl Plain {
    pub fn new(sql: &str) -> Self {
        Self(AssertSqlSafe(sql).into_sql_str())
    }

    /// Their text.
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

/// Perhaps nothing at all.
impl<W: Work> Work for Option<W> {
    type Answer = Option<W::Answer>;

    async fn on(self, session: &mut Session) -> Result<Self::Answer, DbErr> {
        match self {
            Some(work) => work.on(session).await.map(Some),
            None => Ok(None),
        }
    }
}

/// A statement of which the first row is wanted.
#[derive(Clone, Debug)]
pub struct First(Bound);

impl First {
    pub fn new(statement: Statement) -> Self {
        Self(statement.into())
    }
}

impl Work for First {
    type Answer = Option<QueryResult>;

    async fn on(self, session: &mut Session) -> Result<Option<QueryResult>, DbErr> {
        match session {
            Session::Postgres(connection, manner) => {
                let row = connection.fetch_optional(self.0.query(manner.is_direct())).await;
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

/// A statement of which every row is wanted.
#[derive(Clone, Debug)]
pub struct All {
    statement: Bound,
    /// The bytes of the rows are counted for the running work.
    is_counted: bool,
}

impl All {
    pub fn new(statement: Statement, is_counted: bool) -> Self {
        let statement = statement.into();
        Self {
            statement,
            is_counted,
        }
    }
}

impl Work for All {
    type Answer = Vec<QueryResult>;

    async fn on(self, session: &mut Session) -> Result<Vec<QueryResult>, DbErr> {
        match session {
            Session::Postgres(connection, manner) => {
                let rows = connection.fetch(self.statement.query(manner.is_direct()));
                counted::read_all(rows, self.is_counted).await
            }
            Session::Sqlite(connection, ..) => {
                let rows = connection.fetch(self.statement.query(true));
                counted::read_all(rows, self.is_counted).await
            }
        }
    }
}

/// A look whether somebody answers.
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
    /// Begins a transaction that writes. On `SQLite`, one that reads first, then writes, would fail as soon as somebody
    /// else wrote in between.
    pub(super) fn begin(&self) -> Plain {
        match self {
            Self::Postgres(_, Manner::Direct) => Plain::of("BEGIN"),
            Self::Postgres(_, Manner::Pooled(begin)) => begin.clone(),
            Self::Sqlite(_, _, batch) => batch.begin(),
        }
    }

    /// Whether each of its transactions may be in another session of the server.
    pub(super) fn is_pooled(&self) -> bool {
        matches!(self, Self::Postgres(_, Manner::Pooled(_)))
    }

    /// Undoes a transaction that writes.
    pub(super) fn undo(&self) -> Plain {
        match self {
            Self::Postgres(..) => Plain::of("ROLLBACK"),
            Self::Sqlite(_, _, batch) => batch.undo_member(),
        }
    }

    /// The transactions that wait for one commit, where there may be such.
    pub(super) fn batch(&mut self) -> Option<&mut Batch> {
        match self {
            Self::Postgres(..) => None,
            Self::Sqlite(_, _, batch) => Some(batch),
        }
    }

    /// Makes durable what waits for one commit, and tells those who wait. Must not be given up halfway: nobody would
    /// know how it ended.
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

    /// Ends what it does, if it can be ended from here.
    pub(super) fn give_up(&self) {
        if let Self::Sqlite(_, run, _) = self {
            run.give_up();
        }
    }

    /// Ends it in peace.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Postgres(connection, _) => connection.close().await,
            Self::Sqlite(connection, ..) => connection.close().await,
        }
        .map_err(|error| DbErr::Conn(told(error)))
    }
}

/// Whether a session is of no use any more after this.
pub(super) fn ends(error: &DbErr) -> bool {
    super::super::error::is_lost(error) || !super::super::error::is_told_by_database(error)
}

pub(super) fn told(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(error.into())
}

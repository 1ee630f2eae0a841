//! Runs statements over the connections of a pool.
//!
//! `SeaORM` needs a [`ConnectionTrait`] for the database type and for four operations. [`Statements`]
//! implements it on top of any type that implements [`StatementRunner`].

use std::{fmt, future::Future, sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    entity::prelude::async_trait,
    sqlx::{self, postgres::PgListener, sqlite::SqliteConnectOptions},
};
use tokio::time::timeout;

use super::{
    super::{
        caller,
        dialect::Dialect,
        error::{is_lost, is_timed_out, out_of_time},
        tally,
    },
    ACQUIRE,
    batch::BatchState,
    pool::{Lease, Pool},
    pooled::{self, OwnTransaction},
    postgres,
    session::{Execute, FetchAll, FetchFirst, Ping, Plain, Session, Work},
    sqlite,
};

/// Time that the database has, beyond the time limit of a statement, to end the statement itself.
const GRACE: Duration = Duration::from_millis(500);

/// Runs work over a connection.
pub trait StatementRunner: Send + Sync {
    /// Whether the rows become part of a response. If so, their bytes count towards the limit of the running
    /// request.
    const IS_ANSWER: bool;

    fn dialect(&self) -> Dialect;

    fn accepts_statements(&self) -> bool {
        true
    }

    fn run<W: Work>(&self, work: W) -> impl Future<Output = Result<W::Answer, DbErr>> + Send;
}

type StatementObserver = dyn Fn(&str) + Send + Sync;

/// Observer that receives the text of each statement.
#[derive(Clone, Default)]
pub(super) struct StatementWatcher(Option<Arc<StatementObserver>>);

impl StatementWatcher {
    pub(super) fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(super) fn tell(&self, statement: &Statement) {
        tally::statement();
        if let Some(tell) = &self.0 {
            tell(&statement.sql);
        }
    }
}

impl fmt::Debug for StatementWatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementWatcher").finish_non_exhaustive()
    }
}

/// Runs statements and reports each of them to the watcher.
#[derive(Clone, Debug)]
pub struct Statements<R> {
    pub(super) runner: R,
    pub(super) watcher: StatementWatcher,
}

impl<R: StatementRunner> Statements<R> {
    /// Reports a statement that is about to run.
    fn tell(&self, statement: &Statement) -> Result<(), DbErr> {
        if !self.runner.accepts_statements() {
            return Err(out_of_time());
        }
        self.watcher.tell(statement);
        Ok(())
    }
}

#[async_trait::async_trait]
impl<R: StatementRunner> ConnectionTrait for Statements<R> {
    fn get_database_backend(&self) -> DbBackend {
        self.runner.dialect().backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.tell(&statement)?;
        self.runner.run(Execute::new(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.runner.run(Plain::new(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tell(&statement)?;
        self.runner.run(FetchFirst::new(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tell(&statement)?;
        self.runner.run(FetchAll::new(statement, R::IS_ANSWER)).await
    }
}

/// Connections for statements outside a transaction.
pub type Connections = Statements<Pools>;

/// Runs each statement over a free connection. On PostgreSQL, a statement that finds its connection lost, for
/// example after a restart of the server, runs again over another connection. This is safe, because
/// statements here can run twice without harm.
#[derive(Clone, Debug)]
pub enum Pools {
    /// Connections to a server.
    Postgres {
        pool: Pool,
        connector: Arc<postgres::Connector>,
        /// Time limit of a statement.
        time: Duration,
    },
    /// Connections of a process to its file: several for reading, one for writing. `SQLite` allows one writer
    /// at a time. Waiting in the queue of the pool is fair and cheap, while `SQLite` itself waits with sleeps
    /// in no fixed order.
    Sqlite {
        readers: Pool,
        writer: Pool,
        connector: Arc<sqlite::Connector>,
        /// Time limit of a statement.
        time: Duration,
    },
}

impl StatementRunner for Pools {
    const IS_ANSWER: bool = true;

    fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres { .. } => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }

    fn accepts_statements(&self) -> bool {
        !caller::is_out_of_time()
    }

    async fn run<W: Work>(&self, work: W) -> Result<W::Answer, DbErr> {
        let answer = match self {
            Self::Postgres { pool, time, .. } => {
                let time = *time;
                retry_lost_connections(pool, OwnTransaction(work), move |lease, work| {
                    in_time(lease, work, time)
                })
                .await
            }
            Self::Sqlite { readers, time, .. } => {
                let mut lease = readers.lease().await?;
                if let Session::Sqlite(_, run, _) = lease.session()? {
                    run.may_take(*time);
                }
                in_time(lease, work, *time).await
            }
        };
        if answer.as_ref().err().is_some_and(is_timed_out) {
            caller::out_of_time();
        }
        answer
    }
}

/// Runs one piece of work and gives up after the time limit plus [`GRACE`]. The database ends statements
/// itself, unless its machine is down or does not respond.
async fn in_time<W: Work>(lease: Lease, work: W, time: Duration) -> Result<W::Answer, DbErr> {
    let done = timeout(time + GRACE, lease.run(work)).await;
    done.unwrap_or_else(|_| Err(out_of_time()))
}

/// Runs work over a connection, and again over another one while connections turn out to be lost. Each lost
/// connection is found once and then dropped, so the number of attempts is the size of the pool plus one.
async fn retry_lost_connections<W: Clone, T, F>(
    pool: &Pool,
    what: W,
    work: impl Fn(Lease, W) -> F + Send + Sync,
) -> Result<T, DbErr>
where
    F: Future<Output = Result<T, DbErr>> + Send,
{
    for _ in 0..pool.size() {
        match work(pool.lease().await?, what.clone()).await {
            Err(error) if is_lost(&error) => tracing::debug!(error = %error, "lost a database connection"),
            answer => return answer,
        }
    }
    work(pool.lease().await?, what).await
}

impl Pools {
    /// Opens one connection. On `SQLite` this is the writing one, because it creates the file.
    pub(super) async fn try_one(&self) -> Result<(), DbErr> {
        let (Self::Postgres { pool, .. } | Self::Sqlite { writer: pool, .. }) = self;
        pool.lease().await?.release();
        Ok(())
    }

    /// Returns a connection in a writing transaction.
    pub(super) async fn begin(&self) -> Result<Lease, DbErr> {
        match self {
            Self::Postgres { pool, .. } => retry_lost_connections(pool, (), |lease, ()| begun(lease)).await,
            Self::Sqlite { writer, .. } => begun(writer.lease().await?).await,
        }
    }

    /// Like [`Self::begin`], for a long transaction: no other commit waits for its end.
    pub(super) async fn begin_alone(&self) -> Result<Lease, DbErr> {
        match self {
            Self::Postgres { .. } => self.begin().await,
            Self::Sqlite { writer, .. } => begun(writer.lease_alone().await?).await,
        }
    }

    /// Like [`Self::begin`], but returns `None` when the one writer of `SQLite` is busy.
    pub(super) async fn begin_if_free(&self) -> Result<Option<Lease>, DbErr> {
        match self {
            Self::Postgres { .. } => self.begin().await.map(Some),
            Self::Sqlite { writer, .. } => match writer.lease_if_free().await? {
                Some(lease) => begun(lease).await.map(Some),
                None => Ok(None),
            },
        }
    }

    /// Number of batches of transactions that were lost.
    pub(super) fn lost(&self) -> u64 {
        self.batch_state()
            .map_or(0, |(_, batch_state)| batch_state.lost())
    }

    /// Waits until every transaction that ended is durable or lost.
    pub(super) async fn settle(&self) {
        if let Some((writer, batch_state)) = self.batch_state()
            && batch_state.is_open()
        {
            writer.settle().await;
        }
    }

    /// Options for connections to the `SQLite` file.
    pub(super) fn file_options(&self) -> Option<SqliteConnectOptions> {
        match self {
            Self::Postgres { .. } => None,
            Self::Sqlite { connector, .. } => Some(connector.options.clone()),
        }
    }

    /// Empties the log of the `SQLite` file, between two transactions of this process. Returns false if the
    /// caller must try again.
    pub(super) async fn empty_log(&self) -> Result<bool, DbErr> {
        let Self::Sqlite {
            writer, connector, ..
        } = self
        else {
            return Ok(true);
        };
        let turn = writer.lease_alone().await?;
        let emptied = connector.empty_log().await;
        turn.release();
        emptied
    }

    fn batch_state(&self) -> Option<(&Pool, &BatchState)> {
        match self {
            Self::Postgres { .. } => None,
            Self::Sqlite {
                writer, connector, ..
            } => Some((writer, &connector.batch_state)),
        }
    }

    /// Whether each transaction can run in another session of the server.
    pub(super) fn is_pooled(&self) -> bool {
        self.server_connector()
            .is_some_and(postgres::Connector::is_pooled)
    }

    /// Connection settings of the server. `None` on `SQLite`.
    pub(super) fn server_connector(&self) -> Option<&postgres::Connector> {
        match self {
            Self::Postgres { connector, .. } => Some(connector),
            Self::Sqlite { .. } => None,
        }
    }

    /// Whether an undeclared pooler in transaction mode is in front of the server.
    pub(super) async fn meets_pooler(&self) -> bool {
        match self.server_connector() {
            Some(connector) if !connector.is_pooled() => {
                // If the test fails, the server has no spare connections. The answer is then no.
                let met = timeout(ACQUIRE, pooled::is_met(connector)).await;
                met.is_ok_and(|met| met.unwrap_or(false))
            }
            _ => false,
        }
    }

    /// Checks whether the database responds.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        self.run(Ping).await
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match self {
            Self::Postgres { pool, .. } => pool.close().await,
            Self::Sqlite { readers, writer, .. } => {
                readers.close().await?;
                writer.close().await
            }
        }
    }
}

async fn begun(mut lease: Lease) -> Result<Lease, DbErr> {
    let session = lease.session()?;
    if let Session::Sqlite(_, run, _) = session {
        run.may_take_any_time();
    }
    let begin = session.begin();
    begin.on(session).await?;
    Ok(lease)
}

impl Connections {
    /// Opens a connection of its own that receives notifications of PostgreSQL. `None` on `SQLite`, which has
    /// none.
    pub(in super::super) async fn listener(&self) -> Result<Option<PgListener>, sqlx::Error> {
        match self.runner.server_connector() {
            Some(connector) => connector.listener().await,
            None => Ok(None),
        }
    }
}

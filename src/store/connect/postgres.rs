//! Connections to PostgreSQL.
//!
//! The server ends a statement whose time is over. One for whose answer nobody waits is ended by closing its
//! connection, which the server looks at while it works.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, TransactionTrait,
    sqlx::{Connection, Executor},
};
use tokio::time::timeout;

use super::{
    super::{StoreError, error::is_lost},
    writing::{Turn, Writing},
};

/// What the server is told of each session, beside the time of a statement. One who holds locks and says nothing, such
/// as a node whose machine stands still, is let go.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '60s'";
/// How often the server looks whether a session that it works for is still there. Not every system can.
const LOOK: &str = "SET client_connection_check_interval = '500ms'";

/// How long the answer may take of a connection that comes back, when its statement was perhaps given up.
const FLUSH: Duration = Duration::from_millis(250);
/// How long connections that come back are looked at after one was given up.
const LOOKED_AT: Duration = Duration::from_secs(1);

/// The connections of a node.
#[derive(Clone, Debug)]
pub struct Shared {
    pub(super) connection: DatabaseConnection,
    /// How many there are at most.
    count: u32,
    given_up: GivenUp,
}

/// When a statement was given up last, in milliseconds since this was made; 0 for never.
#[derive(Clone, Debug)]
struct GivenUp {
    began: Instant,
    last: Arc<AtomicU64>,
}

impl GivenUp {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self) {
        self.last.store(self.now().max(1), Ordering::SeqCst);
    }

    fn is_recent(&self) -> bool {
        let last = self.last.load(Ordering::SeqCst);
        last != 0 && u128::from(self.now().saturating_sub(last)) < LOOKED_AT.as_millis()
    }
}

/// Somebody waits for a statement or works in a transaction.
#[derive(Debug)]
pub struct Waiting {
    given_up: Option<GivenUp>,
}

impl Waiting {
    /// It has what it waited for.
    pub fn ended(mut self) {
        self.given_up = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(given_up) = &self.given_up {
            given_up.note();
        }
    }
}

impl Shared {
    pub(super) async fn connect(
        mut options: ConnectOptions,
        count: u32,
        time: Duration,
    ) -> Result<Self, DbErr> {
        let given_up = GivenUp {
            began: Instant::now(),
            last: Arc::default(),
        };
        let noted = given_up.clone();
        let session = format!("SET statement_timeout = {}; {SESSION}", time.as_millis());
        options
            .max_connections(count)
            .map_sqlx_postgres_pool_opts(move |pool| {
                let (noted, session) = (noted.clone(), session.clone());
                pool.after_connect(move |connection, _| {
                    let session = session.clone();
                    Box::pin(async move {
                        connection.execute(sea_orm::sqlx::AssertSqlSafe(session)).await?;
                        connection.execute(LOOK).await.ok();
                        Ok(())
                    })
                })
                .after_release(move |connection, _| {
                    let noted = noted.clone();
                    Box::pin(async move {
                        // Whoever answers at once is done; the others would work on for nobody.
                        Ok(!noted.is_recent()
                            || matches!(timeout(FLUSH, connection.ping()).await, Ok(Ok(()))))
                    })
                })
            });
        Ok(Self {
            connection: Database::connect(options).await?,
            count,
            given_up,
        })
    }

    /// Notes when whoever begins to wait now is dropped before it is over.
    pub(super) fn waiting(&self) -> Waiting {
        Waiting {
            given_up: Some(self.given_up.clone()),
        }
    }

    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        let begin = |connection: DatabaseConnection| async move { connection.begin().await };
        let transaction = self.past_lost_ones(begin).await?;
        Ok(Writing::new(Turn::Postgres(self.waiting()), transaction))
    }

    /// Does something over a connection, and again over another one as long as connections are found to be lost: each
    /// is found once, and then given up.
    pub(super) async fn past_lost_ones<T, F>(
        &self,
        work: impl Fn(DatabaseConnection) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        for _ in 0..self.count {
            match work(self.connection.clone()).await {
                Err(error) if is_lost(&error) => tracing::debug!(error = %error, "a connection was lost"),
                answer => return answer,
            }
        }
        work(self.connection.clone()).await
    }
}

//! The connections over which statements run outside a transaction.

use std::{future::Future, pin::pin};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    entity::prelude::async_trait, metric, sqlx::PgPool,
};

use super::{super::dialect::Dialect, postgres::Shared, sqlite::Lanes};

/// Runs each statement over a connection that is free. One that meets a connection which was lost meanwhile, as when
/// the database was started anew, is run again over another: what runs here does no harm when it runs twice.
#[derive(Clone, Debug)]
pub struct Connections {
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Postgres(Shared),
    Sqlite(Lanes),
}

impl Connections {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind }
    }

    /// Tells somebody of each statement.
    pub(super) fn tell(&mut self, watcher: impl Fn(&metric::Info<'_>) + Clone + Send + Sync + 'static) {
        match &mut self.kind {
            Kind::Postgres(shared) => shared.connection.set_metric_callback(watcher),
            Kind::Sqlite(lanes) => lanes.tell(&watcher),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self.kind {
            Kind::Postgres(_) => Dialect::Postgres,
            Kind::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The connections of PostgreSQL, for one who listens; none of `SQLite`.
    pub fn postgres(&self) -> Option<&PgPool> {
        match &self.kind {
            Kind::Postgres(shared) => Some(shared.connection.get_postgres_connection_pool()),
            Kind::Sqlite(_) => None,
        }
    }

    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        self.run((), |connection, ()| async move { connection.ping().await })
            .await
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        match &self.kind {
            Kind::Postgres(shared) => shared.connection.close_by_ref().await,
            Kind::Sqlite(lanes) => lanes.close().await,
        }
    }

    /// Runs something over a connection. It is copied only where it may be run again.
    async fn run<S, T, F>(
        &self,
        what: S,
        work: impl Fn(DatabaseConnection, S) -> F + Sync,
    ) -> Result<T, DbErr>
    where
        S: Clone + Sync,
        F: Future<Output = Result<T, DbErr>> + Send,
    {
        match &self.kind {
            Kind::Postgres(shared) => {
                shared
                    .past_lost_ones(|connection| async {
                        let running = pin!(work(connection, what.clone()));
                        // Dropped before the statement is: whoever takes the connection back must know.
                        let waiting = shared.waiting();
                        let answer = running.await;
                        waiting.ended();
                        answer
                    })
                    .await
            }
            Kind::Sqlite(lanes) => {
                let lease = lanes.lease().await?;
                let answer = work(lease.connection(), what).await;
                lease.ended();
                answer
            }
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        self.dialect().backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(statement, |connection, statement| async move {
            connection.execute_raw(statement).await
        })
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(sql, |connection, sql| async move {
            connection.execute_unprepared(sql).await
        })
        .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(statement, |connection, statement| async move {
            connection.query_one_raw(statement).await
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(statement, |connection, statement| async move {
            connection.query_all_raw(statement).await
        })
        .await
    }
}

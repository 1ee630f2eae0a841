//! Poolers in transaction mode, such as `PgBouncer`: each transaction of a connection can reach another
//! session of the server.
//!
//! Nothing may stay in a session for later use: no prepared statement, no setting, no LISTEN. If the operator
//! turns prepared statements off, each statement runs in a transaction of its own, which begins with the
//! settings that are otherwise made once for a session.

use sea_orm::{
    DbErr,
    sqlx::{self, Connection, Executor, PgConnection, Row},
};

use super::{
    postgres::Connector,
    session::{Plain, Session, Work},
};

/// Advice for the operator.
pub const ADVICE: &str = "a connection pooler in transaction mode, such as PgBouncer, is in front of the database, and \
                          runs statements of one connection in several sessions. Set database_prepared_statements = \
                          false, or configure the pooler to keep one session for each connection (pool_mode = session)";

/// Runs work in a transaction of its own if the session belongs to a pooler.
#[derive(Clone, Debug)]
pub struct OwnTransaction<W>(pub W);

impl<W: Work> Work for OwnTransaction<W> {
    type Answer = W::Answer;

    async fn on(self, session: &mut Session) -> Result<W::Answer, DbErr> {
        let Self(work) = self;
        if !session.is_pooled() {
            return work.on(session).await;
        }
        let begin = session.begin();
        begin.on(session).await?;
        let answer = work.on(session).await;
        let end = if answer.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = Plain::of(end).on(session).await;
        // The error of the work says more than the error of the end of the transaction.
        let answer = answer?;
        ended.map(|_| answer)
    }
}

/// Whether two transactions of a connection reach two sessions when a transaction of another connection runs
/// in between.
pub(super) async fn is_met(connector: &Connector) -> Result<bool, sqlx::Error> {
    let (mut one, mut other) = (
        connector.open_connection().await?,
        connector.open_connection().await?,
    );
    let first = session_of(&mut one).await?;
    other.execute("BEGIN").await?;
    let between = session_of(&mut other).await?;
    let second = session_of(&mut one).await?;
    other.execute("ROLLBACK").await?;
    one.close().await.ok();
    other.close().await.ok();
    Ok(between == first || second != first)
}

/// Process id of the server session of a connection, read without a prepared statement.
async fn session_of(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one("SELECT pg_backend_pid()").await?.try_get(0)
}

//! Poolers in transaction mode, such as `PgBouncer`: each transaction of a connection may reach another session of the server.
//!
//! So nothing may be left in a session for later: no prepared statement, no setting, no LISTEN. Where the operator says that
//! statements are not prepared, each runs in a transaction of its own, which begins with what a session is told otherwise.

use sea_orm::{
    DbErr,
    sqlx::{self, Connection, Executor, PgConnection, Row},
};

use super::{
    postgres::Door,
    session::{Plain, Session, Work},
};

/// What helps, for the operator.
pub const ADVICE: &str = "a connection pooler in transaction mode, such as PgBouncer, is in front of the database, and \
                          runs statements of one connection in several sessions. Set database_prepared_statements = \
                          false, or configure the pooler to keep one session for each connection (pool_mode = session)";

/// Something in a transaction of its own, where a pooler asks for it.
#[derive(Clone, Debug)]
pub struct Alone<W>(pub W);

impl<W: Work> Work for Alone<W> {
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
        // Why the work failed says more than that its end did.
        let answer = answer?;
        ended.map(|_| answer)
    }
}

/// Whether two transactions of a connection reach two sessions, when another one comes in between.
pub(super) async fn is_met(door: &Door) -> Result<bool, sqlx::Error> {
    let (mut one, mut other) = (door.knock().await?, door.knock().await?);
    let first = session_of(&mut one).await?;
    other.execute("BEGIN").await?;
    let between = session_of(&mut other).await?;
    let second = session_of(&mut one).await?;
    other.execute("ROLLBACK").await?;
    one.close().await.ok();
    other.close().await.ok();
    Ok(between == first || second != first)
}

/// The process of the server that works for a connection, asked without preparing anything.
async fn session_of(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one("SELECT pg_backend_pid()").await?.try_get(0)
}

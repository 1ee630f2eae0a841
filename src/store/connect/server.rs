//! Detects which server a connection reaches, so that the promotion of a standby is noticed before a write.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection, Row};

use crate::store::identity::Identity;

/// Parts of the identity to query (system identifier, timeline), starting with both. Not every role may query
/// both, not every compatible server knows them, and a standby has no timeline of its own.
const QUESTIONS: [(bool, bool); 4] = [(true, true), (false, true), (true, false), (false, false)];
/// Error codes for a role without the right or a server without the function: `insufficient_privilege`,
/// `undefined_function`, `feature_not_supported`. The query is not repeated after one of them.
const NEVER: [&str; 3] = ["42501", "42883", "0A000"];

/// Server that the connections reach.
#[derive(Debug, Default)]
pub struct Server {
    /// Identity of the server of the newest connection.
    known: Mutex<Option<Identity>>,
    /// Whether the server differs from that of an earlier connection and no new epoch has begun yet.
    has_moved: AtomicBool,
    /// Index of the first entry of [`QUESTIONS`] that has not failed for good.
    question: AtomicUsize,
}

impl Server {
    /// Records the identity of the server of a new connection.
    pub(super) async fn meet(&self, connection: &mut PgConnection) {
        let Some(actual) = self.ask(connection).await else {
            return;
        };
        let mut known = self.known.lock();
        if known.as_ref().is_some_and(|known| actual.is_other_than(known)) {
            self.has_moved.store(true, Ordering::SeqCst);
        }
        *known = Some(actual);
    }

    /// Identity of the server of the newest connection.
    pub(super) fn known(&self) -> Option<Identity> {
        self.known.lock().clone()
    }

    /// Whether the server differs from the one before.
    pub(super) fn has_moved(&self) -> bool {
        self.has_moved.load(Ordering::SeqCst)
    }

    /// Marks the change to this server as handled.
    pub(super) fn is_settled(&self, at: &Identity) {
        let known = self.known.lock();
        if known.as_ref() == Some(at) {
            self.has_moved.store(false, Ordering::SeqCst);
        }
    }

    async fn ask(&self, connection: &mut PgConnection) -> Option<Identity> {
        for (place, (system, timeline)) in QUESTIONS
            .iter()
            .enumerate()
            .skip(self.question.load(Ordering::Relaxed))
        {
            match answer(connection, *system, *timeline).await {
                Ok(identity) => return Some(identity),
                Err(sqlx::Error::Database(told)) => {
                    if told.code().is_some_and(|code| NEVER.contains(&code.as_ref())) {
                        self.question.store(place + 1, Ordering::Relaxed);
                    }
                }
                // The next statement over the connection reports the error.
                Err(_) => return None,
            }
        }
        None
    }
}

/// Queries the identity without a prepared statement.
async fn answer(
    connection: &mut PgConnection,
    system: bool,
    timeline: bool,
) -> Result<Identity, sqlx::Error> {
    let system = if system {
        "(SELECT system_identifier FROM pg_control_system())"
    } else {
        "NULL"
    };
    // The name of a log file begins with the current timeline. The timeline of the last checkpoint can be
    // older.
    let timeline = if timeline {
        "substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)"
    } else {
        "NULL"
    };
    let sql = format!(
        "SELECT {system}::text, {timeline}::text, \
         (SELECT oid FROM pg_database WHERE datname = current_database())::text, \
         to_regclass('change_counter')::oid::text"
    );
    let row = connection.fetch_one(AssertSqlSafe(sql)).await?;
    Ok(Identity::of_server([
        row.try_get(0)?,
        row.try_get(1)?,
        row.try_get(2)?,
        row.try_get(3)?,
    ]))
}

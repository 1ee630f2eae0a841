//! Which server a connection reaches, so that a standby that was promoted is noticed before anything is written to it.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection, Row};

use crate::store::identity::Identity;

/// What a server tells of itself, beginning with all of it. Not every role may ask for everything, nor does every server
/// that speaks the protocol know it; and a standby has no timeline of its own.
const QUESTIONS: [(bool, bool); 4] = [(true, true), (false, true), (true, false), (false, false)];
/// What is said when a role may not ask, or the server does not know: `insufficient_privilege`, `undefined_function`,
/// `feature_not_supported`. It will not be otherwise the next time.
const NEVER: [&str; 3] = ["42501", "42883", "0A000"];

/// The server that connections reach.
#[derive(Debug, Default)]
pub struct Server {
    /// That of the newest connection.
    known: Mutex<Option<Identity>>,
    /// It is another one than that of an earlier connection, and nothing was done about it yet.
    has_moved: AtomicBool,
    /// The first question that is worth asking.
    question: AtomicUsize,
}

impl Server {
    /// Looks at a new connection.
    pub(super) async fn meet(&self, connection: &mut PgConnection) {
        let Some(actual) = self.ask(connection).await else {
            return;
        };
        let mut known = self.locked();
        if known.as_ref().is_some_and(|known| actual.is_other_than(known)) {
            self.has_moved.store(true, Ordering::SeqCst);
        }
        *known = Some(actual);
    }

    /// The identity of the one that was met last.
    pub(super) fn known(&self) -> Option<Identity> {
        self.locked().clone()
    }

    /// Whether it is another one than before.
    pub(super) fn has_moved(&self) -> bool {
        self.has_moved.load(Ordering::SeqCst)
    }

    /// What had to be done about this one was done.
    pub(super) fn is_settled(&self, at: &Identity) {
        let known = self.locked();
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
                // The next statement over the connection tells.
                Err(_) => return None,
            }
        }
        None
    }

    fn locked(&self) -> MutexGuard<'_, Option<Identity>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asked without preparing anything.
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
    // The name of a file of the log begins with the timeline. That of the last checkpoint may be older.
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

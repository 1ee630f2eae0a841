//! Connections to PostgreSQL.
//!
//! The server ends a statement whose time is over. One for whose answer nobody waits is ended by closing its
//! connection, which the server looks at while it works.

use std::{fmt, io::ErrorKind, time::Duration};

use sea_orm::{
    DbErr,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection,
        postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    },
};
use tokio::time::sleep;

use super::{
    ACQUIRE,
    server::Server,
    session::{Manner, Plain, Session, told},
};

/// What the server is told of each session, or of each transaction where a pooler gives it a session, beside the time of a
/// statement. One who holds locks and says nothing, such as a node whose machine stands still, is let go.
///
/// What is asked of a helpdesk is in memory: with the price that the server puts on a page of a spinning disk, it walks a whole
/// workspace in the wanted order rather than look up the children of a few parents.
const SETTINGS: [&str; 2] = [
    "idle_in_transaction_session_timeout = '60s'",
    "random_page_cost = 1.1",
];
/// How often the server looks whether a session that it works for is still there. Not every system can.
const LOOK: &str = "client_connection_check_interval = '500ms'";

/// How long we wait at first for a server that does not let us in yet; twice as long each time.
const PATIENCE: Duration = Duration::from_millis(10);
/// How long at most.
const PATIENCE_MAX: Duration = Duration::from_secs(1);

/// The way to a server.
pub struct Door {
    options: PgConnectOptions,
    /// What a session begins with; nothing where a pooler gives it to others too.
    session: Option<String>,
    manner: Manner,
    /// How a transaction of a pooler's session begins where the server can look whether we are still there.
    looking: Option<Plain>,
    /// Which server it leads to.
    pub(super) server: Server,
}

// The options hold the password.
impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Door {
    /// To an address, with a time for each statement. Statements are not prepared for a pooler in transaction mode.
    pub(super) fn new(url: &str, time: Duration, is_prepared: bool) -> Result<Self, DbErr> {
        let options: PgConnectOptions = url.parse().map_err(|error| DbErr::Conn(told(error)))?;
        let time = format!("statement_timeout = {}", time.as_millis());
        let settings = || [time.as_str()].into_iter().chain(SETTINGS);
        let (session, manner, looking) = if is_prepared {
            let set: Vec<_> = settings().map(|setting| format!("SET {setting}")).collect();
            (Some(set.join("; ")), Manner::Direct, None)
        } else {
            let set: String = settings()
                .map(|setting| format!("; SET LOCAL {setting}"))
                .collect();
            let begin = format!("BEGIN{set}");
            let looking = Plain::new(&format!("{begin}; SET LOCAL {LOOK}"));
            (None, Manner::Pooled(Plain::new(&begin)), Some(looking))
        };
        // Poolers refuse the setting for digits of floats in texts. Ours come as bytes.
        let options = options.disable_statement_logging().extra_float_digits(None);
        Ok(Self {
            options,
            session,
            manner,
            looking,
            server: Server::default(),
        })
    }

    /// Whether sessions are those of a pooler in transaction mode.
    pub(super) fn is_pooled(&self) -> bool {
        matches!(self.manner, Manner::Pooled(_))
    }

    /// Opens a connection. One that is refused is tried again for as long as the caller waits: the server begins, or has
    /// not yet noticed who went away.
    pub(super) async fn open(&self) -> Result<Session, DbErr> {
        let mut patience = PATIENCE;
        loop {
            match self.connect().await {
                Ok((connection, manner)) => return Ok(Session::Postgres(connection, manner)),
                Err(error) if is_passing(&error) => sleep(patience).await,
                Err(error) => return Err(DbErr::Conn(told(error))),
            }
            patience = PATIENCE_MAX.min(patience * 2);
        }
    }

    async fn connect(&self) -> Result<(PgConnection, Manner), sqlx::Error> {
        let mut connection = self.knock().await?;
        let mut manner = self.manner.clone();
        if let Some(session) = &self.session {
            connection.execute(AssertSqlSafe(session.as_str())).await?;
            connection
                .execute(AssertSqlSafe(format!("SET {LOOK}")))
                .await
                .ok();
        }
        if let Some(looking) = &self.looking {
            // A transaction in which this fails is of no use, so it is tried in one that does nothing else.
            if connection.execute(looking.sql()).await.is_ok() {
                manner = Manner::Pooled(looking.clone());
            }
            connection.execute("ROLLBACK").await?;
        }
        self.server.meet(&mut connection).await;
        Ok((connection, manner))
    }

    /// A connection as the server gives it.
    pub(super) async fn knock(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options).await
    }

    /// Hears what is notified, over a connection of its own, which comes back by itself when it was lost. None behind a
    /// pooler in transaction mode.
    pub(super) async fn listener(&self) -> Result<Option<PgListener>, sqlx::Error> {
        if self.is_pooled() {
            return Ok(None);
        }
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        Ok(Some(listener))
    }
}

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

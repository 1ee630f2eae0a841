//! Connections to PostgreSQL.
//!
//! The server ends a statement that exceeds its time limit. A statement whose caller no longer waits is ended
//! by closing its connection, because the server checks the connection while it works.

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
    session::{Plain, Session, SessionMode, told},
};

/// Settings of each session, or of each transaction behind a pooler, in addition to the time limit of
/// statements. The server closes a session that holds locks and sends nothing, for example because the
/// machine of a node does not respond.
///
/// The data of a helpdesk is usually in memory. With the default page cost, which fits spinning disks, the
/// planner reads a whole workspace in the requested order instead of looking up the children of a few
/// parents.
const SETTINGS: [&str; 2] = [
    "idle_in_transaction_session_timeout = '60s'",
    "random_page_cost = 1.1",
];
/// Interval at which the server checks whether the client of a running statement is still connected. Not
/// every operating system supports it.
const LOOK: &str = "client_connection_check_interval = '500ms'";

/// First delay before another attempt to connect. It doubles with each attempt.
const MIN_DELAY: Duration = Duration::from_millis(10);
/// Longest delay between two attempts.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// Connection settings of a server.
pub struct Connector {
    options: PgConnectOptions,
    /// Statement that begins a session. `None` behind a pooler, which shares the session.
    session: Option<String>,
    mode: SessionMode,
    /// Statement that begins a transaction behind a pooler if the server can check the connection.
    looking: Option<Plain>,
    /// Server that the connections reach.
    pub(super) server: Server,
}

// Not derived, because the options contain the password.
impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// Creates settings from a URL and a time limit for statements. Statements are not prepared for a pooler
    /// in transaction mode.
    pub(super) fn new(url: &str, time: Duration, is_prepared: bool) -> Result<Self, DbErr> {
        let options: PgConnectOptions = url.parse().map_err(|error| DbErr::Conn(told(error)))?;
        let time = format!("statement_timeout = {}", time.as_millis());
        let settings = || [time.as_str()].into_iter().chain(SETTINGS);
        let (session, mode, looking) = if is_prepared {
            let set: Vec<_> = settings().map(|setting| format!("SET {setting}")).collect();
            (Some(set.join("; ")), SessionMode::Direct, None)
        } else {
            let set: String = settings()
                .map(|setting| format!("; SET LOCAL {setting}"))
                .collect();
            let begin = format!("BEGIN{set}");
            let looking = Plain::new(&format!("{begin}; SET LOCAL {LOOK}"));
            (None, SessionMode::Pooled(Plain::new(&begin)), Some(looking))
        };
        // Poolers reject the setting for the digits of floats in text format. The gateway reads floats in
        // binary format.
        let options = options.disable_statement_logging().extra_float_digits(None);
        Ok(Self {
            options,
            session,
            mode,
            looking,
            server: Server::default(),
        })
    }

    /// Whether the sessions belong to a pooler in transaction mode.
    pub(super) fn is_pooled(&self) -> bool {
        matches!(self.mode, SessionMode::Pooled(_))
    }

    /// Opens a connection. A rejected attempt is repeated for as long as the caller waits, because the server
    /// can be starting or not yet have noticed a closed connection.
    pub(super) async fn open(&self) -> Result<Session, DbErr> {
        let mut patience = MIN_DELAY;
        loop {
            match self.connect().await {
                Ok((connection, mode)) => return Ok(Session::Postgres(connection, mode)),
                Err(error) if is_passing(&error) => sleep(patience).await,
                Err(error) => return Err(DbErr::Conn(told(error))),
            }
            patience = MAX_DELAY.min(patience * 2);
        }
    }

    async fn connect(&self) -> Result<(PgConnection, SessionMode), sqlx::Error> {
        let mut connection = self.open_connection().await?;
        let mut mode = self.mode.clone();
        if let Some(session) = &self.session {
            connection.execute(AssertSqlSafe(session.as_str())).await?;
            connection
                .execute(AssertSqlSafe(format!("SET {LOOK}")))
                .await
                .ok();
        }
        if let Some(looking) = &self.looking {
            // A failed statement aborts its transaction, so the test uses a transaction of its own.
            if connection.execute(looking.sql()).await.is_ok() {
                mode = SessionMode::Pooled(looking.clone());
            }
            connection.execute("ROLLBACK").await?;
        }
        self.server.meet(&mut connection).await;
        Ok((connection, mode))
    }

    /// Opens a plain connection, without settings of the session.
    pub(super) async fn open_connection(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options).await
    }

    /// Opens a connection of its own that receives notifications and reconnects by itself. `None` behind a
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

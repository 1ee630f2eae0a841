//! Builds a node from its parts and runs it.
//!
//! Layer 9. The only module that knows all parts. The command line, the demo and the tests build their node
//! here.

use std::{sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{CallerLimits, jwt::KeyError},
    budget::{self, Budget},
    clock::Clock,
    config::{NatsUrl, Settings},
    events::{self, Hub},
    graphql,
    keyring::Keyring,
    request::ManifestError,
    server::{
        self, BodyMemory, Bounds, ConnectionLimits, CredentialWatch, ExplorerPage, Quotas, ServerState,
        TooFewFiles,
    },
    service::{Services, conversation, erasure, idempotency, word_index},
    store::{
        Db, StoreError,
        claim::{Claim, ClaimError},
        connect::{Tables, explain},
    },
    subscriptions::Subscriptions,
};

/// Reason why a node does not start. The text is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened, or its migrations failed.
    #[error("database_url: Cannot use the database: {0}")]
    Database(String),
    /// The database, or the role that connects to it, does not meet the requirements.
    #[error("database_url: {0}")]
    Unfit(String),
    /// The tables lack migrations that this version needs.
    #[error(
        "database_url: The database tables are older than this version of Deskgraph. Run deskgraph migrate, or start \
         without --migrate false."
    )]
    Older,
    /// A later version has migrated the tables.
    #[error(
        "database_url: The database tables are newer than this version of Deskgraph. Run the version that migrated \
         them or a later one, or restore a backup from before the migration."
    )]
    Newer,
    /// Another process serves the same database file.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A token key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The trusted documents cannot be used.
    #[error(transparent)]
    Documents(#[from] ManifestError),
    /// The limit of open files is too low for the configured number of connections.
    #[error(transparent)]
    Files(#[from] TooFewFiles),
    /// The address cannot be listened on, or accepting connections failed.
    #[error("listen: {0}")]
    Listen(#[from] std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        // The text goes to the operator who started the process, not to a client.
        match error {
            StoreError::Unfit(sentence) => Self::Unfit(sentence),
            StoreError::Failed(cause) | StoreError::Unreachable(cause) => Self::Database(cause.to_string()),
            other => Self::Database(other.to_string()),
        }
    }
}

/// Interval between checks of which server a pooler leads to. The pooler keeps its client connections when
/// the server behind it changes.
const SETTLE_INTERVAL: Duration = Duration::from_secs(5);

/// Opens the database. An error reports the location of the database, without secrets.
pub async fn open(settings: &Settings) -> Result<Db, StartError> {
    let url = settings.database_url.reveal();
    Db::open(settings).await.map_err(|error| match error {
        StoreError::Failed(cause) | StoreError::Unreachable(cause) | StoreError::Lost(cause) => {
            StartError::Database(explain(url, &cause.to_string()))
        }
        other => other.into(),
    })
}

/// A node that is ready to serve.
pub struct App {
    /// The use cases.
    pub services: Services,
    server: Arc<ServerState>,
    /// Number of connections that the node accepts. The error matters only to a node that serves.
    limits: Result<ConnectionLimits, TooFewFiles>,
    explorer: bool,
    change_log_days: Option<u32>,
    idempotency_key_hours: u32,
    nats_url: Option<NatsUrl>,
    /// Held for the lifetime of the node.
    _claim: Option<Claim>,
}

impl App {
    /// Builds a node that serves. Only one serving process may use a `SQLite` file, so the node claims the
    /// file first.
    pub async fn build_to_serve(settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        ConnectionLimits::of(settings)?;
        let db = open(settings).await?;
        // The claim precedes every access to the tables, because another process may own them.
        let claim = db.file().await?.map(|file| Claim::of(&file)).transpose()?;
        let app = Self::over(db, settings, clock).await?;
        Ok(Self { _claim: claim, ..app })
    }

    /// Builds a node from the settings. Migrates the tables when the setting `migrate` is on.
    pub async fn build(settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        let db = open(settings).await?;
        Self::over(db, settings, clock).await
    }

    /// Builds a node over an open database.
    pub async fn over(db: Db, settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        let keyring = Arc::new(Keyring::new(settings, clock.clone())?);
        db.check_rights(settings.migrate).await?;
        if settings.migrate {
            db.migrate().await?;
        }
        match db.tables().await? {
            Tables::Current => {}
            Tables::Older => return Err(StartError::Older),
            Tables::Newer => return Err(StartError::Newer),
        }
        let db = db.kept_by(clock.clone());
        db.settle().await?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let hub = Hub::new(
            db.clone(),
            clock.clone(),
            Duration::from_millis(settings.change_poll_ms),
            tasks.clone(),
            stop.clone(),
        );
        let services = Services::new(db, hub, clock, settings);
        let graph = graphql::build(services.clone(), settings)?;
        let bounds = Bounds {
            body_bytes_max: settings.body_bytes_max,
            header_timeout: Duration::from_millis(settings.header_timeout_ms),
            keep_alive_timeout: Duration::from_millis(settings.keep_alive_timeout_ms),
            body_timeout: Duration::from_millis(settings.body_timeout_ms),
            ping_every: Duration::from_millis(settings.ping_every_ms),
            write_timeout: Duration::from_millis(settings.write_timeout_ms),
            operations_per_socket: settings.operations_per_socket,
            subscription_buffer: settings.subscription_buffer,
            subscription_buffer_bytes: settings.subscription_buffer_bytes,
        };
        let server = Arc::new(ServerState {
            subscriptions: Subscriptions::new(graph.clone(), tasks.clone()),
            graph,
            services: services.clone(),
            keyring,
            bounds,
            quotas: Quotas {
                sockets: CallerLimits::new(settings.sockets_per_viewer),
                operations: CallerLimits::new(settings.operations_per_viewer),
            },
            budget: Budget::new(budget::Limits {
                answer: settings.answer_bytes_max,
                viewer: settings.bytes_per_viewer,
                node: settings.held_bytes_max,
            }),
            bodies: BodyMemory::new(settings.bodies_bytes_max, settings.bodies_bytes_per_viewer),
            origins: settings.origins.clone().into(),
            tasks,
            stop,
            watch: CredentialWatch::default(),
        });
        Ok(Self {
            services,
            server,
            limits: ConnectionLimits::of(settings),
            explorer: settings.explorer,
            change_log_days: settings.change_log_days,
            idempotency_key_hours: settings.idempotency_key_hours,
            nats_url: settings.nats_url.clone(),
            _claim: None,
        })
    }

    /// Token that stops the node. Running requests finish, and sockets are closed with a request to
    /// reconnect.
    pub fn stop(&self) -> CancellationToken {
        self.server.stop.clone()
    }

    /// Serves until the node is stopped. The explorer page contains `token` for every visitor, so only a demo
    /// passes one.
    pub async fn serve(&self, listener: TcpListener, token: Option<String>) -> Result<(), StartError> {
        let limits = self.limits.clone()?;
        let page = self.explorer.then(|| ExplorerPage {
            endpoint: "/graphql".to_owned(),
            token,
        });
        let Services { db, hub, clock, .. } = self.services.clone();
        let node: uuid::Uuid = clock.id();
        hub.share(node.simple().to_string(), self.nats_url.clone());
        let ServerState {
            tasks, stop, keyring, ..
        } = self.server.as_ref();
        // Load the keys first, so that the first requests are not rejected. An unreachable issuer delays the
        // start only briefly.
        keyring.turn(false).await;
        tasks.spawn(keyring.clone().run(stop.clone()));
        if let Some(days) = self.change_log_days {
            let pruning = events::prune_periodically(db.clone(), clock.clone(), days, stop.clone());
            tasks.spawn(pruning);
        }
        if db.is_pooled() {
            tasks.spawn(settle_periodically(db.clone(), stop.clone()));
        }
        tasks.spawn(conversation::wake_periodically(
            self.services.clone(),
            stop.clone(),
        ));
        tasks.spawn(erasure::clear_when_told(self.services.clone(), stop.clone()));
        tasks.spawn(word_index::complete(self.services.clone(), stop.clone()));
        let hours = self.idempotency_key_hours;
        tasks.spawn(idempotency::forget_periodically(db, clock, hours, stop.clone()));
        server::serve(self.server.clone(), listener, page, limits).await?;
        self.services.db.close().await?;
        Ok(())
    }
}

/// Checks periodically whether a pooler leads to a different server, until the node stops.
async fn settle_periodically(db: Db, stop: CancellationToken) {
    let mut turns = tokio::time::interval(SETTLE_INTERVAL);
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = db.settle().await {
            tracing::warn!(error = ?error, "could not identify the server that holds the database");
        }
    }
}

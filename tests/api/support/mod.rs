//! A node for tests: the production node with a fixed clock and predictable ids.

mod answer;
pub mod database;
mod events;
pub mod fill;
mod left_out;
mod nats;
mod people;
mod pgbouncer;
mod plain;
pub mod schema;
mod socket;
pub mod stand_in;
mod statements;
mod write;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use deskgraph::{
    app::App,
    clock::{Clock, ClockControl},
    config::{Secret, Settings},
    service::Services,
    store::Db,
};
use entity::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use answer::Answer;
pub use events::{Event, Events};
pub use nats::Nats;
pub use people::Person;
pub use pgbouncer::PgBouncer;
pub use socket::{Socket, SocketEvent};
pub use statements::Statements;
pub use write::{Payload, position, text};

/// Noon on 2026-01-01.
pub const START: Timestamp = Timestamp(1_767_268_800_000);
const SECRET: &str = "a secret that is long enough for tests";

/// A node with its own empty database.
pub struct TestApp {
    /// URL of the node, such as `http://127.0.0.1:8080`.
    pub url: String,
    /// The use cases, for data that the API cannot create.
    pub services: Services,
    /// Moves the clock.
    pub clock_control: ClockControl,
    /// Recorded SQL statements.
    pub statements: Statements,
    pub settings: Settings,
    http: reqwest::Client,
    stop: tokio_util::sync::CancellationToken,
    /// Cancelled when the node has closed its connections.
    ended: tokio_util::sync::CancellationToken,
    database: Arc<dyn Send + Sync>,
    /// Seed of the ids of the newest node over this database.
    nodes: Arc<AtomicU64>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TestApp {
    /// Starts a node with a SQLite file.
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| ()).await
    }

    /// Starts a node with a SQLite file and changed settings.
    pub async fn sqlite_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let mut settings = settings(&url, true);
        change(&mut settings);
        Self::start(settings, Arc::new(folder), first()).await
    }

    /// Builds a node with a SQLite file that does not serve, so that only the test uses the database: a node that serves
    /// has workers, which write too.
    pub async fn sqlite_without_workers() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let (node, _, _) = Self::build(7, settings(&url, true), Arc::new(folder), first()).await;
        node
    }

    /// On PostgreSQL, in a database of its own, with other settings.
    pub async fn postgres_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = database::postgres().await;
        let mut settings = settings(&database.url, false);
        change(&mut settings);
        Self::start(settings, Arc::new(database), first()).await
    }

    /// Starts a node with a SQLite file that is created from a dump and migrated.
    pub async fn sqlite_from(dump: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        database::sqlite_from(&url, dump).await;
        Self::start(settings(&url, true), Arc::new(folder), first()).await
    }

    /// Starts a node with a PostgreSQL database that is created from a dump and migrated.
    pub async fn postgres_from(dump: &str) -> Self {
        let database = database::postgres_from(dump).await;
        let settings = settings(&database.url, true);
        Self::start(settings, Arc::new(database), first()).await
    }

    /// Starts another node over the same database, with its own connections, clock and ids.
    pub async fn another(&self) -> Self {
        self.another_with(|_| ()).await
    }

    /// Starts another node with changed settings.
    pub async fn another_with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings.clone();
        settings.migrate = false;
        change(&mut settings);
        // Each node generates different ids.
        let seed = self.nodes.fetch_add(1, Ordering::Relaxed) + 1;
        Self::start_from(seed, settings, self.database.clone(), self.nodes.clone()).await
    }

    /// Shuts the node down, as on a signal.
    pub fn shut_down(&self) {
        self.stop.cancel();
    }

    /// Shuts the node down and waits until it has closed its connections.
    pub async fn end(&self) {
        self.stop.cancel();
        self.ended.cancelled().await;
    }

    async fn start(settings: Settings, database: Arc<dyn Send + Sync>, nodes: Arc<AtomicU64>) -> Self {
        let seed = nodes.load(Ordering::Relaxed);
        Self::start_from(seed, settings, database, nodes).await
    }

    async fn start_from(
        seed: u64,
        settings: Settings,
        database: Arc<dyn Send + Sync>,
        nodes: Arc<AtomicU64>,
    ) -> Self {
        let (node, app, listener) = Self::build(seed, settings, database, nodes).await;
        let guard = node.ended.clone().drop_guard();
        tokio::spawn(async move {
            let _guard = guard;
            app.serve(listener, None).await
        });
        node
    }

    async fn build(
        seed: u64,
        settings: Settings,
        database: Arc<dyn Send + Sync>,
        nodes: Arc<AtomicU64>,
    ) -> (Self, App, TcpListener) {
        let statements = Statements::default();
        let db = Db::open(&settings)
            .await
            .expect("a database")
            .watched(statements.watcher());
        let (clock, clock_control) = Clock::manual(START, seed);
        let app = App::over(db, &settings, clock).await.expect("a node");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (services, stop) = (app.services.clone(), app.stop());
        let ended = tokio_util::sync::CancellationToken::new();
        let http = client();
        let node = Self {
            url,
            services,
            clock_control,
            statements,
            settings,
            http,
            stop,
            ended,
            database,
            nodes,
        };
        (node, app, listener)
    }

    /// Sends an operation as a viewer. Panics if the response is not GraphQL.
    pub async fn ask(&self, person: &Person, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let response = self.post(Some(&person.credential), &body.to_string()).await;
        Answer::read(response).await
    }

    /// Sends a body unchanged.
    pub async fn post(&self, credential: Option<&str>, body: &str) -> reqwest::Response {
        let request = self
            .http
            .post(format!("{}/graphql", self.url))
            .header("content-type", "application/json");
        let request = match credential {
            Some(credential) => request.bearer_auth(credential),
            None => request,
        };
        request.body(body.to_owned()).send().await.expect("an answer")
    }

    /// Returns another HTTP client with its own connections.
    pub fn another_client(&self) -> reqwest::Client {
        client()
    }

    /// Returns the HTTP client, for other kinds of requests.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

fn client() -> reqwest::Client {
    // The client is built with TLS, which requires a provider even if it is not used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_certs_only([])
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

/// Returns the seed of the first node.
fn first() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(7))
}

fn settings(url: &str, migrate: bool) -> Settings {
    Settings {
        database_url: Secret::new(url),
        database_connections: 4,
        migrate,
        jwt_secret: Some(Secret::new(SECRET)),
        ..Settings::default()
    }
}

pub fn unchanged(_: &mut Settings) {}

/// Runs tests with a [`TestApp`] argument on each database. `with` names a function that changes the settings.
macro_rules! on_each_database {
    (with $change:path; $($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::TestApp::sqlite_with($change).await).await;
            })+
        }
        mod on_postgres {
            $(#[needs::needs(postgres)]
            #[tokio::test]
            async fn $name() {
                super::$name($crate::support::TestApp::postgres_with($change).await).await;
            })+
        }
    };
    ($($name:ident),+ $(,)?) => {
        $crate::support::on_each_database!(with $crate::support::unchanged; $($name),+);
    };
}
pub(crate) use on_each_database;

//! The environment of a run: a database, nodes, and a workspace with people and tickets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use tempfile::TempDir;
use tokio::{sync::Mutex, task::spawn_blocking, time::sleep};

use super::{settings::Settings, subject::WatchedTicket, trigger, watched::watch};
use crate::{
    client::Client,
    database::{Database, Own},
    failure::{Done, Failure},
    helpdesk::{self, Person, Target, fill},
    node::{Gateway, Node},
    postgres::Server,
    under_test::Kind,
};

/// PostgreSQL connections of the harness itself, in addition to those of the nodes.
const LOOKERS: u32 = 20;
/// Number of tickets with their own listeners. It is small so that each ticket has many events.
const WATCHED: usize = 6;

/// A node and its state.
#[derive(Debug)]
pub struct NodeSlot {
    /// Host and port.
    pub address: String,
    /// True while the node is running. Clients send requests only to running nodes.
    pub alive: AtomicBool,
    /// Number of mutations that the node acknowledged.
    pub acknowledged: AtomicU64,
    pub node: Mutex<Node>,
}

/// The environment. Fields are dropped in this order.
#[derive(Debug)]
pub struct Stage {
    /// The nodes.
    pub places: Vec<NodeSlot>,
    pub database: Database,
    /// The PostgreSQL server, if the run started it.
    pub server: Option<Arc<Server>>,
    own: Option<Own>,
    _folder: TempDir,
    /// The agent that writes and listens.
    pub agent: Person,
    /// Tickets to write to. The first ones have listeners.
    pub targets: Vec<Target>,
    /// Tickets with listeners.
    pub watched: Vec<WatchedTicket>,
    /// Cursor at the end of the log before the run.
    pub start: String,
    pub client: Client,
    /// Version of the gateway, such as `deskgraph 0.1.0`.
    pub version: String,
}

impl Stage {
    /// Creates the environment, including the triggers that pause and roll back.
    pub async fn build(settings: &Settings) -> Done<Self> {
        let folder = tempfile::Builder::new().prefix("deskgraph-chaos-").tempdir()?;
        let logs = match &settings.keep {
            Some(kept) => {
                std::fs::create_dir_all(kept)?;
                std::fs::canonicalize(kept)?
            }
            None => folder.path().to_owned(),
        };
        let nodes = settings.nodes();
        let (mut server, mut own) = (None, None);
        let file = logs.join("chaos.db");
        let url = match (settings.under_test.database, &settings.server) {
            (Kind::Sqlite, _) => format!("sqlite://{}", file.display()),
            (Kind::Postgres, Some(url)) => own.insert(Own::create(url).await?).url.clone(),
            (Kind::Postgres, None) => {
                let connections = u32::try_from(nodes)? * (settings.connections + 2) + LOOKERS;
                let started = spawn_blocking(move || Server::start(connections, &[])).await??;
                server.insert(Arc::new(started)).url()
            }
        };
        let connections = Some(("DATABASE_CONNECTIONS", settings.connections));
        let buffer = settings.buffer.map(|buffer| ("SUBSCRIPTION_BUFFER", buffer));
        let numbers: Vec<_> = connections.into_iter().chain(buffer).collect();
        let gateway = Gateway::new(&settings.under_test.binary, logs, &url, &numbers)?;
        let gateway = Arc::new(gateway);
        let (version, agent) = helpdesk::open(&gateway, "Chaos").await?;
        let client = Client::new()?;
        let mut places = Vec::new();
        for number in 1..=nodes {
            let mut node = Node::new(gateway.clone(), number)?;
            node.start(client.http(), Duration::from_secs(30)).await?;
            places.push(NodeSlot {
                address: node.address().to_owned(),
                alive: AtomicBool::new(true),
                acknowledged: AtomicU64::new(0),
                node: Mutex::new(node),
            });
        }
        let address = places
            .first()
            .map(|place| place.address.clone())
            .unwrap_or_default();
        let made = fill(&client, &address, &agent, settings.tickets()).await?;
        let database = settings.under_test.database.open(&file, &url).await?;
        let count = (settings.listeners / 12).clamp(3, WATCHED);
        let mut watched = Vec::new();
        for one in made.iter().take(count) {
            watched.push(watch(&gateway, &database, one).await?);
        }
        let last = made.iter().max_by_key(|one| one.position);
        let start = last.map(|one| (one.cursor.clone(), one.position));
        let (start, position) = start.ok_or_else(|| Failure("no ticket was created".to_owned()))?;
        database.run(&trigger::install(settings, position)).await?;
        Ok(Self {
            places,
            database,
            server,
            own,
            _folder: folder,
            agent,
            targets: made.into_iter().map(|one| one.target).collect(),
            watched,
            start,
            client,
            version,
        })
    }

    /// Returns a random running node. Waits while there is none.
    pub async fn living(&self, rng: &mut Rng) -> &NodeSlot {
        loop {
            let alive: Vec<_> = self
                .places
                .iter()
                .filter(|place| place.alive.load(Ordering::Acquire))
                .collect();
            if let Some(place) = rng.choice(alive) {
                return place;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns the number of mutations that all nodes acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.places
            .iter()
            .map(|place| place.acknowledged.load(Ordering::Relaxed))
            .sum()
    }

    /// Stops the nodes and closes the database.
    pub async fn end(self) -> Done {
        for place in &self.places {
            place.node.lock().await.kill()?;
        }
        self.database.close().await;
        match self.own {
            Some(own) => own.drop().await,
            None => Ok(()),
        }
    }
}

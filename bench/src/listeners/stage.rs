//! The environment of the measurements: a database, a node, a workspace with tickets, and the broadcast server.

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{task::spawn_blocking, time::sleep};

use super::{
    Settings,
    crowd::{Crowd, Source},
    subject::{Audience, Subject},
};
use crate::{
    client::Client,
    database::Database,
    failure::{Done, Failure, Trying},
    helpdesk::{self, fill},
    node::{Gateway, Node, free_port},
    postgres::Server,
    under_test::Kind,
};

const CONNECTIONS: u32 = 16;
const MANY: u32 = 100_000;
/// Makes PostgreSQL record the time of each commit.
const TELL_COMMITS: &str = "track_commit_timestamp=on";

/// The environment of the measurements.
pub struct Stage {
    /// The node, with the token of an agent.
    pub source: Source,
    /// Ids of tickets and addresses of their customers.
    pub tickets: Vec<(String, String)>,
    /// Direct access to the database.
    pub database: Database,
    /// HTTP client for mutations.
    pub client: Client,
    node: Node,
    version: String,
    _server: Option<Arc<Server>>,
    _folder: TempDir,
}

impl Stage {
    /// Creates the environment with a number of tickets.
    pub async fn build(settings: &Settings, tickets: usize) -> Done<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bench.db");
        let (server, url) = match settings.under_test.database {
            Kind::Sqlite => (None, format!("sqlite://{}", file.display())),
            Kind::Postgres => {
                let server = spawn_blocking(|| Server::start(CONNECTIONS + 20, &[TELL_COMMITS])).await??;
                let url = server.url();
                (Some(Arc::new(server)), url)
            }
        };
        let gateway = Gateway::new(
            &settings.under_test.binary,
            folder.path().to_owned(),
            &url,
            &[
                ("DATABASE_CONNECTIONS", CONNECTIONS),
                // All subscribers use one agent.
                ("SOCKETS_PER_VIEWER", MANY),
                // All subscribers use one address.
                ("CONNECTIONS_PER_ADDRESS", 0),
                ("OPERATIONS_PER_VIEWER", MANY),
            ],
        )?;
        let gateway = Arc::new(gateway);
        let (version, agent) = helpdesk::open(&gateway, "Bench").await?;
        let client = Client::new()?;
        let mut node = Node::new(gateway, 1)?;
        node.start(client.http(), Duration::from_secs(30)).await?;
        let source = Source {
            address: node.address().to_owned(),
            token: agent.0.to_string(),
        };
        let made = fill(&client, &source.address, &agent, tickets).await?;
        let database = settings.under_test.database.open(&file, &url).await?;
        let tickets = made.into_iter().map(|one| (one.target.id, one.target.email));
        Ok(Self {
            source,
            tickets: tickets.collect(),
            database,
            client,
            node,
            version,
            _server: server,
            _folder: folder,
        })
    }

    /// Returns the version of the gateway.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the process id of the node.
    pub fn pid(&self) -> Done<u32> {
        self.node
            .pid()
            .ok_or_else(|| Failure("the node has exited".to_owned()))
    }

    /// Returns a result as a subscriber receives it, with `CURSOR` in place of the cursor.
    pub async fn sample(&self, gateway: &Subject<'_>) -> Done<String> {
        let ticket = self
            .tickets
            .first()
            .ok_or_else(|| Failure("no ticket was created".to_owned()))?;
        let (after, _) = gateway.make(&self.client, ticket, 0).await?;
        let bodies = Audience::of_one_ticket(1).bodies(&self.tickets, &after);
        let crowd = Crowd::open(&self.source, bodies).await?;
        let (cursor, _) = gateway.make(&self.client, ticket, 1).await?;
        crowd.until(1).await?;
        Ok(crowd.first_text().replace(&cursor, "CURSOR"))
    }
}

/// The broadcast server: this program in a separate process.
pub struct Bare {
    /// The address of the server.
    pub source: Source,
    child: Child,
}

impl Bare {
    pub async fn start(stage: &Stage) -> Done<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let own = std::env::current_exe()?;
        let child = Command::new(own)
            .args(["--serve-broadcast", &address])
            .stdin(Stdio::null())
            .spawn()
            .trying("start the broadcast server")?;
        let source = Source {
            address,
            token: String::new(),
        };
        let bare = Self { source, child };
        let url = format!("http://{}/publish", bare.source.address);
        for _ in 0..500 {
            if stage.client.http().post(&url).body("").send().await.is_ok() {
                return Ok(bare);
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err(Failure("the broadcast server did not start".to_owned()))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // The process has no state, so it can be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

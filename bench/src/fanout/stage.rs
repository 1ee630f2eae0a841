//! What is measured on: a database, a node over it, a workspace with tickets; and the bare broadcast beside it.

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
/// So each commit tells its time.
const TELL_COMMITS: &str = "track_commit_timestamp=on";

/// What is measured on.
pub struct Stage {
    /// The node, as an agent.
    pub source: Source,
    /// Tickets with the addresses of their customers.
    pub tickets: Vec<(String, String)>,
    /// Looks into the database.
    pub database: Database,
    /// Sends mutations.
    pub client: Client,
    node: Node,
    version: String,
    _server: Option<Arc<Server>>,
    _folder: TempDir,
}

impl Stage {
    /// Builds it, with so many tickets.
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
                // All of them listen as one agent.
                ("SOCKETS_PER_VIEWER", MANY),
                // And from one address.
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

    /// What the binary says of itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The process of the node.
    pub fn pid(&self) -> Done<u32> {
        self.node
            .pid()
            .ok_or_else(|| Failure("the node has ended".to_owned()))
    }

    /// An answer as a listener gets it, with `CURSOR` in the place of the cursor.
    pub async fn sample(&self, gateway: &Subject<'_>) -> Done<String> {
        let ticket = self
            .tickets
            .first()
            .ok_or_else(|| Failure("there is no ticket".to_owned()))?;
        let (after, _) = gateway.make(&self.client, ticket, 0).await?;
        let bodies = Audience::of_one_ticket(1).bodies(&self.tickets, &after);
        let crowd = Crowd::open(&self.source, bodies).await?;
        let (cursor, _) = gateway.make(&self.client, ticket, 1).await?;
        crowd.until(1).await?;
        Ok(crowd.first_text().replace(&cursor, "CURSOR"))
    }
}

/// The bare broadcast: this program once more, in a process of its own.
pub struct Bare {
    /// Where.
    pub source: Source,
    child: Child,
}

impl Bare {
    /// Starts it.
    pub async fn start(stage: &Stage) -> Done<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let own = std::env::current_exe()?;
        let child = Command::new(own)
            .args(["--serve-broadcast", &address])
            .stdin(Stdio::null())
            .spawn()
            .trying("start the bare broadcast")?;
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
        Err(Failure("the bare broadcast did not begin to listen".to_owned()))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It has nothing to finish.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! A node under attack, with the people who use it.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{
    attack::{Attack, Target},
    settings::Settings,
};
use crate::{
    client::Client,
    database::{Database, Own},
    failure::{Done, Failure},
    helpdesk::{self, Person, TOKEN_MINUTES, fill},
    node::{Gateway, Node},
    postgres::Server,
    under_test::Kind,
};

/// Tickets that the agent looks at.
const TICKETS: usize = 20;
/// Connections report what they read at most a second late, and all of it when they are idle.
const ROWS_READ: &str = "SELECT (tup_returned + tup_fetched)::bigint FROM pg_stat_database \
                         WHERE datname = current_database()";
/// A bound on bytes or things that stops nothing.
const WIDE: u32 = 2_000_000_000;
/// The longest time that the gateway takes for a bound: ten minutes.
const LONG_MS: u32 = 600_000;

/// Takes a bound out, as far as its setting can.
fn wide(name: &str) -> u32 {
    if name.ends_with("_MS") { LONG_MS } else { WIDE }
}

/// A node under attack. Torn down in this order.
pub struct Stage {
    node: Node,
    _server: Option<Server>,
    own: Option<Own>,
    /// Looks into the database, where it counts rows.
    watched: Option<Database>,
    _folder: TempDir,
    /// Asks the node.
    pub client: Client,
    /// The honest viewer.
    pub agent: Person,
    customer: Person,
    ticket: helpdesk::Target,
}

impl Stage {
    /// A node with some tickets, of which the hostile customer has the first.
    pub async fn build(settings: &Settings, attack: &Attack) -> Done<Self> {
        let folder = tempfile::Builder::new().prefix("deskgraph-hostile-").tempdir()?;
        let (mut server, mut own) = (None, None);
        let url = match (settings.under_test.database, &settings.server) {
            (Kind::Sqlite, _) => format!("sqlite://{}", folder.path().join("hostile.db").display()),
            (Kind::Postgres, Some(url)) => own.insert(Own::create(url).await?).url.clone(),
            (Kind::Postgres, None) => {
                let started = spawn_blocking(|| Server::start(40, &[])).await??;
                server.insert(started).url()
            }
        };
        let wide: Vec<_> = attack.bounds.iter().map(|name| (*name, wide(name))).collect();
        let numbers = if settings.unbounded { wide.as_slice() } else { &[] };
        let gateway = Gateway::new(
            &settings.under_test.binary,
            folder.path().to_owned(),
            &url,
            numbers,
        )?;
        let gateway = Arc::new(gateway);
        let (_, agent) = helpdesk::open(&gateway, "Hostile").await?;
        let client = Client::new()?;
        let mut node = Node::new(gateway.clone(), 1)?;
        node.start(client.http(), Duration::from_secs(30)).await?;
        let made = fill(&client, node.address(), &agent, TICKETS).await?;
        let first = made
            .into_iter()
            .next()
            .ok_or_else(|| Failure("no ticket was made".to_owned()))?;
        let email = first.target.email.clone();
        let issue =
            move || gateway.run(&["token", "issue", "--customer", &email, "--minutes", TOKEN_MINUTES]);
        let customer = Person(spawn_blocking(issue).await??.into());
        let watched = match settings.under_test.database {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Database::postgres(&url).await?),
        };
        Ok(Self {
            node,
            _server: server,
            own,
            watched,
            _folder: folder,
            client,
            agent,
            customer,
            ticket: first.target,
        })
    }

    /// What is attacked, and as whom.
    pub fn target(&self, time: Duration) -> Target {
        Target {
            address: self.address().to_owned(),
            token: self.customer.0.to_string(),
            ticket: self.ticket.clone(),
            client: self.client.clone(),
            time,
        }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.node.address()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.node.pid().unwrap_or_default()
    }

    /// The node answers.
    pub async fn is_ready(&self) -> bool {
        let query = "{ viewer { kind } }";
        self.client
            .ask(self.address(), &self.agent.0, query, &json!({}))
            .await
            .is_ok()
    }

    /// Rows that statements read so far, in tables and indexes, on the database that counts them: `PostgreSQL`.
    pub async fn rows_read(&self) -> Done<Option<u64>> {
        let Some(database) = &self.watched else {
            return Ok(None);
        };
        let rows = database.number(ROWS_READ).await?;
        Ok(u64::try_from(rows).ok())
    }

    /// Tears it down.
    pub async fn end(mut self) -> Done {
        self.node.kill()?;
        if let Some(database) = self.watched {
            database.close().await;
        }
        match self.own {
            Some(own) => own.drop().await,
            None => Ok(()),
        }
    }
}

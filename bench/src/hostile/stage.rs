//! The environment of an attack: a node and the people who use it.

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

/// Number of tickets that the agent lists.
const TICKETS: usize = 20;
/// Rows that statements have read. Connections report them at most a second late, and completely when they are idle.
const ROWS_READ: &str = "SELECT (tup_returned + tup_fetched)::bigint FROM pg_stat_database \
                         WHERE datname = current_database()";
/// Value of a limit on bytes or counts that has no effect.
const WIDE: u32 = 2_000_000_000;
/// Maximum of the gateway's time limits: ten minutes.
const LONG_MS: u32 = 600_000;

/// Returns the value that disables a limit as far as its setting allows.
fn wide(name: &str) -> u32 {
    if name.ends_with("_MS") { LONG_MS } else { WIDE }
}

/// The environment of an attack. Fields are dropped in this order.
pub struct Stage {
    node: Node,
    _server: Option<Server>,
    own: Option<Own>,
    /// Access to the database, if it counts rows.
    watched: Option<Database>,
    _folder: TempDir,
    pub client: Client,
    /// The honest viewer.
    pub agent: Person,
    customer: Person,
    ticket: helpdesk::Target,
}

impl Stage {
    /// Starts a node with some tickets. The attacker is the customer of the first.
    pub async fn build(settings: &Settings, attack: &Attack) -> Done<Self> {
        let folder = tempfile::Builder::new().prefix("deskgraph-hostile-").tempdir()?;
        let (mut server, mut own) = (None, None);
        let url = match (settings.under_test.database, settings.server()) {
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
            .ok_or_else(|| Failure("no ticket was created".to_owned()))?;
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

    pub fn pid(&self) -> u32 {
        self.node.pid().unwrap_or_default()
    }

    pub async fn is_ready(&self) -> bool {
        let query = "{ viewer { kind } }";
        self.client
            .ask(self.address(), &self.agent.0, query, &json!({}))
            .await
            .is_ok()
    }

    /// Returns the number of rows that statements have read from tables and indexes. `None` on SQLite, which does not
    /// count them.
    pub async fn rows_read(&self) -> Done<Option<u64>> {
        let Some(database) = &self.watched else {
            return Ok(None);
        };
        let rows = database.number(ROWS_READ).await?;
        Ok(u64::try_from(rows).ok())
    }

    /// Stops the node and drops the database.
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

//! Hints over NATS.
//!
//! A link is used until its first error, then dropped and opened again. Polling finds the changes that were
//! announced in between.

use std::{future::ready, time::Duration};

use async_nats::{Client, ConnectOptions, Event, Subscriber};
use entity::WorkspaceId;
use futures_util::StreamExt;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{HintQueue, Hub};
use crate::{
    config::{NatsLogin, NatsUrl},
    store::{change::LogPosition, hint::Hint},
};

/// Subject of the hints.
const SUBJECT: &str = "deskgraph.change";
/// Capacity of the queue of received hints. When it overflows, hints are lost.
const WAITING_MAX: usize = 1_024;
/// Capacity of the queue of unsent hints. When it is full, the sender waits and merges hints per workspace.
const UNWRITTEN_MAX: usize = 256;
/// Timeout for opening a link, and for the connection to one address of the server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PATIENCE_FOR_ONE: Duration = Duration::from_secs(3);
/// Interval of pings to the server.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// First and longest delay before a link is opened again. The delay doubles each time.
const MIN_DELAY: Duration = Duration::from_millis(250);
const MAX_DELAY: Duration = Duration::from_secs(15);

/// Error of a link, for the log. Contains no credentials, because the address is stored without them.
type LinkError = String;

/// Sends and receives hints.
pub async fn carry(hub: &Hub, hint_queue: &HintQueue, node: &str, url: &NatsUrl) {
    let mut wait = MIN_DELAY;
    let mut is_told = false;
    loop {
        let begun = Instant::now();
        let opened = timeout(CONNECT_TIMEOUT, Link::open(hub, node, url)).await;
        let trouble = match opened.unwrap_or_else(|late| Err(late.to_string())) {
            Ok(link) => {
                if is_told {
                    tracing::info!("NATS is available again; changes of other nodes arrive over NATS");
                    is_told = false;
                }
                // Hints that were sent before the subscription are lost.
                hub.nudge_all();
                link.carry(hub, hint_queue, node).await
            }
            Err(trouble) => trouble,
        };
        if !is_told {
            tracing::warn!(
                error = trouble,
                "NATS is unavailable; changes of other nodes are found by polling"
            );
            is_told = true;
        }
        // A link that lasted is reopened soon. A link that fails repeatedly is reopened with growing delays.
        wait = if begun.elapsed() > MAX_DELAY {
            MIN_DELAY
        } else {
            wait
        };
        sleep(wait).await;
        wait = (wait * 2).min(MAX_DELAY);
    }
}

/// A connection that has received a hint of its own, which proves that its subscription works.
struct Link {
    client: Client,
    heard: Subscriber,
    trouble: mpsc::Receiver<LinkError>,
}

impl Link {
    async fn open(hub: &Hub, node: &str, url: &NatsUrl) -> Result<Self, LinkError> {
        let (troubled, mut trouble) = mpsc::channel(1);
        let client = options(url)
            .event_callback(watcher(hub.clone(), troubled))
            .connect(url.server())
            .await
            .map_err(|error| error.to_string())?;
        let mut heard = client
            .subscribe(SUBJECT)
            .await
            .map_err(|error| error.to_string())?;
        // The nil workspace makes other nodes ignore this hint. The server delivers the messages of one
        // connection in order. A node that receives its own hint can therefore send and receive, and has
        // missed nothing since.
        say(&client, WorkspaceId(Uuid::nil()), node, None).await?;
        let hears_itself = async {
            while let Some(message) = heard.next().await {
                if read(&message.payload).is_some_and(|hint| hint.node == node) {
                    return Ok(());
                }
            }
            Err("the subscription ended".to_owned())
        };
        tokio::select! {
            result = hears_itself => result?,
            Some(trouble) = trouble.recv() => return Err(trouble),
        }
        Ok(Self {
            client,
            heard,
            trouble,
        })
    }

    /// Sends and receives hints until the link fails. Returns the error.
    async fn carry(mut self, hub: &Hub, hint_queue: &HintQueue, node: &str) -> LinkError {
        tokio::select! {
            trouble = tell(&self.client, hint_queue, node) => trouble,
            trouble = receive(&mut self.heard, hub, node) => trouble,
            Some(trouble) = self.trouble.recv() => trouble,
        }
    }
}

fn options(url: &NatsUrl) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name("deskgraph")
        .require_tls(url.is_tls())
        .connection_timeout(PATIENCE_FOR_ONE)
        .ping_interval(PING_INTERVAL)
        .subscription_capacity(WAITING_MAX)
        .client_capacity(UNWRITTEN_MAX)
        // Other servers of the cluster may be unreachable and would receive the credentials.
        .ignore_discovered_servers()
        // The client requires at least one reconnect attempt. By then the link has been dropped.
        .max_reconnects(1);
    match url.login() {
        NatsLogin::Nobody => options,
        NatsLogin::Token(token) => options.token(token.reveal().to_owned()),
        NatsLogin::User(name, password) => {
            options.user_and_password(name.reveal().to_owned(), password.reveal().to_owned())
        }
    }
}

/// Handles connection events. Keeps the first of several errors.
fn watcher(hub: Hub, troubled: mpsc::Sender<LinkError>) -> impl Fn(Event) -> std::future::Ready<()> {
    move |event| {
        match event {
            Event::Connected | Event::LameDuckMode | Event::Draining => {}
            // Hints arrived faster than they were processed, and some were dropped.
            Event::SlowConsumer(_) => hub.nudge_all(),
            trouble => {
                let _ = troubled.try_send(trouble.to_string());
            }
        }
        ready(())
    }
}

async fn tell(client: &Client, hint_queue: &HintQueue, node: &str) -> LinkError {
    loop {
        for (workspace, newest) in hint_queue.take().await {
            if let Err(trouble) = say(client, workspace, node, Some(newest)).await {
                return trouble;
            }
        }
        // Commits that arrive during the flush are merged per workspace into one hint.
        if let Err(error) = client.flush().await {
            return error.to_string();
        }
    }
}

async fn say(
    client: &Client,
    workspace: WorkspaceId,
    node: &str,
    newest: Option<LogPosition>,
) -> Result<(), LinkError> {
    let node = node.to_owned();
    let hint = Hint {
        workspace,
        node,
        newest,
    };
    let hint = hint.to_string();
    client
        .publish(SUBJECT, hint.into())
        .await
        .map_err(|error| error.to_string())
}

async fn receive(heard: &mut Subscriber, hub: &Hub, node: &str) -> LinkError {
    while let Some(message) = heard.next().await {
        if let Some(hint) = read(&message.payload)
            && hint.node != node
        {
            hub.nudge_here(hint.workspace, hint.newest);
        }
    }
    "the subscription ended".to_owned()
}

/// Parses a hint. Any client of the NATS server can send arbitrary bytes.
fn read(payload: &[u8]) -> Option<Hint> {
    Hint::read(std::str::from_utf8(payload).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_without_a_hint_are_ignored() {
        let hint = format!("{}.node", Uuid::max());
        assert_eq!(
            read(hint.as_bytes()).map(|hint| hint.node).as_deref(),
            Some("node")
        );
        for nonsense in [&b""[..], b".", b"\xff\xfe", b"hello.node", &vec![b'a'; 1 << 20]] {
            assert_eq!(read(nonsense), None);
        }
    }
}

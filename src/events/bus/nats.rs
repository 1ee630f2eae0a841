//! Hints through NATS.
//!
//! A link is opened, used until anything is wrong with it, thrown away and opened anew. What is said while there is
//! none is found by the poll.

use std::{future::ready, time::Duration};

use async_nats::{Client, ConnectOptions, Event, Subscriber};
use entity::WorkspaceId;
use futures_util::StreamExt;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{Hub, Outbound};
use crate::{
    config::{NatsLogin, NatsUrl},
    store::{change::LogPlace, hint::Hint},
};

/// Where hints are said and heard.
const SUBJECT: &str = "deskgraph.change";
/// Hints that may wait to be looked at. When more come, anything may have been missed.
const WAITING_MAX: usize = 1_024;
/// Hints that may wait to be written. When there are more, whoever tells waits, and tells of each workspace once.
const UNWRITTEN_MAX: usize = 256;
/// How long a link may take to open, and one address of the server to answer.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_FOR_ONE: Duration = Duration::from_secs(3);
/// How often the server is asked for a sign of life.
const PULSE: Duration = Duration::from_secs(10);
/// How long to wait before a link is opened anew: each time longer, up to a bound.
const SOON: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_secs(15);

/// Why there is no link, for the log. Without the credentials, which the address has lost by then.
type Trouble = String;

/// Tells and hears.
pub async fn carry(hub: &Hub, outbound: &Outbound, node: &str, url: &NatsUrl) {
    let mut wait = SOON;
    let mut is_told = false;
    loop {
        let begun = Instant::now();
        let opened = timeout(PATIENCE, Link::open(hub, node, url)).await;
        let trouble = match opened.unwrap_or_else(|late| Err(late.to_string())) {
            Ok(link) => {
                if is_told {
                    tracing::info!("NATS is available again; changes of other nodes arrive over NATS");
                    is_told = false;
                }
                // Whatever was said before was missed.
                hub.nudge_all();
                link.carry(hub, outbound, node).await
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
        // A link that lasted is asked for soon again; one that comes and goes is not.
        wait = if begun.elapsed() > LATE { SOON } else { wait };
        sleep(wait).await;
        wait = (wait * 2).min(LATE);
    }
}

/// A connection over which the node hears itself, and so everybody.
struct Link {
    client: Client,
    heard: Subscriber,
    trouble: mpsc::Receiver<Trouble>,
}

impl Link {
    async fn open(hub: &Hub, node: &str, url: &NatsUrl) -> Result<Self, Trouble> {
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
        // Of no workspace, so that nobody else minds. The server takes what one connection sends in order: whoever hears
        // itself may say and hear, and has missed nothing since.
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

    /// Tells and hears until the link is lost, and why it was.
    async fn carry(mut self, hub: &Hub, outbound: &Outbound, node: &str) -> Trouble {
        tokio::select! {
            trouble = tell(&self.client, outbound, node) => trouble,
            trouble = hear(&mut self.heard, hub, node) => trouble,
            Some(trouble) = self.trouble.recv() => trouble,
        }
    }
}

fn options(url: &NatsUrl) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name("deskgraph")
        .require_tls(url.is_tls())
        .connection_timeout(PATIENCE_FOR_ONE)
        .ping_interval(PULSE)
        .subscription_capacity(WAITING_MAX)
        .client_capacity(UNWRITTEN_MAX)
        // Others of a cluster may be out of reach, and would be given the credentials.
        .ignore_discovered_servers()
        // It cannot be told not to come back; once is the least. By then the link is thrown away.
        .max_reconnects(1);
    match url.login() {
        NatsLogin::Nobody => options,
        NatsLogin::Token(token) => options.token(token.reveal().to_owned()),
        NatsLogin::User(name, password) => {
            options.user_and_password(name.reveal().to_owned(), password.reveal().to_owned())
        }
    }
}

/// Hears of what happens to a connection. Of several troubles, the first is kept.
fn watcher(hub: Hub, troubled: mpsc::Sender<Trouble>) -> impl Fn(Event) -> std::future::Ready<()> {
    move |event| {
        match event {
            Event::Connected | Event::LameDuckMode | Event::Draining => {}
            // Hints came faster than they were looked at, and were dropped.
            Event::SlowConsumer(_) => hub.nudge_all(),
            trouble => {
                let _ = troubled.try_send(trouble.to_string());
            }
        }
        ready(())
    }
}

async fn tell(client: &Client, outbound: &Outbound, node: &str) -> Trouble {
    loop {
        for (workspace, newest) in outbound.take().await {
            if let Err(trouble) = say(client, workspace, node, Some(newest)).await {
                return trouble;
            }
        }
        // As long as this takes, further commits of the same workspaces become one hint.
        if let Err(error) = client.flush().await {
            return error.to_string();
        }
    }
}

async fn say(
    client: &Client,
    workspace: WorkspaceId,
    node: &str,
    newest: Option<LogPlace>,
) -> Result<(), Trouble> {
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

async fn hear(heard: &mut Subscriber, hub: &Hub, node: &str) -> Trouble {
    while let Some(message) = heard.next().await {
        if let Some(hint) = read(&message.payload)
            && hint.node != node
        {
            hub.nudge_here(hint.workspace, hint.newest);
        }
    }
    "the subscription ended".to_owned()
}

/// Whoever may connect to NATS may send anything.
fn read(payload: &[u8]) -> Option<Hint> {
    Hint::read(std::str::from_utf8(payload).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_hint_is_passed_over() {
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

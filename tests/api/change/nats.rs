//! Several nodes that exchange notifications over NATS.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Subscriber};
use deskgraph::store::change;
use entity::WorkspaceId;
use futures_util::StreamExt;
use needs::needs;
use sea_orm::{ConnectionTrait, Statement};

use super::nodes::{NEVER_MS, NEW, assert_receives, end, listening};
use crate::support::{Nats, TestApp, unchanged};

const SUBJECT: &str = "deskgraph.change";
/// Interval of polls for tests that rely on polling.
const SOON_MS: u64 = 20;

/// Starts a node with NATS and this interval of polls.
async fn node(nats: &Nats, poll_ms: u64) -> TestApp {
    let url = nats.url();
    TestApp::postgres_with(|settings| {
        settings.nats_url = Some(url);
        settings.change_poll_ms = poll_ms;
    })
    .await
}

/// Returns the number of database connections that use `LISTEN`.
async fn listeners(app: &TestApp) -> usize {
    let db = app.services.db.connection();
    let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let rows = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(rows).await.expect("a list").len()
}

/// Connects another client to NATS and subscribes it to all messages.
async fn foreign_client(nats: &Nats) -> (Client, Subscriber) {
    let options = ConnectOptions::with_user_and_password("deskgraph".to_owned(), "p@ss".to_owned());
    let client = options.connect(nats.url().server()).await.expect("a connection");
    let mut messages = client.subscribe(SUBJECT).await.expect("a subscription");
    client
        .publish(SUBJECT, "here".into())
        .await
        .expect("a published message");
    while next_hint(&mut messages).await != "here" {}
    (client, messages)
}

async fn next_hint(messages: &mut Subscriber) -> String {
    let next = tokio::time::timeout(Duration::from_mins(1), messages.next()).await;
    let message = next.expect("no message arrived in time").expect("a message");
    String::from_utf8_lossy(&message.payload).into_owned()
}

/// Returns the node that sent the next notification of this workspace.
async fn next_sender(messages: &mut Subscriber, workspace: WorkspaceId) -> String {
    loop {
        let hint = next_hint(messages).await;
        let mut parts = hint.split('.');
        if let (Some(id), Some(node)) = (parts.next(), parts.next())
            && id == workspace.0.to_string()
        {
            return node.to_owned();
        }
    }
}

#[needs(postgres, nats)]
#[tokio::test]
async fn nats_delivers_events_between_nodes_without_polling() {
    let nats = Nats::start();
    let one = node(&nats, NEVER_MS).await;
    let (workspace, admin) = one.admin().await;
    let two = one.another().await;
    let after = end(&one, &admin).await;
    let (_client, mut hints) = foreign_client(&nats).await;
    let mut sockets = [
        listening(&one, &admin, &after).await,
        listening(&two, &admin, &after).await,
    ];
    let mut tellers = Vec::new();
    for (node, email) in [(&one, "ann"), (&two, "bob"), (&one, "cid"), (&two, "dan")] {
        node.ticket(&admin, &format!("{email}@example.com")).await;
        for socket in &mut sockets {
            assert_receives(socket, &NEW).await;
        }
        tellers.push(next_sender(&mut hints, workspace).await);
    }
    assert_eq!((&tellers[0], &tellers[1]), (&tellers[2], &tellers[3]));
    assert_ne!(tellers[0], tellers[1]);
    assert_eq!(listeners(&one).await, 0);
}

#[needs(postgres, nats)]
#[tokio::test]
async fn a_hint_beyond_the_log_begins_an_epoch() {
    let nats = Nats::start();
    let one = node(&nats, NEVER_MS).await;
    let (workspace, admin) = one.admin().await;
    one.ticket(&admin, "ann@example.com").await;
    let mut socket = listening(&one, &admin, &end(&one, &admin).await).await;
    let (client, _heard) = foreign_client(&nats).await;
    let hint = format!("{}.another.8.0", workspace.0);
    let newest = async || {
        let newest = change::newest_unscoped(&one.services.db, workspace).await;
        newest.expect("a place")
    };
    // Hints have no effect until the node follows the log, so the hint is repeated.
    while newest().await.epoch == 0 {
        client
            .publish(SUBJECT, hint.clone().into())
            .await
            .expect("a published message");
        client.flush().await.expect("sent");
    }
    assert_eq!(newest().await.position, 4);
    one.ticket(&admin, "bob@example.com").await;
    assert_receives(&mut socket, &NEW).await;
}

#[needs(postgres, nats)]
#[tokio::test]
async fn foreign_nats_messages_have_no_effect() {
    let nats = Nats::start();
    let one = node(&nats, NEVER_MS).await;
    let (workspace, admin) = one.admin().await;
    let two = one.another().await;
    let (client, _heard) = foreign_client(&nats).await;
    let mut socket = listening(&two, &admin, &end(&one, &admin).await).await;
    let hint = format!("{}.stranger", workspace.0);
    let long = vec![b'.'; 500_000];
    for email in ["ann", "bob"] {
        let payloads = [&b""[..], b".", b"\xff.\xff", b"7.node", &long, hint.as_bytes()];
        for payload in payloads {
            let published = client.publish(SUBJECT, payload.to_vec().into()).await;
            published.expect("a published message");
        }
        one.ticket(&admin, &format!("{email}@example.com")).await;
        assert_receives(&mut socket, &NEW).await;
    }
}

#[needs(postgres, nats)]
#[tokio::test]
async fn polling_delivers_events_after_nats_is_killed() {
    let mut nats = Nats::start();
    let one = node(&nats, SOON_MS).await;
    let (_, admin) = one.admin().await;
    let two = one.another().await;
    let mut socket = listening(&two, &admin, &end(&one, &admin).await).await;
    one.ticket(&admin, "ann@example.com").await;
    assert_receives(&mut socket, &NEW).await;
    nats.kill();
    for email in ["bob", "cid"] {
        one.ticket(&admin, &format!("{email}@example.com")).await;
        assert_receives(&mut socket, &NEW).await;
    }
}

#[needs(postgres, nats)]
#[tokio::test]
async fn no_event_is_lost_when_nats_restarts() {
    let mut nats = Nats::start();
    let one = node(&nats, NEVER_MS).await;
    let (workspace, admin) = one.admin().await;
    let two = one.another().await;
    // Writes on a node without NATS, so that the other nodes receive no notification.
    let apart = one.another_with(|settings| settings.nats_url = None).await;
    let mut socket = listening(&two, &admin, &end(&one, &admin).await).await;
    for round in 0..3 {
        one.ticket(&admin, &format!("there{round}@example.com")).await;
        assert_receives(&mut socket, &NEW).await;
        nats.kill();
        apart.ticket(&admin, &format!("away{round}@example.com")).await;
        nats.come_back();
        assert_receives(&mut socket, &NEW).await;
    }
    let (_client, mut hints) = foreign_client(&nats).await;
    two.ticket(&admin, "ann@example.com").await;
    next_sender(&mut hints, workspace).await;
}

#[needs(postgres, nats)]
#[tokio::test]
async fn a_node_starts_without_nats_and_connects_later() {
    let mut nats = Nats::start();
    nats.kill();
    let polls = node(&nats, SOON_MS).await;
    let (_, admin) = polls.admin().await;
    let other = polls.another().await;
    let mut socket = listening(&other, &admin, &end(&polls, &admin).await).await;
    polls.ticket(&admin, "ann@example.com").await;
    assert_receives(&mut socket, &NEW).await;

    let waits = node(&nats, NEVER_MS).await;
    let (workspace, admin) = waits.admin().await;
    let other = waits.another().await;
    let mut socket = listening(&other, &admin, &end(&waits, &admin).await).await;
    waits.ticket(&admin, "ann@example.com").await;
    nats.come_back();
    assert_receives(&mut socket, &NEW).await;
    let (_client, mut hints) = foreign_client(&nats).await;
    other.ticket(&admin, "bob@example.com").await;
    next_sender(&mut hints, workspace).await;
}

#[needs(postgres, nats)]
#[tokio::test]
async fn logs_of_refused_nats_logins_contain_no_credentials() {
    let nats = Nats::start();
    let app = TestApp::postgres_with(unchanged).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = Command::new(env!("CARGO_BIN_EXE_deskgraph"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log",
            "trace,async_nats=trace",
        ])
        .args([
            "--nats-url",
            &nats.url().server().replace("//", "//ada:se%63ret@"),
        ])
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut output = BufReader::new(serving.stderr.take().expect("piped")).lines();
    let mut lines = Vec::new();
    // Each failed attempt to connect is logged, and the client retries.
    let mut until = |part: &str| {
        let line = output.by_ref().map_while(Result::ok).find(|line| {
            lines.push(line.clone());
            line.contains(part)
        });
        line.unwrap_or_else(|| panic!("no line with {part}: {lines:#?}"))
    };
    let line = until("NATS is unavailable");
    assert!(line.contains("authorization violation"), "{line}");
    until("write operation: CONNECT");
    until("authorization violation");
    serving.kill().expect("killed");
    serving.wait().expect("an end");
    let lines = lines.join("\n");
    assert_eq!(lines.matches("NATS is unavailable").count(), 1, "{lines}");
    assert!(
        !lines.contains("secret") && !lines.contains("se%63ret"),
        "{lines}"
    );
}

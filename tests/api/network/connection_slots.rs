//! Limits on the number of connections, and which idle connections are closed for others.

use std::net::{Ipv4Addr, SocketAddr};

use futures_util::FutureExt;

use super::{Peer, TIMEOUT};
use crate::support::{TestApp, on_each_database};

const HONEST: Ipv4Addr = Ipv4Addr::LOCALHOST;
const HOSTILE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// More idle connections than the limit.
const MANY: usize = 1_300;

/// Opens an idle connection from a local address.
async fn from(app: &TestApp, address: Ipv4Addr) -> Peer {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket
        .bind(SocketAddr::from((address, 0)))
        .expect("an address of this machine");
    let server = app.url.trim_start_matches("http://").parse().expect("an address");
    let connected = tokio::time::timeout(TIMEOUT, socket.connect(server)).await;
    Peer(connected.expect("in time").expect("a connection"))
}

async fn is_alive(peer: &mut Peer) -> String {
    peer.send("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n").await;
    peer.receive().await
}

#[tokio::test]
async fn a_socket_occupies_its_slot_until_closed() {
    let app = TestApp::sqlite_with(|settings| settings.connections_max = Some(1)).await;
    let (_, admin) = app.admin().await;
    let socket = app.socket(&admin).await;
    let mut peer = Peer::of(&app).await;
    peer.send("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut hearing = Box::pin(peer.receive());
    // Long enough for a response if the connection had been accepted.
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut hearing).await;
    assert!(early.is_err(), "{early:?}");
    assert!(hearing.as_mut().now_or_never().is_none());
    socket.close().await;
    let heard = hearing.await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
}

async fn silent_connections_do_not_block_others(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut silent = Vec::new();
    for _ in 0..MANY {
        silent.push(from(&app, HOSTILE).await);
    }
    let mut honest = from(&app, HONEST).await;
    let heard = is_alive(&mut honest).await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
    let answer = app
        .ask(&admin, "{ viewer { kind } }", serde_json::json!({}))
        .await;
    assert_eq!(answer.text("/viewer/kind"), "AGENT");
    // The first idle connection was closed for the last one, which has a response too.
    assert!(silent[0].is_ended().await);
    let heard = is_alive(silent.last_mut().expect("one")).await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
}

fn two_hundred(settings: &mut deskgraph::config::Settings) {
    settings.connections_max = Some(200);
    settings.header_timeout_ms = 60_000;
}

on_each_database!(with super::two_hundred; silent_connections_do_not_block_others);

#[tokio::test]
async fn silent_connections_do_not_block_without_address_limit() {
    let app = TestApp::sqlite_with(|settings| {
        two_hundred(settings);
        settings.connections_per_address = Some(0);
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..MANY {
        silent.push(from(&app, HOSTILE).await);
    }
    let mut honest = from(&app, HONEST).await;
    let heard = is_alive(&mut honest).await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
}

#[tokio::test]
async fn silent_connections_are_closed_before_idle_ones() {
    let app = TestApp::sqlite_with(|settings| {
        settings.connections_max = Some(2);
        settings.connections_per_address = Some(0);
    })
    .await;
    let mut answered = from(&app, HONEST).await;
    is_alive(&mut answered).await;
    let mut silent = from(&app, HOSTILE).await;
    let mut second = from(&app, HONEST).await;
    assert!(is_alive(&mut second).await.starts_with("HTTP/1.1 204"));
    assert!(silent.is_ended().await);
    // The connection is usable until another one needs its place.
    assert!(is_alive(&mut answered).await.starts_with("HTTP/1.1 204"));
    let mut third = from(&app, HONEST).await;
    assert!(is_alive(&mut third).await.starts_with("HTTP/1.1 204"));
    assert!(second.is_ended().await);
}

#[tokio::test]
async fn an_address_at_its_connection_limit_is_refused() {
    let app = TestApp::sqlite_with(|settings| settings.connections_per_address = Some(2)).await;
    let (_, admin) = app.admin().await;
    // The own connections of the HTTP client end with it.
    let sockets = [app.socket(&admin).await, app.socket(&admin).await];
    let mut third = from(&app, HONEST).await;
    third
        .send("POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}")
        .await;
    let heard = third.receive().await;
    assert!(heard.starts_with("HTTP/1.1 503"), "{heard}");
    assert!(heard.contains("retry-after: 1\r\n"), "{heard}");
    assert!(heard.contains(r#""code":"UNAVAILABLE""#), "{heard}");
    assert!(third.is_ended().await);
    let mut other = from(&app, HOSTILE).await;
    assert!(is_alive(&mut other).await.starts_with("HTTP/1.1 204"));
    for socket in sockets {
        socket.close().await;
    }
}

//! How many are served at a time.

use futures_util::FutureExt;

use super::Peer;
use crate::support::TestApp;

#[tokio::test]
async fn a_socket_keeps_its_place_until_it_is_closed() {
    let app = TestApp::sqlite_with(|settings| settings.connections_max = Some(1)).await;
    let (_, admin) = app.admin().await;
    let socket = app.socket(&admin).await;
    let mut peer = Peer::of(&app).await;
    peer.send("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let mut hearing = Box::pin(peer.hear());
    // Long enough for an answer, were there a place.
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut hearing).await;
    assert!(early.is_err(), "{early:?}");
    assert!(hearing.as_mut().now_or_never().is_none());
    socket.close().await;
    let heard = hearing.await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
}

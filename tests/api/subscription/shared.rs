//! Equal subscriptions get the same responses, which are created once.

use serde_json::json;

use super::{WATCH, add, bodies, body, text, ticket};
use crate::support::{Person, Socket, TestApp, on_each_database};

const LISTENERS: usize = 20;
/// Number of messages after which all subscribers must have joined the group.
const ROUNDS: usize = 20;
const QUERY: &str = "subscription ($after: ChangeCursor, $ticketId: ID) { messageAdded(ticketId: $ticketId, after: $after) \
                     { body customer { email } changeCursor } }";

/// Disables polls of the log, because their statements would be counted.
fn quiet(settings: &mut deskgraph::config::Settings) {
    settings.change_poll_ms = 3_600_000;
}

/// Returns the smallest number of statements for a message that all of these sockets receive.
async fn fewest(app: &TestApp, person: &Person, ticket: &super::Ticket, sockets: &mut [Socket]) -> usize {
    let mut fewest = usize::MAX;
    for round in 0..ROUNDS {
        app.statements.take();
        let written = format!("round {round}");
        add(app, person, ticket, &written).await;
        for socket in &mut *sockets {
            assert_eq!(body(socket, "1").await, written, "each once and in order");
        }
        fewest = fewest.min(app.statements.take().len());
    }
    fewest
}

async fn equal_subscriptions_share_one_execution(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let before = add(&app, &admin, &ticket, "before").await;
    let mut sockets = vec![app.socket(&admin).await];
    let from = |after: &str| json!({ "ticketId": ticket.id, "after": after });
    sockets[0].begin("1", QUERY, &from(&before)).await;
    let for_one = fewest(&app, &admin, &ticket, &mut sockets).await;

    // Subscribers join one after the other from different cursors, while messages are written.
    for n in 1..LISTENERS {
        let mut socket = app.socket(&admin).await;
        let written = format!("for {n}");
        let after = add(&app, &admin, &ticket, &written).await;
        socket.begin("1", QUERY, &from(&after)).await;
        for member in &mut sockets {
            assert_eq!(body(member, "1").await, written);
        }
        sockets.push(socket);
    }
    let for_all = fewest(&app, &admin, &ticket, &mut sockets).await;
    assert_eq!(for_all, for_one, "statements for {LISTENERS} and for one");
}

async fn a_leaving_subscriber_does_not_affect_others(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    let mut other = app.socket(&admin).await;
    for id in ["a", "b"] {
        socket.begin(id, WATCH, &json!({ "after": ticket.cursor })).await;
        other.begin(id, WATCH, &json!({ "after": ticket.cursor })).await;
    }
    add(&app, &admin, &ticket, "one").await;
    for _ in 0..2 {
        socket.message().await;
        other.message().await;
    }
    socket.complete("a").await;
    socket.wait_for_pong().await;
    other.close().await;
    add(&app, &admin, &ticket, "two").await;
    assert_eq!(bodies(&mut socket, "b", "two").await, ["two"]);
    // The last subscriber leaves, and another one joins later.
    socket.complete("b").await;
    socket.wait_for_pong().await;
    let three = add(&app, &admin, &ticket, "three").await;
    socket.begin("c", WATCH, &json!({ "after": three })).await;
    add(&app, &admin, &ticket, "four").await;
    assert_eq!(body(&mut socket, "c").await, "four");
}

async fn subscribers_with_different_grants_receive_different_data(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let noteless = app.api_key(&[workspace], &[deskgraph::auth::Grant::Read]).await;
    let query =
        "subscription ($after: ChangeCursor) { changes(after: $after) { name changedFields { field } } }";
    let mut sees = app.socket(&admin).await;
    let mut does_not = app.socket(&noteless).await;
    for socket in [&mut sees, &mut does_not] {
        socket.begin("1", query, &json!({ "after": ticket.cursor })).await;
    }
    for n in 0..3 {
        let notes = json!({ "internalNotes": n.to_string() });
        let input = json!({ "id": ticket.customer, "input": notes });
        app.wrote(&admin, "customerUpdate", input).await;
        let fields = |answer: serde_json::Value| answer["changes"]["changedFields"].clone();
        assert_eq!(
            fields(sees.data("1").await),
            json!([{ "field": "internalNotes" }])
        );
        assert_eq!(fields(does_not.data("1").await), json!([]));
    }
}

async fn a_subscription_selects_one_field(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    for query in [
        "subscription { a: messageAdded { id } b: messageAdded { id } }",
        "subscription { messageAdded { id } __typename }",
        "subscription { messageAdded @skip(if: true) { id } }",
    ] {
        socket.begin("1", query, &json!({})).await;
        assert_eq!(socket.refusal("1").await, "BAD_USER_INPUT", "{query}");
    }
    let spread = "subscription Spread ($after: ChangeCursor) { ...f } \
                  fragment f on Subscription { messageAdded(after: $after) { body } }";
    socket
        .begin("1", spread, &json!({ "after": ticket.cursor }))
        .await;
    add(&app, &admin, &ticket, "in a fragment").await;
    let data = socket.data("1").await;
    assert_eq!(text(&data, "/messageAdded/body"), "in a fragment");
}

on_each_database!(
    with super::quiet;
    equal_subscriptions_share_one_execution,
    a_leaving_subscriber_does_not_affect_others,
    subscribers_with_different_grants_receive_different_data,
    a_subscription_selects_one_field,
);

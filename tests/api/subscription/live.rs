//! Live events.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Ticket, WATCH, add, add_to, bodies, body, ticket};
use crate::support::{Person, Socket, TestApp, on_each_database};

/// Writes messages until one is received, because the start of a subscription is not reported. Returns the number of
/// messages written. Those after the returned one are still to be received.
async fn add_until_received(
    app: &TestApp,
    person: &Person,
    ticket: &Ticket,
    socket: &mut Socket,
) -> (usize, String) {
    for written in 0.. {
        add(app, person, ticket, &format!("probe {written}")).await;
        if let Ok(first) = tokio::time::timeout(Duration::from_millis(200), body(socket, "1")).await {
            return (written, first);
        }
    }
    unreachable!()
}

async fn a_subscription_without_cursor_receives_only_new_events(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "before").await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({ "ticketId": ticket.id })).await;
    let (written, first) = add_until_received(&app, &admin, &ticket, &mut socket).await;
    let first: usize = first
        .strip_prefix("probe ")
        .expect("a probe")
        .parse()
        .expect("a number");
    add(&app, &admin, &ticket, "after").await;
    let mut expected: Vec<_> = (first + 1..=written).map(|n| format!("probe {n}")).collect();
    expected.push("after".to_owned());
    assert_eq!(bodies(&mut socket, "1", "after").await, expected);
}

async fn each_target_receives_its_own_messages(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = ticket(&app, &admin, None, "start@example.com").await.cursor;
    let jane = ticket(&app, &admin, None, "jane@example.com").await;
    let more = ticket(&app, &admin, None, "jane@example.com").await;
    let john = ticket(&app, &admin, None, "john@example.com").await;
    let mut socket = app.socket(&admin).await;
    let mut watch = async |id: &str, mut variables: Value| {
        variables["after"] = json!(start);
        socket.begin(id, WATCH, &variables).await;
    };
    watch("ticket", json!({ "ticketId": jane.id })).await;
    watch("conversation", json!({ "conversationId": jane.conversation })).await;
    watch("customer", json!({ "customerId": jane.customer })).await;
    watch("workspace", json!({ "workspaceId": workspace.to_string() })).await;
    watch("all", json!({})).await;
    watch("outbound", json!({ "direction": "OUTBOUND" })).await;
    watch("inbound", json!({ "ticketId": jane.id, "direction": "INBOUND" })).await;

    let of = |ticket: &Ticket| json!({ "ticketId": ticket.id });
    let thread = json!({ "conversationId": jane.conversation });
    add_to(&app, &admin, of(&jane), "INBOUND", "in jane").await;
    add_to(&app, &admin, of(&more), "OUTBOUND", "to more").await;
    add_to(&app, &admin, of(&john), "INBOUND", "in john").await;
    add_to(&app, &admin, thread, "OUTBOUND", "thread").await;
    add_to(&app, &admin, of(&jane), "INBOUND", "end").await;
    add_to(&app, &admin, of(&jane), "OUTBOUND", "end").await;

    let mut received = std::collections::BTreeMap::<String, Vec<String>>::new();
    let ended = |texts: &Vec<String>, id: &str| {
        let ends = texts.iter().filter(|text| *text == "end").count();
        ends == if id.ends_with("bound") { 1 } else { 2 }
    };
    while received.len() < 7 || !received.iter().all(|(id, texts)| ended(texts, id)) {
        let message = socket.message().await;
        let id = super::text(&message, "/id");
        received
            .entry(id)
            .or_default()
            .push(super::text(&message, "/payload/data/messageAdded/body"));
    }
    let all = [
        "first", "first", "first", "in jane", "to more", "in john", "thread", "end", "end",
    ];
    assert_eq!(received["ticket"], ["first", "in jane", "end", "end"]);
    assert_eq!(
        received["conversation"],
        ["first", "in jane", "thread", "end", "end"]
    );
    assert_eq!(
        received["customer"],
        ["first", "first", "in jane", "to more", "thread", "end", "end"]
    );
    assert_eq!(received["workspace"], all);
    assert_eq!(received["all"], all);
    assert_eq!(received["outbound"], ["to more", "thread", "end"]);
    assert_eq!(received["inbound"], ["first", "in jane", "end"]);
}

async fn writes_of_another_node_are_received(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({ "after": ticket.cursor })).await;
    add(&app, &admin, &ticket, "here").await;
    assert_eq!(body(&mut socket, "1").await, "here");
    let other = app.another().await;
    add(&other, &admin, &ticket, "there").await;
    assert_eq!(body(&mut socket, "1").await, "there");
    // The event is also received on the other node, which had no subscription before.
    let mut far = other.socket(&admin).await;
    far.begin("1", WATCH, &json!({ "after": ticket.cursor })).await;
    assert_eq!(bodies(&mut far, "1", "there").await, ["here", "there"]);
    add(&app, &admin, &ticket, "here again").await;
    assert_eq!(body(&mut far, "1").await, "here again");
    assert_eq!(body(&mut socket, "1").await, "here again");
}

async fn a_received_message_has_all_its_fields(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    let query = "subscription ($after: ChangeCursor) { added: messageAdded(after: $after) { __typename direction \
         ticket { subject status messageCount } conversation { id } customer { email } changeCursor } }";
    socket.begin("1", query, &json!({ "after": ticket.cursor })).await;
    let cursor = add(&app, &admin, &ticket, "second").await;
    let message = socket.data("1").await["added"].take();
    assert_eq!(message["__typename"], "Message");
    assert_eq!(message["direction"], "INBOUND");
    assert_eq!(message["ticket"]["subject"], "Help");
    assert_eq!(message["ticket"]["messageCount"], 2);
    assert_eq!(message["conversation"]["id"], ticket.conversation);
    assert_eq!(message["customer"]["email"], "jane@example.com");
    // Changes that the message causes can have positions between its own and the end of its transaction.
    let query = "{ ticket(id: $id) { messages { nodes { changeCursor } } } }"
        .replace("$id", &json!(ticket.id).to_string());
    let read = app.ask(&admin, &query, json!({})).await;
    assert_eq!(
        message["changeCursor"],
        read.at("/ticket/messages/nodes/1/changeCursor")
    );
    socket.begin("2", WATCH, &json!({ "after": cursor })).await;
    add(&app, &admin, &ticket, "third").await;
    let mut received = vec![
        socket.message().await["id"].take(),
        socket.message().await["id"].take(),
    ];
    received.sort_by_key(Value::to_string);
    assert_eq!(received, ["1", "2"]);
}

on_each_database!(
    a_subscription_without_cursor_receives_only_new_events,
    each_target_receives_its_own_messages,
    writes_of_another_node_are_received,
    a_received_message_has_all_its_fields,
);

//! Resuming from a cursor.

use serde_json::json;

use super::{WATCH, add, bodies, body, text, ticket};
use crate::support::{TestApp, on_each_database};

const WRITERS: usize = 3;
const MESSAGES: usize = 100;
const CUTS: usize = 10;

async fn a_message_cursor_replays_later_messages_before_new_ones(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    for body in ["a", "b", "c"] {
        add(&app, &admin, &ticket, body).await;
    }
    let query = "query ($id: ID!) { ticket(id: $id) { messages { nodes { body changeCursor } } } }";
    let read = app.ask(&admin, query, json!({ "id": ticket.id })).await;
    let messages = read.at("/ticket/messages/nodes");
    assert_eq!(messages[1]["body"], "a");
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": messages[1]["changeCursor"] }))
        .await;
    for expected in [&messages[2], &messages[3]] {
        let received = socket.data("1").await["messageAdded"].take();
        assert_eq!(
            (&received["body"], &received["changeCursor"]),
            (&expected["body"], &expected["changeCursor"])
        );
    }
    add(&app, &admin, &ticket, "d").await;
    assert_eq!(body(&mut socket, "1").await, "d");
}

async fn a_payload_cursor_excludes_its_own_write(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("created", WATCH, &json!({ "after": ticket.cursor }))
        .await;
    let behind_first = add(&app, &admin, &ticket, "a").await;
    assert_eq!(body(&mut socket, "created").await, "a");
    let query = "mutation ($id: ID!) { ticketUpdate(id: $id, input: { priority: URGENT }) { changeCursor } }";
    let updated = app.ask(&admin, query, json!({ "id": ticket.id })).await;
    let behind_update = updated.text("/ticketUpdate/changeCursor");
    add(&app, &admin, &ticket, "b").await;
    for (id, after) in [("message", behind_first), ("update", behind_update)] {
        let mut socket = app.socket(&admin).await;
        socket.begin(id, WATCH, &json!({ "after": after })).await;
        assert_eq!(body(&mut socket, id).await, "b");
    }
}

async fn an_interrupted_subscriber_receives_each_message_once_in_order(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let writer = async |writer: usize| {
        for n in 0..MESSAGES {
            add(&app, &admin, &ticket, &format!("{writer} {n}")).await;
        }
    };
    let total = WRITERS * MESSAGES;
    let listener = async {
        let (mut received, mut cursor) = (Vec::new(), ticket.cursor.clone());
        for cut in 1..=CUTS {
            let mut socket = app.socket(&admin).await;
            socket.begin("1", WATCH, &json!({ "after": cursor })).await;
            while received.len() < total * cut / CUTS {
                let message = socket.data("1").await["messageAdded"].take();
                cursor = text(&message, "/changeCursor");
                received.push((text(&message, "/body"), cursor.clone()));
            }
            // The socket is dropped here, with all messages in transit.
        }
        received
    };
    let (received, (), (), ()) = tokio::join!(listener, writer(0), writer(1), writer(2));

    // Again in one subscription from the log alone: more events than a page of the log.
    let mut socket = app.socket(&admin).await;
    socket
        .begin("log", WATCH, &json!({ "after": ticket.cursor }))
        .await;
    let mut log = Vec::new();
    while log.len() < total {
        let message = socket.data("log").await["messageAdded"].take();
        log.push((text(&message, "/body"), text(&message, "/changeCursor")));
    }
    assert_eq!(received, log);
    for writer in 0..WRITERS {
        let own = received
            .iter()
            .filter_map(|(body, _)| body.strip_prefix(&format!("{writer} ")));
        let own: Vec<usize> = own.map(|n| n.parse().expect("a number")).collect();
        assert_eq!(own, (0..MESSAGES).collect::<Vec<_>>());
    }
    add(&app, &admin, &ticket, "end").await;
    assert_eq!(bodies(&mut socket, "log", "end").await, ["end"]);
}

on_each_database!(
    a_message_cursor_replays_later_messages_before_new_ones,
    a_payload_cursor_excludes_its_own_write,
    an_interrupted_subscriber_receives_each_message_once_in_order,
);

//! A customer's message to a closed ticket creates a follow-up ticket.

use entity::Word;
use serde_json::{Value, json};

use crate::support::{Payload, Person, TestApp, on_each_database};

async fn closed(app: &TestApp, admin: &Person) -> Value {
    let input = json!({
        "subject": "Help", "customerEmail": "ann@example.com", "body": "The parcel weighs two kilograms.",
        "priority": "HIGH", "tags": ["a"], "customFields": { "plan": "pro" },
    });
    let made = app.wrote(admin, "ticketCreate", json!({ "input": input })).await;
    close(app, admin, &made["ticket"]["id"]).await
}

async fn close(app: &TestApp, admin: &Person, id: &Value) -> Value {
    let change = json!({ "id": id, "input": { "status": "CLOSED", "resolutionType": "done" } });
    app.wrote(admin, "ticketUpdate", change).await["ticket"].clone()
}

async fn write(app: &TestApp, person: &Person, ticket: &Value, extra: Value) -> Payload {
    let input = super::message::input(ticket, &extra);
    app.wrote(person, "messageAdd", json!({ "input": input })).await
}

async fn read_ticket(app: &TestApp, person: &Person, id: &Value) -> Value {
    let query = "query($id: ID!) { ticket(id: $id) { status subject priority tags customFields resolutionType \
        resolvedAt messageCount version followUpOf { id } followUps { nodes { id status } } \
        conversation { id status tickets { totalCount } messages { totalCount } } messages { nodes { body } } } }";
    app.ask(person, query, json!({ "id": id })).await.at("/ticket")
}

async fn inbound_messages_to_closed_tickets_create_follow_ups(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let old = closed(&app, &admin).await;
    let done = json!({ "id": old["conversation"]["id"], "input": { "status": "DONE" } });
    app.wrote(&admin, "conversationUpdate", done).await;
    let events = app.log(workspace).await.len();
    app.clock_control.advance_ms(1_000);
    let added = write(&app, &admin, &old, json!({})).await;
    let new = &added["message"]["ticket"]["id"];
    assert_ne!(new, &old["id"]);
    assert_eq!(
        read_ticket(&app, &admin, new).await,
        json!({
            "status": "OPEN", "subject": "Help", "priority": "HIGH", "tags": ["a"],
            "customFields": { "plan": "pro" }, "resolutionType": null, "resolvedAt": null, "messageCount": 1,
            "version": 1, "followUpOf": { "id": old["id"] }, "followUps": { "nodes": [] },
            "conversation": {
                "id": old["conversation"]["id"], "status": "OPEN", "tickets": { "totalCount": 2 },
                "messages": { "totalCount": 2 },
            },
            "messages": { "nodes": [{ "body": "Any update on this?" }] },
        })
    );
    let left = read_ticket(&app, &admin, &old["id"]).await;
    assert_eq!(
        (&left["status"], &left["followUpOf"], &left["messageCount"]),
        (&json!("CLOSED"), &Value::Null, &json!(1))
    );
    assert_eq!(
        left["followUps"]["nodes"],
        json!([{ "id": new, "status": "OPEN" }])
    );
    let names: Vec<_> = app.log(workspace).await[events..]
        .iter()
        .map(|event| event.name.word())
        .collect();
    assert_eq!(
        names,
        ["ticket.created", "message.created", "conversation.updated"]
    );
    let figures = "{ customers { nodes { totalTickets openTickets } } }";
    assert_eq!(
        app.ask(&admin, figures, json!({})).await.at("/customers/nodes/0"),
        json!({ "totalTickets": 2, "openTickets": 1 })
    );
}

async fn later_messages_go_to_the_open_follow_up(app: TestApp) {
    let (_, admin) = app.admin().await;
    let old = closed(&app, &admin).await;
    let first = write(&app, &admin, &old, json!({})).await["message"]["ticket"]["id"].clone();
    let solved = json!({ "id": first, "input": { "status": "SOLVED" } });
    app.wrote(&admin, "ticketUpdate", solved).await;
    app.clock_control.advance_ms(1_000);
    let again = write(&app, &admin, &old, json!({})).await;
    assert_eq!(
        again["message"]["ticket"],
        json!({ "id": first, "status": "OPEN" })
    );
    close(&app, &admin, &first).await;
    app.clock_control.advance_ms(1_000);
    let second = write(&app, &admin, &old, json!({})).await["message"]["ticket"]["id"].clone();
    assert_ne!(second, first);
    assert_eq!(
        read_ticket(&app, &admin, &old["id"]).await["followUps"]["nodes"],
        json!([{ "id": second, "status": "OPEN" }, { "id": first, "status": "CLOSED" }])
    );
}

async fn closed_follow_ups_are_followed_to_the_open_one(app: TestApp) {
    let (_, admin) = app.admin().await;
    let first = closed(&app, &admin).await;
    let ticket_of = |added: Payload| added["message"]["ticket"].clone();
    let second = ticket_of(write(&app, &admin, &first, json!({})).await);
    close(&app, &admin, &second["id"]).await;
    let third = ticket_of(write(&app, &admin, &second, json!({})).await);
    assert_ne!(third["id"], second["id"]);
    let again = ticket_of(write(&app, &admin, &first, json!({})).await);
    assert_eq!(again["id"], third["id"]);
    // A message to the conversation has the same effect, also if all of its tickets are closed.
    let say = async || {
        let input = json!({
            "target": { "conversationId": first["conversation"]["id"] }, "body": "And?",
            "senderEmail": "ann@example.com",
        });
        let added = app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
        added["message"]["ticket"]["id"].clone()
    };
    close(&app, &admin, &third["id"]).await;
    let fourth = say().await;
    assert_eq!(
        read_ticket(&app, &admin, &fourth).await["followUpOf"]["id"],
        third["id"]
    );
}

async fn concurrent_messages_create_one_follow_up(app: TestApp) {
    let (_, admin) = app.admin().await;
    let old = closed(&app, &admin).await;
    let writers = (0..6).map(|_| write(&app, &admin, &old, json!({})));
    let added = futures_util::future::join_all(writers).await;
    let shown = read_ticket(&app, &admin, &old["id"]).await;
    assert_eq!(shown["followUps"]["nodes"].as_array().map(Vec::len), Some(1));
    for one in added {
        assert_eq!(
            one["message"]["ticket"]["id"],
            shown["followUps"]["nodes"][0]["id"]
        );
    }
}

async fn messages_of_agents_stay_in_the_closed_ticket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let old = closed(&app, &admin).await;
    for extra in [json!({ "direction": "OUTBOUND" }), json!({ "isInternal": true })] {
        let added = write(&app, &admin, &old, extra).await;
        assert_eq!(
            added["message"]["ticket"],
            json!({ "id": old["id"], "status": "CLOSED" })
        );
    }
    assert_eq!(
        read_ticket(&app, &admin, &old["id"]).await["followUps"]["nodes"],
        json!([])
    );
}

async fn a_repeated_request_returns_the_follow_up(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let old = closed(&app, &admin).await;
    let input = super::message::input(&old, &json!({}));
    let request = json!({ "input": input, "idempotencyKey": "once" });
    let first = app.wrote(&admin, "messageAdd", request.clone()).await;
    let events = app.log(workspace).await.len();
    let again = app.wrote(&admin, "messageAdd", request).await;
    assert_eq!(again["message"], first["message"]);
    assert_eq!(app.log(workspace).await.len(), events);
}

async fn a_customer_reads_and_creates_its_own_follow_ups(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await;
    let ben = app.customer(workspace, "ben@example.com").await;
    let old = closed(&app, &admin).await;
    let added = write(&app, &ann, &old, json!({})).await;
    let new = &added["message"]["ticket"]["id"];
    assert_eq!(read_ticket(&app, &ann, new).await["followUpOf"]["id"], old["id"]);
    assert_eq!(
        read_ticket(&app, &ann, &old["id"]).await["followUps"]["nodes"][0]["id"],
        *new
    );
    assert_eq!(read_ticket(&app, &ben, new).await, Value::Null);
}

async fn follow_ups_of_many_tickets_take_two_statements(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ tickets(first: 50) { nodes { followUpOf { subject } followUps { nodes { subject } } } } }";
    let mut counts = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 {
            let old = closed(&app, &admin).await;
            write(&app, &admin, &old, json!({})).await;
        }
        app.statements.take();
        app.ask(&admin, query, json!({})).await;
        counts.push(app.statements.take().len());
    }
    assert_eq!(counts, [3, 3]);
}

on_each_database!(
    inbound_messages_to_closed_tickets_create_follow_ups,
    later_messages_go_to_the_open_follow_up,
    closed_follow_ups_are_followed_to_the_open_one,
    concurrent_messages_create_one_follow_up,
    messages_of_agents_stay_in_the_closed_ticket,
    a_repeated_request_returns_the_follow_up,
    a_customer_reads_and_creates_its_own_follow_ups,
    follow_ups_of_many_tickets_take_two_statements,
);

//! A customer is deleted while others write to it, on two nodes.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database, text};

const ROUNDS: usize = 12;

/// Runs a mutation during a deletion and returns its error. A late write finds no customer, or its result is deleted
/// before it is returned. Other errors fail the test.
async fn write_during_deletion(
    node: &TestApp,
    person: &Person,
    mutation: &str,
    variables: Value,
) -> (Vec<String>, Value) {
    let answer = node.attempt(person, mutation, variables).await;
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        assert_eq!(error["extensions"]["code"], "GONE", "{mutation}: {}", answer.body);
    }
    let refused = answer.user_errors();
    let found = |error: &String| error.starts_with("NOT_FOUND ");
    assert!(refused.iter().all(found), "{mutation}: {refused:?}");
    (refused, answer.body["data"][mutation].clone())
}

/// Returns all kinds of writes to one customer.
fn writes(customer: &Value, ticket: &Value, email: &str, team: &Value) -> Vec<(&'static str, Value)> {
    let thread = &ticket["conversation"]["id"];
    let message = |target: Value, direction: &str| {
        let input =
            json!({ "target": target, "direction": direction, "body": "I am happy.", "senderEmail": email });
        ("messageAdd", json!({ "input": input }))
    };
    let new = json!({ "subject": "Help", "customerEmail": email, "body": "Please." });
    let mut inside = new.clone();
    inside["conversationId"] = thread.clone();
    let named = json!({ "id": customer });
    vec![
        ("ticketCreate", json!({ "input": new })),
        message(json!({ "ticketId": ticket["id"] }), "INBOUND"),
        ("conversationCreate", json!({ "input": { "customer": named } })),
        ("customerDelete", json!({ "id": customer })),
        ("ticketCreate", json!({ "input": inside })),
        message(json!({ "conversationId": thread }), "OUTBOUND"),
        (
            "ticketUpdate",
            json!({ "id": ticket["id"], "input": { "status": "SOLVED", "teamId": team } }),
        ),
        (
            "conversationUpdate",
            json!({ "id": thread, "input": { "teamIds": [team], "name": "Other" } }),
        ),
        (
            "customerUpdate",
            json!({ "id": customer, "input": { "emails": [{ "email": email }, { "email": format!("x{email}") }] } }),
        ),
        (
            "customerUpsert",
            json!({ "input": { "email": email, "customFields": { "k": "v" } } }),
        ),
        message(json!({ "ticketId": ticket["id"] }), "OUTBOUND"),
        ("customerDelete", json!({ "id": customer })),
        ("ticketCreate", json!({ "input": new })),
    ]
}

async fn a_deletion_during_other_writes_keeps_rows_consistent(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    let team = app
        .wrote(&admin, "teamCreate", json!({ "input": { "name": "T" } }))
        .await["team"]["id"]
        .clone();
    for round in 0..ROUNDS {
        let email = format!("c{round}@example.com");
        let ticket = app.ticket(&admin, &email).await;
        let customer = &ticket["customer"]["id"];
        let mut writes = writes(customer, &ticket, &email, &team);
        let count = writes.len();
        writes.rotate_left(round % count);
        let written = join_all(writes.iter().enumerate().map(|(n, (mutation, variables))| {
            let node = if n % 2 == 0 { &app } else { &other };
            write_during_deletion(node, &admin, mutation, variables.clone())
        }))
        .await;
        let mut deletions = 0;
        for ((mutation, _), (refused, _)) in writes.iter().zip(&written) {
            deletions += usize::from(*mutation == "customerDelete" && refused.is_empty());
        }
        assert_eq!(deletions, 1, "round {round}");
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(
            app.ask(&admin, query, json!({ "id": customer }))
                .await
                .at("/node"),
            Value::Null
        );
    }
    assert_consistent(&app, &admin).await;
    assert_deletions_logged(&app, workspace, &admin).await;
}

/// Tickets are created during the deletion, and messages are added to them, so the deletion must find more than at
/// its start.
async fn a_deletion_during_ticket_creation_keeps_rows_consistent(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.another().await;
    let gone = &entity::TicketId(uuid::Uuid::max()).to_string();
    for round in 0..ROUNDS {
        let email = format!("c{round}@example.com");
        let customer = app.customer(workspace, &email).await.id;
        let new = json!({ "subject": "Help", "customerEmail": email, "body": "Please." });
        let talk = async |node: &TestApp| {
            for _ in 0..2 {
                let (refused, made) =
                    write_during_deletion(node, &admin, "ticketCreate", json!({ "input": new })).await;
                assert!(refused.is_empty(), "{refused:?}");
                // It may be deleted already.
                let id = made["ticket"]["id"].as_str().unwrap_or(gone);
                let target = json!({ "ticketId": id });
                let input = json!({ "target": target, "direction": "OUTBOUND", "body": "So?", "senderEmail": "a@b.de" });
                write_during_deletion(node, &admin, "messageAdd", json!({ "input": input })).await;
            }
        };
        let delete = async |node: &TestApp| {
            // Each round is a little later.
            for _ in 0..round {
                node.log(workspace).await;
            }
            write_during_deletion(node, &admin, "customerDelete", json!({ "id": customer })).await;
        };
        tokio::join!(talk(&app), delete(&other), talk(&other), talk(&app), talk(&other));
    }
    assert_consistent(&app, &admin).await;
    assert_deletions_logged(&app, workspace, &admin).await;
}

/// Checks that no object is without its parent, and that all computed fields are correct.
async fn assert_consistent(app: &TestApp, admin: &Person) {
    let page = "first: 100";
    let query = format!(
        "{{ customers({page}) {{ totalCount nodes {{ id totalTickets openTickets tickets {{ totalCount nodes {{ status }} }} \
         messages {{ totalCount }} conversations {{ totalCount }} emails {{ email }} }} }} \
         tickets({page}) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ messageCount messages {{ totalCount }} \
         customer {{ id }} conversation {{ customer {{ id }} }} }} }} \
         conversations({page}) {{ totalCount nodes {{ messageCount messages {{ totalCount }} customer {{ id }} teams {{ id }} }} }} }}"
    );
    let all = app.ask(admin, &query, json!({})).await.data();
    let nodes = |list: &str| all[list]["nodes"].as_array().expect("nodes").clone();
    for ticket in nodes("tickets") {
        assert_eq!(ticket["messageCount"], ticket["messages"]["totalCount"]);
        assert_eq!(ticket["customer"], ticket["conversation"]["customer"]);
    }
    for thread in nodes("conversations") {
        assert_eq!(thread["messageCount"], thread["messages"]["totalCount"]);
    }
    let mut counts = (0, 0);
    for customer in nodes("customers") {
        assert_eq!(customer["totalTickets"], customer["tickets"]["totalCount"]);
        counts.0 += customer["tickets"]["totalCount"].as_u64().expect("a number");
        counts.1 += customer["conversations"]["totalCount"]
            .as_u64()
            .expect("a number");
    }
    assert_eq!(
        (json!(counts.0), json!(counts.1)),
        (
            all["tickets"]["totalCount"].clone(),
            all["conversations"]["totalCount"].clone()
        )
    );
}

/// Checks that the log contains each deletion once, nothing after it, and no deletion of an existing object.
async fn assert_deletions_logged(app: &TestApp, workspace: entity::WorkspaceId, admin: &Person) {
    use std::collections::HashSet;
    let (mut made, mut gone) = (HashSet::new(), HashSet::new());
    for (event, place) in app.log(workspace).await.into_iter().zip(1..) {
        assert_eq!(event.position, place);
        let name = format!("{:?}", event.name);
        assert!(!gone.contains(&event.object_id), "{name} after the deletion");
        if name.ends_with("Created") {
            assert!(made.insert(event.object_id), "{name} twice");
            assert!(
                !gone.contains(&event.customer_id.0),
                "{name} of a deleted customer"
            );
        } else if name.ends_with("Deleted") {
            assert!(
                made.contains(&event.object_id) && gone.insert(event.object_id),
                "{name}"
            );
        }
    }
    let query = "{ tickets(first: 100) { nodes { id messages { nodes { id } } } } conversations(first: 100) { nodes { id } } \
                 customers(first: 100) { nodes { id } } }";
    let all = app.ask(admin, query, json!({})).await.data();
    let mut left = HashSet::new();
    for id in all["tickets"]["nodes"].as_array().expect("tickets") {
        left.insert(text(&id["id"]).parse::<entity::TicketId>().expect("an id").0);
    }
    for id in all["conversations"]["nodes"].as_array().expect("conversations") {
        left.insert(
            text(&id["id"])
                .parse::<entity::ConversationId>()
                .expect("an id")
                .0,
        );
    }
    for id in all["customers"]["nodes"].as_array().expect("customers") {
        left.insert(text(&id["id"]).parse::<entity::CustomerId>().expect("an id").0);
    }
    assert!(left.is_disjoint(&gone) && left.is_subset(&made));
}

on_each_database!(
    a_deletion_during_other_writes_keeps_rows_consistent,
    a_deletion_during_ticket_creation_keeps_rows_consistent,
);

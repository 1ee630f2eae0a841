//! The same request many times concurrently, on several nodes.

use std::collections::BTreeSet;

use deskgraph::store::idempotency::{Key, claim};
use entity::{AgentId, Timestamp, change::ActorKind};
use futures_util::{
    StreamExt,
    future::{join, join_all},
    stream,
};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database, text};

const TIMES: usize = 50;
/// Maximum number of concurrent requests where all of them write. Each has limited time to wait for its turn.
const WRITERS: usize = 20;

fn ticket(key: &str) -> Value {
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": "Please." });
    json!({ "input": input, "idempotencyKey": key })
}

/// Sends a request fifty times, distributed over the nodes.
async fn send_fifty(nodes: &[&TestApp], person: &Person, variables: &Value) -> Vec<Value> {
    let asks = (0..TIMES).map(|n| {
        let node = nodes[n % nodes.len()];
        async move {
            let answer = node.attempt(person, "ticketCreate", variables.clone()).await;
            answer.body
        }
    });
    join_all(asks).await
}

fn assert_one(answers: &[Value]) {
    for answer in answers {
        assert_eq!(*answer, answers[0]);
    }
    assert_eq!(answers[0]["data"]["ticketCreate"]["userErrors"], json!([]));
}

async fn tickets(app: &TestApp, person: &Person) -> Value {
    let query = "{ tickets { totalCount } customers { nodes { totalTickets messages { totalCount } } } }";
    app.ask(person, query, json!({})).await.data()
}

fn one_ticket() -> Value {
    json!({
        "tickets": { "totalCount": 1 },
        "customers": { "nodes": [{ "totalTickets": 1, "messages": { "totalCount": 1 } }] },
    })
}

async fn concurrent_repetitions_on_three_nodes_create_one_object(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (second, third) = (app.another().await, app.another().await);
    // A transaction inserts the key and rolls back while all others wait for it.
    let held = app.services.db.begin().await.expect("begun");
    let agent: AgentId = admin.id.parse().expect("an id");
    let key = Key {
        holder_kind: ActorKind::Agent,
        holder_id: agent.0,
        key: "k".to_owned(),
    };
    let now = app.services.clock.now();
    let before = claim(&held, &key, "", now, Timestamp(0)).await.expect("claimed");
    assert_eq!(before, None);
    let variables = ticket("k");
    let nodes = [&app, &second, &third];
    let giving_up = async move {
        // Lets the other requests start.
        yield_often().await;
        drop(held);
    };
    let (answers, ()) = join(send_fifty(&nodes, &admin, &variables), giving_up).await;
    assert_one(&answers);
    assert_eq!(tickets(&app, &admin).await, one_ticket());
    assert_eq!(app.log(workspace).await.len(), 4);
}

/// Yields several times to the executor.
async fn yield_often() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

async fn disconnected_clients_create_at_most_one_object(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (second, third) = (app.another().await, app.another().await);
    let variables = ticket("k");
    let body = json!({
        "query": "mutation($input: TicketCreateInput!, $idempotencyKey: String) { \
                  ticketCreate(input: $input, idempotencyKey: $idempotencyKey) { ticket { id } } }",
        "variables": variables,
    });
    let nodes = [&app, &second, &third];
    let hanging_up = async {
        for turns in [1, 30, 60, 90, 120, 200] {
            let request = app
                .http()
                .post(format!("{}/graphql", app.url))
                .bearer_auth(&admin.credential);
            let request = request.header("content-type", "application/json");
            let request = tokio::spawn(request.body(body.to_string()).send());
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            request.abort();
        }
    };
    let (answers, ()) = join(send_fifty(&nodes, &admin, &variables), hanging_up).await;
    assert_one(&answers);
    assert_eq!(tickets(&app, &admin).await, one_ticket());
    assert_eq!(app.log(workspace).await.len(), 4);
}

async fn one_of_fifty_requests_gets_the_key(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let second = app.another().await;
    let asks = (0..TIMES).map(|n| {
        let (node, admin) = ([&app, &second][n % 2], &admin);
        let variables = json!({ "input": { "email": format!("c{n}@example.com") }, "idempotencyKey": "k" });
        async move { node.write(admin, "customerCreate", variables).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(asks)
        .await
        .into_iter()
        .partition(|one| one.errors().is_empty());
    assert_eq!((won.len(), lost.len()), (1, TIMES - 1));
    for one in &lost {
        assert_eq!(one.errors(), ["IDEMPOTENCY_KEY_REUSED idempotencyKey"]);
        assert_eq!(one["userErrors"][0]["existingId"], won[0]["customer"]["id"]);
    }
    assert_eq!(app.log(workspace).await.len(), 1);
}

async fn fifty_concurrent_keys_create_fifty_objects(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let second = app.another().await;
    let existing = app.ticket(&admin, "ann@example.com").await;
    let log = app.log(workspace).await.len();
    let asks = (0..TIMES * 2).map(|n| {
        let (node, admin) = ([&app, &second][n % 2], &admin);
        let input = json!({
            "target": { "ticketId": existing["id"] }, "body": "And?", "senderEmail": "ann@example.com",
        });
        // Each request is sent twice, one directly after the other and to different nodes.
        let variables = json!({ "input": input, "idempotencyKey": format!("k{}", n / 2) });
        async move { node.wrote(admin, "messageAdd", variables).await }
    });
    let ids: BTreeSet<String> = stream::iter(asks)
        .buffer_unordered(WRITERS)
        .map(|one| text(&one["message"]["id"]).to_owned())
        .collect()
        .await;
    assert_eq!(ids.len(), TIMES);
    assert_eq!(app.log(workspace).await.len(), log + TIMES);
}

on_each_database!(
    concurrent_repetitions_on_three_nodes_create_one_object,
    disconnected_clients_create_at_most_one_object,
    one_of_fifty_requests_gets_the_key,
    fifty_concurrent_keys_create_fifty_objects,
);

//! Teams, queues, own ids and second addresses of others answer exactly like those that are not there: the same JSON,
//! the same number of statements.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Case;
use crate::support::{Person, TestApp, on_each_database};

/// Queries by the kind of thing whose id or name is their only variable.
const QUERIES: [(&str, &str); 13] = [
    ("team", "query($it: ID!) { node(id: $it) { __typename id } }"),
    ("team", "query($it: ID!) { nodes(ids: [$it]) { id } }"),
    (
        "team",
        "query($it: ID!) { tickets(filter: { teamId: [$it] }) { totalCount } }",
    ),
    (
        "team",
        "query($it: ID!) { tickets(filter: { not: { teamId: [$it] } }) { totalCount } }",
    ),
    (
        "queue",
        "query($it: ID!) { node(id: $it) { __typename id ... on Queue { tickets { totalCount } } } }",
    ),
    (
        "queue",
        "query($it: ID!) { tickets(filter: { queueId: [$it] }) { totalCount } }",
    ),
    (
        "ws",
        "query($it: ID!) { teams(workspaceId: $it) { id } queues(workspaceId: $it) { id } }",
    ),
    (
        "ws",
        "query($it: ID!) { workspace(id: $it) { teams { id } queues { id } agents { totalCount } } }",
    ),
    (
        "name",
        "query($it: String!) { customerByExternalId(externalId: $it) { id } }",
    ),
    (
        "name",
        "query($it: String!) { customers(filter: { externalId: { eq: $it } }) { totalCount } }",
    ),
    (
        "name",
        "query($it: String!) { customers(filter: { customFields: [{ key: \"k\", eq: $it }] }) { totalCount } }",
    ),
    (
        "email",
        "query($it: String!) { customerByEmail(email: $it) { id } }",
    ),
    (
        "email",
        "query($it: String!) { customers(search: $it) { totalCount } }",
    ),
];

/// Mutations by the kind of thing; `it` stands for its id, `mine` for a ticket of the viewer's own, `thread` for its
/// conversation.
const MUTATIONS: [(&str, &str, &str); 12] = [
    (
        "team",
        "teamUpdate",
        r#"{ "id": "it", "input": { "name": "X" } }"#,
    ),
    (
        "team",
        "ticketUpdate",
        r#"{ "id": "mine", "input": { "teamId": "it" } }"#,
    ),
    (
        "team",
        "conversationUpdate",
        r#"{ "id": "thread", "input": { "teamIds": ["it"] } }"#,
    ),
    (
        "team",
        "agentCreate",
        r#"{ "input": { "name": "X", "email": "x@example.com", "teamIds": ["it"] } }"#,
    ),
    (
        "queue",
        "queueUpdate",
        r#"{ "id": "it", "input": { "name": "X" } }"#,
    ),
    (
        "queue",
        "ticketUpdate",
        r#"{ "id": "mine", "input": { "queueId": "it" } }"#,
    ),
    (
        "queue",
        "conversationUpdate",
        r#"{ "id": "thread", "input": { "queueId": "it" } }"#,
    ),
    (
        "agt",
        "agentUpdate",
        r#"{ "id": "it", "input": { "name": "X" } }"#,
    ),
    (
        "agt",
        "teamCreate",
        r#"{ "input": { "name": "X", "agentIds": ["it"] } }"#,
    ),
    (
        "agt",
        "conversationUpdate",
        r#"{ "id": "thread", "input": { "assigneeIds": ["it"] } }"#,
    ),
    (
        "ws",
        "teamCreate",
        r#"{ "input": { "workspaceId": "it", "name": "X" } }"#,
    ),
    ("cust", "customerDelete", r#"{ "id": "it" }"#),
];

async fn what_is_of_others_is_not_there(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let mine = Case::new(&app, here, "Ada", "ann@example.com").await;
    let theirs = Case::new(&app, there, "Bob", "ben@example.com").await;
    let (admin, stranger) = (app.admin_of(&[here]).await, app.admin_of(&[there]).await);
    let input = json!({
        "emails": [{ "email": "ben@example.com" }, { "email": "ben@home.example.com" }], "externalId": "crm-7",
        "customFields": { "k": "crm-7" },
    });
    app.wrote(
        &stranger,
        "customerUpdate",
        json!({ "id": theirs.customer.id, "input": input }),
    )
    .await;
    let team = app
        .wrote(&stranger, "teamCreate", json!({ "input": { "name": "T" } }))
        .await["team"]["id"]
        .clone();
    let queue = app
        .wrote(&stranger, "queueCreate", json!({ "input": { "name": "Q" } }))
        .await["queue"]["id"]
        .clone();
    let handed = json!({ "id": theirs.ticket["id"], "input": { "teamId": team, "queueId": queue } });
    app.wrote(&stranger, "ticketUpdate", handed).await;
    let none = Uuid::max();
    let pairs = [
        ("team", team, json!(entity::TeamId(none).to_string())),
        ("queue", queue, json!(entity::QueueId(none).to_string())),
        (
            "agt",
            json!(theirs.agent.id),
            json!(entity::AgentId(none).to_string()),
        ),
        (
            "cust",
            json!(theirs.customer.id),
            json!(entity::CustomerId(none).to_string()),
        ),
        (
            "ws",
            json!(there.to_string()),
            json!(entity::WorkspaceId(none).to_string()),
        ),
        ("name", json!("crm-7"), json!("crm-8")),
        (
            "email",
            json!("ben@home.example.com"),
            json!("ben@nowhere.example.com"),
        ),
    ];
    let before = (app.log(here).await.len(), app.log(there).await.len());
    for person in [&admin, &mine.agent, &mine.customer] {
        for (kind, foreign, absent) in &pairs {
            for (_, query) in QUERIES.iter().filter(|(other, _)| other == kind) {
                let one = asked(&app, person, query, foreign).await;
                assert_eq!(one, asked(&app, person, query, absent).await, "{query}");
                assert!(one.0.get("errors").is_none(), "{query}: {}", one.0);
            }
            for (_, mutation, template) in MUTATIONS.iter().filter(|(other, _, _)| other == kind) {
                let template = template
                    .replace("\"mine\"", &mine.ticket["id"].to_string())
                    .replace("\"thread\"", &mine.ticket["conversation"]["id"].to_string());
                let one = tried(&app, person, mutation, &template, foreign).await;
                assert_eq!(
                    one,
                    tried(&app, person, mutation, &template, absent).await,
                    "{mutation}"
                );
                let errors = &one.0["data"][*mutation]["userErrors"];
                let refused = one.0["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                    || errors[0]["code"] == "NOT_FOUND";
                assert!(refused, "{mutation}: {}", one.0);
            }
        }
    }
    assert_eq!((app.log(here).await.len(), app.log(there).await.len()), before);
}

async fn asked(app: &TestApp, person: &Person, query: &str, it: &Value) -> (Value, usize) {
    app.statements.take();
    let body = app.ask(person, query, json!({ "it": it })).await.body;
    (body, app.statements.take().len())
}

async fn tried(app: &TestApp, person: &Person, mutation: &str, template: &str, it: &Value) -> (Value, usize) {
    let variables = serde_json::from_str(&template.replace("\"it\"", &it.to_string())).expect("JSON");
    app.statements.take();
    let body = app.attempt(person, mutation, variables).await.body;
    (body, app.statements.take().len())
}

on_each_database!(what_is_of_others_is_not_there);

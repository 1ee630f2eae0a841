//! What is not yours answers exactly like what does not exist: the same JSON, the same number of statements.

use entity::WorkspaceId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Case;
use crate::support::{Person, TestApp, on_each_database, text};

/// Queries by the kind of thing whose id or address is their only variable.
const QUERIES: [(&str, &str); 32] = [
    ("cust", "query($it: ID!) { customer(id: $it) { id name email } }"),
    ("cust", "query($it: ID!) { node(id: $it) { __typename id } }"),
    ("cust", "query($it: ID!) { nodes(ids: [$it]) { id } }"),
    (
        "cust",
        "query($it: ID!) { customers(filter: { id: [$it] }) { totalCount nodes { id } } }",
    ),
    (
        "cust",
        "query($it: ID!) { tickets(filter: { customerId: [$it] }) { totalCount nodes { id } } }",
    ),
    (
        "cust",
        "query($it: ID!) { tickets(filter: { customer: { id: [$it] } }) { totalCount nodes { id } } }",
    ),
    (
        "cust",
        "query($it: ID!) { conversations(filter: { customerId: [$it] }) { totalCount nodes { id } } }",
    ),
    (
        "cust",
        "query($it: ID!) { conversations(filter: { customer: { id: [$it] } }) { totalCount nodes { id } } }",
    ),
    (
        "tkt",
        "query($it: ID!) { ticket(id: $it) { id subject customer { id } messages { totalCount } } }",
    ),
    ("tkt", "query($it: ID!) { node(id: $it) { __typename id } }"),
    (
        "tkt",
        "query($it: ID!) { tickets(filter: { id: [$it] }) { totalCount nodes { id } } }",
    ),
    (
        "tkt",
        "query($it: ID!) { tickets(filter: { or: [{ id: [$it] }, { and: [{ id: [$it] }] }] }) { totalCount } }",
    ),
    (
        "conv",
        "query($it: ID!) { conversation(id: $it) { id messages { nodes { body } } tickets { totalCount } } }",
    ),
    ("conv", "query($it: ID!) { node(id: $it) { __typename id } }"),
    (
        "conv",
        "query($it: ID!) { conversations(filter: { id: [$it] }) { totalCount nodes { id } } }",
    ),
    ("msg", "query($it: ID!) { message(id: $it) { id body cursor } }"),
    ("msg", "query($it: ID!) { node(id: $it) { __typename id } }"),
    (
        "agt",
        "query($it: ID!) { agent(id: $it) { id name email tickets { totalCount } } }",
    ),
    ("agt", "query($it: ID!) { node(id: $it) { __typename id } }"),
    (
        "agt",
        "query($it: ID!) { tickets(filter: { assignedTo: [$it] }) { totalCount nodes { id } } }",
    ),
    ("ws", "query($it: ID!) { workspace(id: $it) { id name } }"),
    ("ws", "query($it: ID!) { node(id: $it) { __typename id } }"),
    (
        "ws",
        "query($it: ID!) { customers(workspaceId: $it) { totalCount nodes { id } } }",
    ),
    (
        "ws",
        "query($it: ID!) { tickets(workspaceId: $it) { totalCount nodes { id } } }",
    ),
    (
        "ws",
        "query($it: ID!) { conversations(workspaceId: $it) { totalCount nodes { id } } }",
    ),
    (
        "ws",
        "query($it: ID!) { agents(workspaceId: $it) { totalCount nodes { id } } }",
    ),
    (
        "ws",
        "query($it: ID!) { customerByEmail(email: \"ben@example.com\", workspaceId: $it) { id } }",
    ),
    (
        "email",
        "query($it: String!) { customerByEmail(email: $it) { id } }",
    ),
    (
        "email",
        "query($it: String!) { customers(search: $it) { totalCount nodes { id } } }",
    ),
    (
        "email",
        "query($it: String!) { customers(filter: { email: { eq: $it } }) { totalCount nodes { id } } }",
    ),
    (
        "email",
        "query($it: String!) { tickets(filter: { customerEmail: { eq: $it } }) { totalCount } }",
    ),
    (
        "email",
        "query($it: String!) { tickets(filter: { customer: { email: { contains: $it } } }) { totalCount } }",
    ),
];

/// Mutations by the kind of thing; `it` stands for its id or address, `mine` for a ticket of the viewer's own.
const MUTATIONS: [(&str, &str, &str); 14] = [
    (
        "cust",
        "customerUpdate",
        r#"{ "id": "it", "input": { "name": "X" } }"#,
    ),
    (
        "cust",
        "customerUpsert",
        r#"{ "identifier": { "id": "it" }, "input": { "name": "X" } }"#,
    ),
    (
        "cust",
        "conversationCreate",
        r#"{ "input": { "customer": { "id": "it" } } }"#,
    ),
    (
        "tkt",
        "ticketUpdate",
        r#"{ "id": "it", "input": { "status": "CLOSED" } }"#,
    ),
    (
        "tkt",
        "messageAdd",
        r#"{ "input": { "target": { "ticketId": "it" }, "body": "X", "senderEmail": "ann@example.com" } }"#,
    ),
    (
        "conv",
        "conversationUpdate",
        r#"{ "id": "it", "input": { "status": "DONE" } }"#,
    ),
    (
        "conv",
        "messageAdd",
        r#"{ "input": { "target": { "conversationId": "it" }, "body": "X", "senderEmail": "ann@example.com" } }"#,
    ),
    (
        "conv",
        "ticketCreate",
        r#"{ "input": { "subject": "X", "customerEmail": "ann@example.com", "body": "X", "conversationId": "it" } }"#,
    ),
    (
        "agt",
        "ticketUpdate",
        r#"{ "id": "mine", "input": { "assignedTo": "it" } }"#,
    ),
    (
        "agt",
        "ticketCreate",
        r#"{ "input": { "subject": "X", "customerEmail": "ann@example.com", "body": "X", "assignedTo": "it" } }"#,
    ),
    (
        "ws",
        "customerUpsert",
        r#"{ "workspaceId": "it", "input": { "email": "new@example.com" } }"#,
    ),
    (
        "ws",
        "customerCreate",
        r#"{ "workspaceId": "it", "input": { "email": "new@example.com" } }"#,
    ),
    (
        "ws",
        "ticketCreate",
        r#"{ "input": { "workspaceId": "it", "subject": "X", "customerEmail": "ann@example.com", "body": "X" } }"#,
    ),
    (
        "ws",
        "conversationCreate",
        r#"{ "input": { "workspaceId": "it", "customer": { "email": "ann@example.com" } } }"#,
    ),
];

/// By kind: what is there but not the viewer's, and what is not there.
fn pairs(theirs: &Case, workspace: WorkspaceId) -> [(&'static str, String, String); 7] {
    let none = Uuid::max();
    let own = |value: &Value| text(value).to_owned();
    [
        (
            "cust",
            theirs.customer.id.clone(),
            entity::CustomerId(none).to_string(),
        ),
        (
            "tkt",
            own(&theirs.ticket["id"]),
            entity::TicketId(none).to_string(),
        ),
        (
            "conv",
            own(&theirs.ticket["conversation"]["id"]),
            entity::ConversationId(none).to_string(),
        ),
        ("msg", theirs.message.clone(), entity::MessageId(none).to_string()),
        ("agt", theirs.agent.id.clone(), entity::AgentId(none).to_string()),
        ("ws", workspace.to_string(), WorkspaceId(none).to_string()),
        ("email", theirs.email.to_owned(), "not@example.com".to_owned()),
    ]
}

async fn assert_invisible(app: &TestApp, person: &Person, mine: &Case, pairs: &[(&str, String, String)]) {
    for (kind, foreign, absent) in pairs {
        let of_kind = QUERIES.iter().filter(|(other, _)| other == kind);
        for (_, query) in of_kind {
            let mut answers = Vec::new();
            for it in [foreign, absent] {
                app.statements.take();
                let body = app.ask(person, query, json!({ "it": it })).await.body;
                answers.push((body, app.statements.take().len()));
            }
            assert!(answers[0].0.get("errors").is_none(), "{query}: {}", answers[0].0);
            assert_eq!(answers[0], answers[1], "{query}");
        }
        let of_kind = MUTATIONS.iter().filter(|(other, _, _)| other == kind);
        for (_, mutation, template) in of_kind {
            let mut answers = Vec::new();
            for it in [foreign, absent] {
                let text = template.replace("\"it\"", &json!(it).to_string());
                let text = text.replace("\"mine\"", &mine.ticket["id"].to_string());
                let variables = serde_json::from_str(&text).expect("JSON");
                app.statements.take();
                let body = app.attempt(person, mutation, variables).await.body;
                answers.push((body, app.statements.take().len()));
            }
            assert_eq!(answers[0], answers[1], "{mutation} {template}");
            let (answer, whole) = (&answers[0].0, format!("{mutation} {template}"));
            let refused = answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                || !answer["data"][mutation]["userErrors"]
                    .as_array()
                    .expect("userErrors")
                    .is_empty();
            assert!(refused, "{whole}: {answer}");
        }
    }
}

async fn agents_see_and_change_nothing_of_another_workspace(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let mine = Case::new(&app, here, "Ada", "ann@example.com").await;
    let theirs = Case::new(&app, there, "Bob", "ben@example.com").await;
    let before = (app.log(here).await.len(), app.log(there).await.len());
    assert_invisible(&app, &mine.agent, &mine, &pairs(&theirs, there)).await;
    assert_eq!((app.log(here).await.len(), app.log(there).await.len()), before);

    let lists = "{ viewer { workspaces { id } } customers { totalCount nodes { id } } tickets { totalCount nodes { id } } \
                 conversations { totalCount } agents { totalCount nodes { id } } }";
    let seen = app.ask(&mine.agent, lists, json!({})).await.data();
    assert_eq!(seen["viewer"]["workspaces"], json!([{ "id": here.to_string() }]));
    assert_eq!(
        seen["customers"],
        json!({ "totalCount": 1, "nodes": [{ "id": mine.customer.id }] })
    );
    assert_eq!(
        seen["tickets"],
        json!({ "totalCount": 1, "nodes": [{ "id": mine.ticket["id"] }] })
    );
    assert_eq!(seen["conversations"]["totalCount"], 1);
    assert_eq!(
        seen["agents"],
        json!({ "totalCount": 1, "nodes": [{ "id": mine.agent.id }] })
    );
}

async fn a_customer_sees_and_changes_nothing_of_another_customer(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let mine = Case::new(&app, here, "Ada", "ann@example.com").await;
    let theirs = Case::new(&app, here, "Bob", "ben@example.com").await;
    let before = app.log(here).await.len();
    assert_invisible(&app, &mine.customer, &mine, &pairs(&theirs, there)).await;
    assert_eq!(app.log(here).await.len(), before);
}

on_each_database!(
    agents_see_and_change_nothing_of_another_workspace,
    a_customer_sees_and_changes_nothing_of_another_customer,
);

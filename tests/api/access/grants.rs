//! Permissions of API keys by their grants.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use super::Case;
use crate::support::{TestApp, on_each_database};

async fn mutations_need_the_write_grant(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let case = Case::new(&app, workspace, "Ada", "ann@example.com").await;
    let events = app.log(workspace).await.len();
    let reader = app
        .api_key(&[workspace], &[Grant::Read, Grant::CustomerNotes, Grant::Admin])
        .await;
    let ticket = json!({ "ticketId": case.ticket["id"] });
    for (mutation, variables) in [
        (
            "customerUpsert",
            json!({ "input": { "email": "new@example.com" } }),
        ),
        (
            "customerCreate",
            json!({ "input": { "email": "new@example.com" } }),
        ),
        (
            "customerUpdate",
            json!({ "id": case.customer.id, "input": { "name": "X" } }),
        ),
        (
            "ticketCreate",
            json!({ "input": { "subject": "X", "customerEmail": "ann@example.com", "body": "X" } }),
        ),
        (
            "ticketUpdate",
            json!({ "id": case.ticket["id"], "input": { "status": "SOLVED" } }),
        ),
        (
            "messageAdd",
            json!({ "input": { "target": ticket, "body": "X", "senderEmail": "ann@example.com" } }),
        ),
        (
            "conversationCreate",
            json!({ "input": { "customer": { "email": "ann@example.com" } } }),
        ),
        (
            "conversationUpdate",
            json!({ "id": case.ticket["conversation"]["id"], "input": { "status": "DONE" } }),
        ),
    ] {
        let answer = app.attempt(&reader, mutation, variables).await;
        assert_eq!(answer.error(), "FORBIDDEN", "{mutation}");
        assert_eq!(
            (answer.status, &answer.body["data"]),
            (200, &Value::Null),
            "{mutation}"
        );
    }
    assert_eq!(app.log(workspace).await.len(), events);
    app.ask(&reader, "{ tickets { totalCount } }", json!({}))
        .await
        .data();
}

async fn every_query_needs_the_read_grant(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let writer = app
        .api_key(&[workspace], &[Grant::Write, Grant::CustomerNotes, Grant::Admin])
        .await;
    for query in [
        "{ viewer { kind } }",
        "{ tickets { totalCount } }",
        "{ __typename }",
    ] {
        let answer = app.ask(&writer, query, json!({})).await;
        assert_eq!(
            (answer.error().as_str(), answer.status),
            ("FORBIDDEN", 200),
            "{query}"
        );
    }
    let answer = app
        .attempt(
            &writer,
            "customerUpsert",
            json!({ "input": { "email": "new@example.com" } }),
        )
        .await;
    assert_eq!(answer.error(), "FORBIDDEN");
    assert!(app.log(workspace).await.is_empty());
}

async fn internal_notes_need_the_notes_grant(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let case = Case::new(&app, workspace, "Ada", "ann@example.com").await;
    let query = "query($id: ID!) { customer(id: $id) { internalNotes } customers { nodes { internalNotes } }
        tickets { nodes { customer { internalNotes } } } node(id: $id) { ... on Customer { internalNotes } } }";
    for (grants, notes) in [
        (vec![Grant::Read, Grant::Write, Grant::Admin], Value::Null),
        (vec![Grant::Read, Grant::CustomerNotes], json!("Between agents")),
    ] {
        let program = app.api_key(&[workspace], &grants).await;
        let seen = app
            .ask(&program, query, json!({ "id": case.customer.id }))
            .await
            .data();
        let customer = json!({ "internalNotes": notes });
        assert_eq!(
            seen,
            json!({
                "customer": customer, "customers": { "nodes": [customer] }, "node": customer,
                "tickets": { "nodes": [{ "customer": customer }] },
            })
        );
    }
}

async fn a_key_reads_only_its_workspaces(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let here = Case::new(&app, one, "Ada", "ann@example.com").await;
    let there = Case::new(&app, two, "Bob", "ann@example.com").await;
    let three = app.workspace("Three").await;
    Case::new(&app, three, "Cid", "ann@example.com").await;
    let program = app.api_key(&[one, two], &[Grant::Read]).await;
    let query =
        "query($workspaceId: ID) { customers(workspaceId: $workspaceId) { totalCount nodes { id } } }";
    let all = app.ask(&program, query, json!({})).await.at("/customers");
    assert_eq!(all["totalCount"], 2);
    for (workspace, case) in [(one, &here), (two, &there)] {
        let variables = json!({ "workspaceId": workspace.to_string() });
        let seen = app.ask(&program, query, variables.clone()).await.at("/customers");
        assert_eq!(
            seen,
            json!({ "totalCount": 1, "nodes": [{ "id": case.customer.id }] })
        );
        let query = "query($workspaceId: ID) { customerByEmail(email: \"ann@example.com\", workspaceId: $workspaceId) { id } }";
        let found = app
            .ask(&program, query, variables)
            .await
            .text("/customerByEmail/id");
        assert_eq!(found, case.customer.id);
    }
    // An address that is unique in each of two workspaces is ambiguous.
    let answer = app
        .ask(
            &program,
            "{ customerByEmail(email: \"ann@example.com\") { id } }",
            json!({}),
        )
        .await;
    assert_eq!(answer.error(), "WORKSPACE_REQUIRED workspaceId");
}

/// A key for two workspaces does not mix them.
async fn a_sender_of_another_workspace_is_unknown(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let mine = Case::new(&app, here, "Ada", "ann@example.com").await;
    Case::new(&app, there, "Bob", "ben@example.com").await;
    let both = app.admin_of(&[here, there]).await;
    for person in [&mine.agent, &both] {
        for (email, direction) in [
            ("ben@example.com", "INBOUND"),
            ("bob@agents.example.com", "OUTBOUND"),
        ] {
            let input = json!({
                "target": { "ticketId": mine.ticket["id"] }, "body": "X", "senderEmail": email, "direction": direction,
            });
            let added = app.wrote(person, "messageAdd", json!({ "input": input })).await;
            assert_eq!(added["message"]["sender"], Value::Null, "{email}");
        }
    }
}

on_each_database!(
    mutations_need_the_write_grant,
    every_query_needs_the_read_grant,
    internal_notes_need_the_notes_grant,
    a_key_reads_only_its_workspaces,
    a_sender_of_another_workspace_is_unknown,
);

//! A `SQLite` file that cannot grow, as on a full disk.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{ask, write_refused_mutation};
use crate::support::{Answer, Person, TestApp};

/// Sets the maximum size of the file in pages, for the connection that writes.
async fn pages(app: &TestApp, max: u32) {
    let writing = app.services.db.begin().await.expect("the writer's turn");
    let sql = format!("PRAGMA max_page_count = {max}");
    writing.connection().execute_unprepared(&sql).await.expect("set");
    writing.commit().await.expect("committed");
}

async fn add(app: &TestApp, admin: &Person, ticket: &Value) -> Answer {
    let mutation = "mutation ($id: ID!, $body: String!) { messageAdd(input: { target: { ticketId: $id }, direction: INBOUND, senderEmail: \"jane@example.com\", body: $body }) \
                    { message { id } userErrors { code } } }";
    app.ask(
        admin,
        mutation,
        json!({ "id": ticket, "body": "x".repeat(50_000) }),
    )
    .await
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_database_files() {
    use std::os::unix::fs::PermissionsExt;

    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    ask(&app, &admin, "{ viewer { kind } }").await.data();
    let url = app.settings.database_url.reveal();
    let path = url.strip_prefix("sqlite://").expect("a file");
    for suffix in ["", "-wal", "-shm"] {
        let file = std::fs::metadata(format!("{path}{suffix}")).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{path}{suffix}");
    }
}

#[tokio::test]
async fn a_full_disk_is_reported_until_space_is_free() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let input = json!({ "subject": "Full", "customerEmail": "jane@example.com", "body": "first" });
    let made = app.write(&admin, "ticketCreate", json!({ "input": input })).await;
    let ticket = &made["ticket"]["id"];
    // Smaller than the current size, so the file cannot grow.
    pages(&app, 1).await;
    let mut written = 1;
    let refused = loop {
        let answer = add(&app, &admin, ticket).await;
        if answer.body.get("errors").is_some() {
            break answer;
        }
        written += 1;
        assert!(written < 100, "the file is not full");
    };
    assert_eq!(refused.error(), "UNAVAILABLE", "{}", refused.body);
    // After such failures, acknowledged writes are durable.
    for _ in 0..10 {
        write_refused_mutation(&app, &admin).await;
        let answer = add(&app, &admin, ticket).await;
        match answer.body.get("errors") {
            Some(_) => assert_eq!(answer.error(), "UNAVAILABLE", "{}", answer.body),
            None => written += 1,
        }
    }
    assert!(!refused.body.to_string().contains("full"), "{}", refused.body);
    let count = format!("{{ ticket(id: {ticket}) {{ messageCount }} }}");
    assert_eq!(
        ask(&app, &admin, &count).await.at("/ticket/messageCount"),
        written
    );
    pages(&app, 1_000_000).await;
    for _ in 0..5 {
        write_refused_mutation(&app, &admin).await;
        add(&app, &admin, ticket).await.data();
        written += 1;
    }
    assert_eq!(
        ask(&app, &admin, &count).await.at("/ticket/messageCount"),
        written
    );
}

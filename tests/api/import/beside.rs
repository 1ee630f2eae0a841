//! An import during writes: neither blocks the other for long.

use std::fmt::Write as _;

use deskgraph::auth::Grant;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{counts, folder, run};
use crate::support::{TestApp, on_each_database, text};

const TICKETS: usize = 40;
const MESSAGES: usize = 2_000;
const WRITERS: usize = 8;

fn customers() -> String {
    (0..TICKETS).fold(String::new(), |mut lines, n| {
        let _ = writeln!(lines, r#"{{"id":"c{n}","email":"c{n}@example.com"}}"#);
        lines
    })
}

fn tickets() -> String {
    (0..TICKETS).fold(String::new(), |mut lines, n| {
        let _ = writeln!(
            lines,
            r#"{{"id":"t{n}","subject":"{n}","customerEmail":"c{n}@example.com"}}"#
        );
        lines
    })
}

fn messages() -> String {
    (0..MESSAGES).fold(String::new(), |mut lines, n| {
        let of = n * 7 % TICKETS;
        let _ = writeln!(
            lines,
            r#"{{"id":"m{n}","ticketId":"t{of}","senderEmail":"c{of}@example.com","body":"Thank you!"}}"#
        );
        lines
    })
}

async fn messages_are_imported_during_other_writes(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let program = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    run(&app, workspace, folder(&customers(), &tickets(), "").path()).await;
    let query = "{ tickets(first: 100) { nodes { id customerEmail conversation { id } } } }";
    let nodes = app.ask(&program, query, json!({})).await.at("/tickets/nodes");
    let nodes = nodes.as_array().expect("tickets");
    // Writers use conversations and tickets in a different order than the import.
    let writers = (0..WRITERS).map(|writer| {
        let (app, program) = (&app, &program);
        async move {
            for step in 0..TICKETS {
                let ticket = &nodes[(step * 11 + writer * 5) % TICKETS];
                let target = if writer % 2 == 0 {
                    json!({ "conversationId": ticket["conversation"]["id"] })
                } else {
                    json!({ "ticketId": ticket["id"] })
                };
                let input =
                    json!({ "target": target, "body": "Hm.", "senderEmail": ticket["customerEmail"] });
                app.wrote(program, "messageAdd", json!({ "input": input })).await;
            }
        }
    });
    let files = folder("", "", &messages());
    let (report, _) = join(run(&app, workspace, files.path()), join_all(writers)).await;
    assert_eq!(
        counts(&report)[2],
        ("messages.ndjson", [MESSAGES as u64, 0, 0, 0]),
        "{report}"
    );
    let query = "{ tickets(first: 100) { nodes { messageCount conversation { messageCount } } } }";
    let nodes = app.ask(&program, query, json!({})).await.at("/tickets/nodes");
    for ticket in nodes.as_array().expect("tickets") {
        assert_eq!(ticket["messageCount"], MESSAGES / TICKETS + WRITERS / 2);
        assert_eq!(
            ticket["conversation"]["messageCount"],
            MESSAGES / TICKETS + WRITERS
        );
    }
    let log = app.log(workspace).await;
    assert_eq!(log.len(), 3 * TICKETS + MESSAGES + WRITERS * TICKETS);
    assert!(
        (1..)
            .zip(&log)
            .all(|(position, event)| event.position == position)
    );
}

async fn customers_are_imported_during_other_writes(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let program = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    let files = folder(&customers(), &tickets(), "");
    let writers = (0..WRITERS).map(|writer| {
        let (app, program) = (&app, &program);
        async move {
            for step in 0..TICKETS {
                let email = format!("c{}@example.com", (step * 11 + writer * 5) % TICKETS);
                let variables = json!({ "input": { "email": email, "company": "Acme" } });
                app.wrote(program, "customerUpsert", variables).await;
            }
        }
    });
    let (report, _) = join(run(&app, workspace, files.path()), join_all(writers)).await;
    assert_eq!(report.failed(), 0, "{report}");
    let query = "{ customers(first: 100) { totalCount nodes { email company totalTickets } } }";
    let seen = app.ask(&program, query, json!({})).await.at("/customers");
    assert_eq!(seen["totalCount"], TICKETS);
    for customer in seen["nodes"].as_array().expect("customers") {
        let fine = customer["company"] == "Acme" && customer["totalTickets"] == 1;
        assert!(fine, "{}: {customer}", text(&customer["email"]));
    }
}

/// Simulates two nodes, or an operator who starts the import twice.
async fn concurrent_imports_create_no_duplicates(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let program = app.api_key(&[workspace], &[Grant::Read]).await;
    let files = folder(&customers(), &tickets(), &messages());
    let (one, two) = join(
        run(&app, workspace, files.path()),
        run(&app, workspace, files.path()),
    )
    .await;
    assert_eq!((one.failed(), two.failed()), (0, 0), "{one}\n{two}");
    assert_eq!(app.log(workspace).await.len(), 3 * TICKETS + MESSAGES);
    let query = "{ customers { totalCount } tickets { totalCount } conversations { totalCount } }";
    let seen = app.ask(&program, query, json!({})).await.data();
    let count = |field: &str| -> Value { seen[field]["totalCount"].clone() };
    assert_eq!(
        [count("customers"), count("tickets"), count("conversations")],
        [json!(TICKETS), json!(TICKETS), json!(TICKETS)]
    );
}

on_each_database!(
    messages_are_imported_during_other_writes,
    customers_are_imported_during_other_writes,
    concurrent_imports_create_no_duplicates,
);

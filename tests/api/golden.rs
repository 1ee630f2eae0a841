//! Databases that were created by the program at each migration step. The current program migrates them, and their
//! content must be unchanged. Their dumps are in `tests/golden`.

use std::{fs, path::Path};

use deskgraph::{
    auth::Grant,
    service::recount::{self, RecountEvent, RecountOptions},
    store::figures::FigureOwner,
};
use entity::{WorkspaceId, workspace};
use needs::needs;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

const EVERYTHING: &str = "{
    customers(orderBy: { field: EMAIL, direction: ASC }) { nodes {
        name email emails { email isVerified isPrimary } phone phones { phone isPrimary } company jobTitle timezone isVip
        priorityOverride tags internalNotes totalTickets openTickets avgResolutionTime firstTicketAt status sentiment
        customFields createdAt updatedAt version } }
    tickets(orderBy: { field: CREATED_AT, direction: ASC }) { nodes {
        subject status priority source tags resolutionType messageCount lastMessageAt resolvedAt customFields createdAt
        customer { email } conversation { channel status messageCount tags customFields }
        messages { nodes { direction isInternal senderEmail senderName body bodyHtml createdAt sender { __typename } } } } }
    agents { nodes { name email role } }
    changes(first: 100) { nodes { name } }
}";

/// Returns the last migration step and the text of each dump of a database.
fn dumps(database: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(database);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a dump"))
    };
    files.iter().map(read).collect()
}

/// Returns the only workspace and a key for it.
async fn owner(app: &TestApp) -> (WorkspaceId, Person) {
    let found = workspace::Entity::find().one(app.services.db.connection()).await;
    let workspace = found.expect("an answer").expect("a workspace").id;
    (workspace, app.api_key(&[workspace], &Grant::ALL).await)
}

/// Returns the first column of each row.
async fn rows(app: &TestApp, sql: &str) -> Vec<String> {
    let connection = app.services.db.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let found = connection.query_all_raw(statement).await.expect("rows");
    let mut rows: Vec<String> = found
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect();
    rows.sort();
    rows
}

async fn assert_contents_and_new_write(app: &TestApp, step: &str) {
    let (_, owner) = owner(app).await;
    let seen = app.ask(&owner, EVERYTHING, json!({})).await.data();
    let expected: Value = serde_json::from_str(include_str!("../golden/expected.json")).expect("JSON");
    assert_eq!(seen, expected, "step {step}");
    assert_figures_of_threads(app, step).await;
    let query = "{ customerByEmail(email: \"ANN.lee@example.com\") { tickets { nodes { id } } } }";
    let ticket = app.ask(&owner, query, json!({})).await;
    let ticket = ticket.at("/customerByEmail/tickets/nodes/0/id");
    let input =
        json!({ "target": { "ticketId": ticket }, "body": "And?", "senderEmail": "ann.lee@example.com" });
    let variables = json!({ "input": input, "idempotencyKey": "1" });
    let added = app.wrote(&owner, "messageAdd", variables).await;
    assert_eq!(added.position(), Some(10), "step {step}");
}

/// Checks what migrations filled into the tables of activity and inboxes.
async fn assert_figures_of_threads(app: &TestApp, step: &str) {
    let options = RecountOptions {
        workspace: None,
        repair: false,
    };
    let mut wrong = Vec::new();
    let mut tell = |event| match event {
        RecountEvent::Differed(one) if one.holder != FigureOwner::Customer => wrong.push(one.to_string()),
        _ => {}
    };
    recount::recount(&app.services, options, &mut tell)
        .await
        .expect("compared");
    assert_eq!(wrong, Vec::<String>::new(), "step {step}");
}

/// Returns the lines that only one of two lists contains.
fn differences(old: &[String], new: &[String]) -> Vec<String> {
    let only = |mark: &str, one: &[String], other: &[String]| -> Vec<String> {
        let lines = one.iter().filter(|line| !other.contains(line));
        lines.map(|line| format!("{mark} {line}")).collect()
    };
    [only("-", new, old), only("+", old, new)].concat()
}

/// Returns columns and indexes, each as a line.
const SQLITE: &str = "SELECT 'index ' || name || ' ' || tbl_name FROM sqlite_master
    WHERE type = 'index' AND name NOT LIKE 'sqlite_%'
    UNION ALL SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '')
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const POSTGRES: &str = "SELECT 'index ' || indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'
    UNION ALL SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
    coalesce(column_default, '') || ' ' || coalesce(collation_name, '')
    FROM information_schema.columns WHERE table_schema = 'public'";

#[tokio::test]
async fn every_earlier_sqlite_database_is_migrated() {
    let new = rows(&TestApp::sqlite().await, SQLITE).await;
    for (step, dump) in dumps("sqlite") {
        let app = TestApp::sqlite_from(&dump).await;
        let differences = differences(&rows(&app, SQLITE).await, &new);
        assert!(differences.is_empty(), "step {step}: {differences:#?}");
        assert_contents_and_new_write(&app, &step).await;
    }
}

#[needs(postgres)]
#[tokio::test]
async fn every_earlier_postgresql_database_is_migrated() {
    let app = TestApp::postgres_with(|_| ()).await;
    let new = rows(&app, POSTGRES).await;
    for (step, dump) in dumps("postgres") {
        let app = TestApp::postgres_from(&dump).await;
        let differences = differences(&rows(&app, POSTGRES).await, &new);
        assert!(differences.is_empty(), "step {step}: {differences:#?}");
        assert_contents_and_new_write(&app, &step).await;
    }
}

async fn a_migration_updates_stored_address_keys(app: TestApp) {
    let (_, admin) = app.admin().await;
    let emails = json!([
        { "email": "Ömer@example.com", "isPrimary": true }, { "email": "\u{212a}im@example.com" },
        { "email": "Ada@example.com" },
    ]);
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": { "emails": emails } }))
        .await;
    let agent = json!({ "input": { "name": "Öz", "email": "Öz@example.com" } });
    app.wrote(&admin, "agentCreate", agent).await;
    // Stores the keys as earlier versions computed them: in the lower case of all scripts.
    for (new, old) in [
        ("Ömer@example.com", "ömer@example.com"),
        ("\u{212a}im@example.com", "kim@example.com"),
        ("Öz@example.com", "öz@example.com"),
    ] {
        for table in ["customer", "customer_address", "agent"] {
            change(
                &app,
                &format!("UPDATE {table} SET email_key = '{old}' WHERE email_key = '{new}'"),
            )
            .await;
        }
    }
    change(
        &app,
        "DELETE FROM seaql_migrations WHERE version LIKE '%_000014_%'",
    )
    .await;
    app.services.db.migrate().await.expect("migrated");
    let query = "query($email: String!) { customerByEmail(email: $email) { id } }";
    for (email, is_found) in [
        ("Ömer@example.com", true),
        ("ömer@example.com", false),
        ("\u{212a}IM@example.com", true),
        ("kim@example.com", false),
        ("ada@EXAMPLE.com", true),
    ] {
        let found = app.ask(&admin, query, json!({ "email": email })).await;
        let found = found.at("/customerByEmail");
        assert_eq!(found["id"] == made["customer"]["id"], is_found, "{email}");
    }
    let keys = rows(&app, "SELECT email_key FROM customer_address").await;
    assert_eq!(
        keys,
        ["ada@example.com", "Ömer@example.com", "\u{212a}im@example.com"]
    );
    assert!(
        rows(&app, "SELECT email_key FROM agent")
            .await
            .contains(&"Öz@example.com".to_owned())
    );
}

async fn change(app: &TestApp, sql: &str) {
    let done = app.services.db.connection().execute_unprepared(sql).await;
    done.expect("a statement");
}

on_each_database!(a_migration_updates_stored_address_keys);

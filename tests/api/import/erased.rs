//! Erased customers and their objects stay erased when they are imported again.

use deskgraph::import::{KEVA, Report};
use entity::WorkspaceId;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{counts, folder, run, run_as};
use crate::support::{Person, TestApp, on_each_database};

/// Two customers, Ann and Ben, each with a ticket and a message. With `later`, Ann has more of them.
fn customer_files(later: bool) -> TempDir {
    let mut lines = [Vec::new(), Vec::new(), Vec::new()];
    let mut tell = |name: &str, ticket: &str, by_id: bool| {
        let email = format!("{name}@example.com");
        let owner = if by_id { json!(name) } else { Value::Null };
        let address = if by_id { Value::Null } else { json!(email) };
        lines[0]
            .push(json!({ "id": name, "email": email, "name": name, "phone": "+49 30 1234" }).to_string());
        lines[1].push(
            json!({ "id": ticket, "subject": "Help", "customerId": owner, "customerEmail": address, "source": "email" })
                .to_string(),
        );
        lines[2].push(
            json!({ "id": format!("m-{ticket}"), "ticketId": ticket, "body": "Hm.", "senderEmail": email })
                .to_string(),
        );
    };
    tell("ann", "t1", true);
    tell("ben", "t2", true);
    if later {
        tell("ann", "t3", true);
        tell("ann", "t4", false);
    }
    // Each customer on one line.
    lines[0].dedup();
    lines[0].truncate(2);
    let [customers, tickets, messages] = lines.map(|lines| lines.join("\n"));
    folder(&customers, &tickets, &messages)
}

/// Returns the numbers of customers, tickets, conversations and messages.
async fn object_counts(app: &TestApp, person: &Person) -> Value {
    let query = "{ customers { totalCount } tickets { totalCount } conversations { totalCount nodes { messages { totalCount } } } }";
    app.ask(person, query, json!({})).await.data()
}

async fn id_of(app: &TestApp, person: &Person, email: &str) -> Value {
    let query = "query($email: String!) { customerByEmail(email: $email) { id } }";
    app.ask(person, query, json!({ "email": email }))
        .await
        .at("/customerByEmail/id")
}

async fn erase(app: &TestApp, person: &Person, email: &str) {
    let id = id_of(app, person, email).await;
    app.wrote(person, "customerDelete", json!({ "id": id })).await;
}

async fn run_with_revive(app: &TestApp, workspace: WorkspaceId, files: &TempDir) -> Report {
    run_as(app, workspace, &KEVA, files.path(), |source| source.revive = true).await
}

fn erased_counts(report: &Report) -> Vec<u64> {
    report.files.iter().map(|file| file.erased).collect()
}

async fn an_erased_customer_stays_erased(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(false).path()).await;
    erase(&app, &admin, "ann@example.com").await;
    let (before, log) = (object_counts(&app, &admin).await, app.log(workspace).await.len());
    for _ in 0..2 {
        let report = run(&app, workspace, customer_files(true).path()).await;
        let expected = [
            ("customers.ndjson", [0, 0, 1, 0]),
            ("tickets.ndjson", [0, 0, 1, 0]),
            ("messages.ndjson", [0, 0, 1, 0]),
        ];
        assert_eq!(counts(&report), expected, "{report}");
        assert_eq!((erased_counts(&report), report.failed()), (vec![1, 3, 3], 0));
        assert_eq!(object_counts(&app, &admin).await, before);
        assert_eq!(app.log(workspace).await.len(), log);
        let text = report.to_string();
        let expected = "tickets.ndjson:4: customerEmail: The customer was erased in this workspace";
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains("3 lines: the customer was erased in this workspace, and the records are left out"),
            "{text}"
        );
    }
}

async fn an_import_can_restore_erased_customers(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(true).path()).await;
    let whole = object_counts(&app, &admin).await;
    erase(&app, &admin, "ann@example.com").await;
    let report = run_with_revive(&app, workspace, &customer_files(true)).await;
    assert_eq!(erased_counts(&report), [0, 0, 0], "{report}");
    assert_eq!(object_counts(&app, &admin).await, whole);
    let report = run(&app, workspace, customer_files(true).path()).await;
    assert_eq!(erased_counts(&report), [0, 0, 0], "{report}");
    assert!(
        report
            .files
            .iter()
            .all(|file| file.created == 0 && file.updated == 0)
    );
}

async fn a_reused_address_belongs_to_another_customer(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(false).path()).await;
    erase(&app, &admin, "ann@example.com").await;
    let input = json!({ "email": "ann@example.com", "name": "Another Ann" });
    let made = app
        .wrote(&admin, "customerCreate", json!({ "input": input }))
        .await;
    // The id belongs to the erased customer, independently of the address.
    let report = run(&app, workspace, customer_files(false).path()).await;
    assert_eq!(erased_counts(&report), [1, 1, 1], "{report}");
    let line = |id: &str, email: &str| json!({ "id": id, "email": email, "company": "Acme", "phone": "+49-30-1234" });
    let files = folder(&line("c9", "ann@example.com").to_string(), "", "");
    let report = run(&app, workspace, files.path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [0, 1, 0, 0]), "{report}");
    let query = "query($id: ID!) { customer(id: $id) { name company phone } customers { totalCount } }";
    let seen = app
        .ask(&admin, query, json!({ "id": made["customer"]["id"] }))
        .await
        .data();
    // Several people can share a telephone number, so only the number is omitted, and the record is imported.
    assert_eq!(
        seen["customer"],
        json!({ "name": "Another Ann", "company": "Acme", "phone": null })
    );
    assert_eq!(seen["customers"]["totalCount"], 2);
    // The same applies to the address in a ticket of an existing customer.
    let ben = json!({ "id": "t9", "subject": "Hm", "customerId": "ben", "customerEmail": "gone@example.com", "source": "email" });
    let gone = json!({ "id": "gone", "email": "gone@example.com" }).to_string();
    run(&app, workspace, folder(&gone, "", "").path()).await;
    erase(&app, &admin, "gone@example.com").await;
    let report = run(&app, workspace, folder("", &ben.to_string(), "").path()).await;
    assert_eq!(counts(&report)[1], ("tickets.ndjson", [1, 0, 0, 0]), "{report}");
    let query = "{ tickets(filter: { subject: { eq: \"Hm\" } }) { nodes { customerEmail } } }";
    let seen = app
        .ask(&admin, query, json!({}))
        .await
        .at("/tickets/nodes/0/customerEmail");
    assert_eq!(seen, "ben@example.com");
    // With another address, the number does not identify the customer. Without an address, it does.
    let lines = [
        line("c10", "carl@example.com"),
        json!({ "id": "c11", "phone": "0049301234", "email": null }),
    ];
    let files = folder(&lines.map(|line| line.to_string()).join("\n"), "", "");
    let report = run(&app, workspace, files.path()).await;
    assert_eq!(erased_counts(&report)[0], 0, "{report}");
    let lines = json!({ "id": "c12", "phone": "+49 (30) 12 34", "email": null }).to_string();
    let report = run(&app, workspace, folder(&lines, "", "").path()).await;
    assert_eq!(erased_counts(&report)[0], 1, "{report}");
}

async fn erasure_marks_are_hashes_specific_to_a_workspace(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(false).path()).await;
    let rows = async || {
        let rows = entity::erased::Entity::find().all(app.services.db.connection());
        rows.await.expect("marks")
    };
    assert!(rows().await.is_empty());
    erase(&app, &admin, "ann@example.com").await;
    // Marks of the customer's id, the ticket's id, the address and the number.
    let marks = rows().await;
    assert_eq!(marks.len(), 4);
    assert!(
        marks
            .iter()
            .all(|row| row.mark.len() == 32 && row.workspace_id == workspace)
    );
    // The marks of the same person in another workspace are different.
    let other = app.workspace("Other").await;
    let theirs = app.admin_of(&[other]).await;
    run(&app, other, customer_files(false).path()).await;
    assert_eq!(
        erased_counts(&run(&app, other, customer_files(false).path()).await),
        [0, 0, 0]
    );
    erase(&app, &theirs, "ann@example.com").await;
    let all: std::collections::BTreeSet<_> = rows().await.into_iter().map(|row| row.mark).collect();
    assert_eq!(all.len(), 8);
}

async fn former_addresses_of_erased_customers_are_marked(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    let change = async |email: &str, to: &str| {
        let variables = json!({ "id": id_of(&app, &admin, email).await, "input": { "email": to } });
        app.wrote(&admin, "customerUpdate", variables).await;
    };
    change("ann@example.com", "anna@example.com").await;
    erase(&app, &admin, "anna@example.com").await;
    let again = folder(r#"{"id":"c9","email":"ann@example.com"}"#, "", "");
    let report = run(&app, workspace, again.path()).await;
    assert_eq!(erased_counts(&report)[0], 1, "{report}");
    // An address that another customer has taken since belongs to that customer.
    app.ticket(&admin, "ben@example.com").await;
    change("ben@example.com", "benno@example.com").await;
    app.ticket(&admin, "ben@example.com").await;
    erase(&app, &admin, "benno@example.com").await;
    let taken = folder(r#"{"id":"c8","email":"ben@example.com","name":"Ben"}"#, "", "");
    let report = run(&app, workspace, taken.path()).await;
    assert_eq!(
        (erased_counts(&report)[0], counts(&report)[0].1),
        (0, [0, 1, 0, 0]),
        "{report}"
    );
}

on_each_database!(
    former_addresses_of_erased_customers_are_marked,
    an_erased_customer_stays_erased,
    an_import_can_restore_erased_customers,
    a_reused_address_belongs_to_another_customer,
    erasure_marks_are_hashes_specific_to_a_workspace,
);

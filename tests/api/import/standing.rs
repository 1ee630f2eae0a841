//! Fields that were changed in Deskgraph since the last import keep their values when the source sends the earlier
//! value again.

use std::{collections::BTreeMap, path::Path};

use deskgraph::{
    events,
    import::{CSTAR, KEVA, KUSTOMER, Report, Vendor},
};
use entity::{Timestamp, WorkspaceId};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{counts, files, folder, run, run_as, run_of};
use crate::support::{Person, TestApp, on_each_database};

const SEEN: &str = "{
    customers(orderBy: { field: EMAIL, direction: ASC }) { nodes { id name company jobTitle tags } }
    tickets { nodes { id subject status priority tags assignedTo resolvedAt } } }";

/// A customer with a ticket, in Keva's format.
fn customer_files(change: impl FnOnce(&mut Value, &mut Value)) -> TempDir {
    let mut customer = json!({
        "id": "c1", "email": "ann@example.com", "name": "Ann", "company": "Acme", "jobTitle": "CTO", "tags": ["a"],
    });
    let mut ticket = json!({
        "id": "t1", "subject": "Help", "status": "open", "priority": "high", "customerId": "c1",
        "customerEmail": "ann@example.com", "source": "email", "assignedTo": null, "tags": ["x"],
    });
    change(&mut customer, &mut ticket);
    folder(&customer.to_string(), &ticket.to_string(), "")
}

fn unchanged(_: &mut Value, _: &mut Value) {}

/// Returns the fields of a file that kept local values, and on how many lines.
fn kept_fields<'r>(report: &'r Report, name: &str) -> BTreeMap<&'r str, u64> {
    let file = report.files.iter().find(|file| file.name == name);
    let fields = &file.expect("the file").standing;
    fields
        .iter()
        .map(|(field, count)| (field.as_str(), *count))
        .collect()
}

async fn prefer_source(app: &TestApp, workspace: WorkspaceId, vendor: &Vendor, folder: &Path) -> Report {
    run_as(app, workspace, vendor, folder, |source| {
        source.prefer_source = true;
    })
    .await
}

async fn read_objects(app: &TestApp, person: &Person) -> Value {
    app.ask(person, SEEN, json!({})).await.data()
}

/// Changes name, company and tags of the customer, and subject, status and tags of the ticket through the API.
async fn change_locally(app: &TestApp, person: &Person) {
    let here = read_objects(app, person).await;
    let (customer, ticket) = (
        &here["customers"]["nodes"][0]["id"],
        &here["tickets"]["nodes"][0]["id"],
    );
    let input = json!({ "name": "Ann Berg", "company": null, "tags": ["a", "vip"] });
    app.wrote(
        person,
        "customerUpdate",
        json!({ "id": customer, "input": input }),
    )
    .await;
    let input = json!({ "subject": "Refund", "status": "SOLVED", "tags": [] });
    app.wrote(person, "ticketUpdate", json!({ "id": ticket, "input": input }))
        .await;
}

async fn local_changes_are_not_overwritten(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(unchanged).path()).await;
    change_locally(&app, &admin).await;
    let before = read_objects(&app, &admin).await;
    let log = app.log(workspace).await;

    let report = run(&app, workspace, customer_files(unchanged).path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [0, 0, 1, 0]));
    assert_eq!(
        kept_fields(&report, "customers.ndjson"),
        [("company", 1), ("name", 1), ("tags", 1)].into()
    );
    assert_eq!(
        kept_fields(&report, "tickets.ndjson"),
        [("status", 1), ("subject", 1), ("tags", 1)].into()
    );
    assert!(
        report
            .to_string()
            .contains("the field name was changed in Deskgraph and keeps its value")
    );
    assert_eq!(
        (read_objects(&app, &admin).await, app.log(workspace).await),
        (before.clone(), log)
    );

    // The source has a new value for a field with a local value, and for two others.
    let news = || {
        customer_files(|customer, ticket| {
            customer["name"] = json!("Anna");
            customer["jobTitle"] = json!("CEO");
            ticket["priority"] = json!("low");
        })
    };
    let report = run(&app, workspace, news().path()).await;
    assert_eq!(kept_fields(&report, "customers.ndjson")["name"], 1);
    let mut expected = before;
    expected["customers"]["nodes"][0]["jobTitle"] = json!("CEO");
    expected["tickets"]["nodes"][0]["priority"] = json!("LOW");
    assert_eq!(read_objects(&app, &admin).await, expected);
    let report = run(&app, workspace, news().path()).await;
    assert_eq!(kept_fields(&report, "customers.ndjson").len(), 3);
    assert_eq!(read_objects(&app, &admin).await, expected);
}

async fn the_source_can_overwrite_local_changes(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(unchanged).path()).await;
    let before = read_objects(&app, &admin).await;
    change_locally(&app, &admin).await;
    let report = prefer_source(&app, workspace, &KEVA, customer_files(unchanged).path()).await;
    assert!(kept_fields(&report, "customers.ndjson").is_empty());
    assert_eq!(counts(&report)[1], ("tickets.ndjson", [0, 1, 0, 0]));
    assert_eq!(read_objects(&app, &admin).await, before);
    let report = run(&app, workspace, customer_files(unchanged).path()).await;
    assert!(kept_fields(&report, "tickets.ndjson").is_empty());
}

async fn equal_values_follow_the_source_again(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(unchanged).path()).await;
    change_locally(&app, &admin).await;
    let agree = customer_files(|customer, _| customer["name"] = json!("Ann Berg"));
    let report = run(&app, workspace, agree.path()).await;
    assert!(!kept_fields(&report, "customers.ndjson").contains_key("name"));
    let moved = customer_files(|customer, _| customer["name"] = json!("Ann Berg-Lund"));
    run(&app, workspace, moved.path()).await;
    let name = &read_objects(&app, &admin).await["customers"]["nodes"][0]["name"];
    assert_eq!(name, "Ann Berg-Lund");
}

async fn clear_source_values(app: &TestApp) {
    let writing = app.services.db.begin().await.expect("a transaction");
    let forget = "UPDATE external_reference SET told = NULL";
    writing
        .connection()
        .execute_unprepared(forget)
        .await
        .expect("forgotten");
    writing.commit().await.expect("a commit");
}

async fn earlier_imports_use_the_change_log(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(unchanged).path()).await;
    change_locally(&app, &admin).await;
    clear_source_values(&app).await;
    let news = || {
        customer_files(|customer, ticket| {
            customer["name"] = json!("Anna");
            customer["jobTitle"] = json!("CEO");
            ticket["priority"] = json!("low");
        })
    };
    let report = run(&app, workspace, news().path()).await;
    assert_eq!(
        kept_fields(&report, "customers.ndjson"),
        [("company", 1), ("name", 1), ("tags", 1)].into()
    );
    let here = read_objects(&app, &admin).await;
    assert_eq!(here["customers"]["nodes"][0]["jobTitle"], "CEO");
    assert_eq!(here["tickets"]["nodes"][0]["priority"], "LOW");
    // From here on, the values of the source are stored.
    let report = run(&app, workspace, news().path()).await;
    assert_eq!(kept_fields(&report, "tickets.ndjson").len(), 3);
}

async fn local_changes_survive_a_pruned_log(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, customer_files(unchanged).path()).await;
    change_locally(&app, &admin).await;
    clear_source_values(&app).await;
    let db = &app.services.db;
    events::prune(db, workspace, Timestamp(i64::MAX))
        .await
        .expect("pruned");
    let before = read_objects(&app, &admin).await;
    let news = customer_files(|customer, _| customer["jobTitle"] = json!("CEO"));
    let report = run(&app, workspace, news.path()).await;
    assert_eq!(kept_fields(&report, "customers.ndjson")["jobTitle"], 1);
    assert_eq!(read_objects(&app, &admin).await["customers"], before["customers"]);
}

async fn custom_fields_are_compared_separately(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let with = |fields: Value| {
        let customer =
            json!({ "id": "1", "name": "Ann", "email": "ann@example.com", "customFields": fields });
        files(&[("customers.ndjson", &customer.to_string())])
    };
    run_of(
        &app,
        workspace,
        &CSTAR,
        with(json!({ "plan": "pro", "seats": 3 })).path(),
    )
    .await;
    let id = read_objects(&app, &admin).await["customers"]["nodes"][0]["id"].clone();
    let input = json!({ "customFields": { "plan": "free", "own": true } });
    app.wrote(&admin, "customerUpdate", json!({ "id": id, "input": input }))
        .await;
    let fields = async || {
        let query = "query($id: ID!) { customer(id: $id) { customFields } }";
        app.ask(&admin, query, json!({ "id": id }))
            .await
            .at("/customer/customFields")
    };
    let report = run_of(
        &app,
        workspace,
        &CSTAR,
        with(json!({ "plan": "pro", "seats": 4 })).path(),
    )
    .await;
    assert_eq!(
        kept_fields(&report, "customers.ndjson"),
        [("customFields.plan", 1)].into()
    );
    assert_eq!(fields().await, json!({ "plan": "free", "own": true, "seats": 4 }));
    // The source clears the field, and the local value stays.
    let report = run_of(&app, workspace, &CSTAR, with(Value::Null).path()).await;
    assert_eq!(kept_fields(&report, "customers.ndjson").len(), 2);
    assert_eq!(fields().await, json!({ "plan": "free", "own": true }));
}

async fn local_changes_of_conversations_and_teams_survive(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let of = |team: &str, name: &str, status: &str, users: Value| {
        let resource = |kind: &str, id: &str, attributes: Value| json!({ "type": kind, "id": id, "attributes": attributes });
        let mut conversation = resource(
            "conversation",
            "k1",
            json!({ "name": name, "status": status, "tags": ["x"], "customer": "c1" }),
        );
        conversation["relationships"] = json!({ "assignedUsers": { "data": users } });
        files(&[
            (
                "teams.ndjson",
                &resource("team", "m1", json!({ "name": team })).to_string(),
            ),
            (
                "customers.ndjson",
                &resource("customer", "c1", json!({ "name": "Ann" })).to_string(),
            ),
            ("conversations.ndjson", &conversation.to_string()),
        ])
    };
    let first = of(
        "Billing",
        "Thread",
        "open",
        json!([{ "type": "user", "id": "u1" }]),
    );
    let report = run_of(&app, workspace, &KUSTOMER, first.path()).await;
    assert_eq!(report.failed(), 0, "{report}");
    let query =
        "{ teams { nodes { id name } } conversations { nodes { id name status tags assignees { name } } } }";
    let here = app.ask(&admin, query, json!({})).await.data();
    let (team, thread) = (
        &here["teams"]["nodes"][0]["id"],
        &here["conversations"]["nodes"][0]["id"],
    );
    app.wrote(
        &admin,
        "teamUpdate",
        json!({ "id": team, "input": { "name": "Money" } }),
    )
    .await;
    let input = json!({ "name": "Ours", "assigneeIds": [admin.id] });
    app.wrote(
        &admin,
        "conversationUpdate",
        json!({ "id": thread, "input": input }),
    )
    .await;
    let again = of("Invoices", "Theirs", "done", json!([]));
    let report = run_of(&app, workspace, &KUSTOMER, again.path()).await;
    assert_eq!(
        kept_fields(&report, "teams.ndjson"),
        [("attributes.name", 1)].into()
    );
    let expected = [("attributes.name", 1), ("relationships.assignedUsers", 1)];
    assert_eq!(kept_fields(&report, "conversations.ndjson"), expected.into());
    let here = app.ask(&admin, query, json!({})).await.data();
    assert_eq!(here["teams"]["nodes"][0]["name"], "Money");
    let thread = &here["conversations"]["nodes"][0];
    assert_eq!(
        (&thread["name"], &thread["status"]),
        (&json!("Ours"), &json!("DONE"))
    );
    assert_eq!(thread["assignees"].as_array().map(Vec::len), Some(1));
    prefer_source(&app, workspace, &KUSTOMER, again.path()).await;
    let here = app.ask(&admin, query, json!({})).await.data();
    assert_eq!(here["teams"]["nodes"][0]["name"], "Invoices");
    let thread = &here["conversations"]["nodes"][0];
    assert_eq!(
        (&thread["name"], &thread["assignees"]),
        (&json!("Theirs"), &json!([]))
    );
}

on_each_database!(
    local_changes_are_not_overwritten,
    the_source_can_overwrite_local_changes,
    equal_values_follow_the_source_again,
    earlier_imports_use_the_change_log,
    local_changes_survive_a_pruned_log,
    custom_fields_are_compared_separately,
    local_changes_of_conversations_and_teams_survive,
);

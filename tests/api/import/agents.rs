//! Agents without a usable address: each comes in with a stand-in, and keeps its tickets and conversations.

use std::collections::BTreeSet;

use deskgraph::import::{CSTAR, KEVA, KUSTOMER, Report};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{counts, faults, files, left_out, run, run_of, run_strict};
use crate::support::{Person, TestApp, on_each_database};

const CUSTOMER: &str = r#"{"id":"c0","email":"ann@example.com","name":"Ann"}"#;

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn set(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(ToString::to_string).collect()
}

/// Every value of the agents that was left out, in the form `LINE FIELD`.
fn list(report: &Report) -> Vec<String> {
    let left_out = report.files[0].left_out.iter();
    let mut list: Vec<_> = left_out
        .map(|fault| format!("{} {}", fault.line, fault.field))
        .collect();
    list.sort();
    list
}

/// The addresses of the agents with a name.
async fn addresses(app: &TestApp, admin: &Person, name: &str) -> Vec<String> {
    let query = "{ agents(first: 50) { nodes { name email } } }";
    let seen = app.ask(admin, query, json!({})).await.at("/agents/nodes");
    let nodes = seen.as_array().expect("agents").iter();
    nodes
        .filter(|one| one["name"] == name)
        .map(|one| one["email"].as_str().expect("an address").to_owned())
        .collect()
}

async fn assert_stand_ins(app: &TestApp, admin: &Person, system: &str, names: &[&str]) {
    for name in names {
        let found = addresses(app, admin, name).await;
        let end = format!("@{system}.invalid");
        assert!(found.len() == 1 && found[0].ends_with(&end), "{name}: {found:?}");
    }
}

/// The subjects of all tickets, each with the name of its agent.
async fn assigned(app: &TestApp, admin: &Person) -> BTreeSet<(String, String)> {
    let query = "{ tickets { nodes { subject assignee { name } } } }";
    let seen = app.ask(admin, query, json!({})).await.at("/tickets/nodes");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    seen.as_array()
        .expect("tickets")
        .iter()
        .map(|one| (text(&one["subject"]), text(&one["assignee"]["name"])))
        .collect()
}

fn keva(agents: &str, tickets: &str) -> TempDir {
    files(&[
        ("agents.ndjson", agents),
        ("customers.ndjson", CUSTOMER),
        ("tickets.ndjson", tickets),
        ("messages.ndjson", ""),
    ])
}

fn agents() -> String {
    let long = format!("fay@{}.com", ["x".repeat(60).as_str(); 5].join("."));
    lines(&[
        json!({ "id": "a1", "name": "Mia", "email": "mia at example" }),
        json!({ "id": "a2", "name": "Ben", "email": null, "role": "admin" }),
        json!({ "id": "a3", "email": "n/a" }),
        json!({ "id": "a4", "name": "Dan", "email": "n/a" }),
        json!({ "id": "a5", "name": "Eve", "email": 7.5 }),
        json!({ "id": "a6", "name": "Fay", "email": long }),
        json!({ "id": "x".repeat(256), "name": "Gus", "email": "Gus <gus@example.com>" }),
        json!({ "name": "Ida", "email": "none" }),
    ])
}

fn tickets() -> String {
    let ticket = |id: &str, assigned: &str| json!({ "id": id, "subject": id, "customerId": "c0", "assignedTo": assigned });
    lines(&[
        ticket("t1", "a1"),
        ticket("t2", "mia at example"),
        ticket("t3", "a4"),
        ticket("t4", "Gus <gus@example.com>"),
    ])
}

async fn keva_agents_without_email_are_imported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let folder = keva(&agents(), &tickets());
    for again in [false, true] {
        let report = run(&app, workspace, folder.path()).await;
        let expected = if again { [0, 0, 7, 1] } else { [7, 0, 0, 1] };
        assert_eq!(counts(&report)[0], ("agents.ndjson", expected), "{report}");
        let expected = if again { [0, 0, 4, 0] } else { [4, 0, 0, 0] };
        assert_eq!(counts(&report)[2], ("tickets.ndjson", expected), "{report}");
        assert_eq!(faults(&report, "agents.ndjson"), set(&["8 email"]), "{report}");
        let no_id = "The value is not a usable address, and the record has no id.";
        assert_eq!(report.files[0].faults[0].reason, no_id);
        let expected = [
            "1 email", "2 email", "2 role", "3 email", "3 name", "4 email", "5 email", "6 email", "7 id",
        ];
        assert_eq!(list(&report), expected, "{report}");
        let told = "role: Only an agent with a usable address can be an admin.";
        assert!(report.to_string().contains(told), "{report}");
        let told =
            "email: The value \"mia at example\" is not a valid email address. A new agent gets an address";
        assert!(report.to_string().contains(told), "{report}");
        let expected = [("t1", "Mia"), ("t2", "Mia"), ("t3", "Dan"), ("t4", "Gus")];
        let expected = expected.map(|(subject, name)| (subject.to_owned(), name.to_owned()));
        assert_eq!(assigned(&app, &admin).await, expected.into());
    }
    let names = ["Mia", "Ben", "n/a", "Dan", "Eve", "Fay"];
    assert_stand_ins(&app, &admin, "keva", &names).await;
    assert_eq!(addresses(&app, &admin, "Gus").await, ["gus@example.com"]);
}

async fn an_existing_agent_keeps_its_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for (email, expected) in [
        ("mia@example.com", [1, 0, 0, 0]),
        ("mia at example", [0, 0, 1, 0]),
    ] {
        let agent = json!({ "id": "a1", "name": "Mia", "email": email }).to_string();
        let report = run(&app, workspace, keva(&agent, "").path()).await;
        assert_eq!(counts(&report)[0], ("agents.ndjson", expected), "{report}");
    }
    assert_eq!(addresses(&app, &admin, "Mia").await, ["mia@example.com"]);
}

async fn strict_import_refuses_agents_without_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let report = run_strict(&app, workspace, &KEVA, keva(&agents(), "").path()).await;
    assert_eq!(counts(&report)[0], ("agents.ndjson", [0, 0, 0, 8]), "{report}");
    let expected = [
        "1 email", "2 email", "3 name", "4 email", "5 email", "6 email", "7 email", "7 id", "8 email",
    ];
    assert_eq!(faults(&report, "agents.ndjson"), set(&expected), "{report}");
    assert!(addresses(&app, &admin, "Mia").await.is_empty());
}

async fn kustomer_users_without_email_are_imported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let user = |id: &str, attributes: Value| json!({ "type": "user", "id": id, "attributes": attributes });
    let users = lines(&[
        user("u 1", json!({ "name": "Uma", "email": "uma at example" })),
        user("u2", json!({ "name": "Import" })),
        user("u3", json!({ "email": null })),
    ]);
    let assigned = json!({ "data": [{ "type": "user", "id": "u 1" }, { "type": "user", "id": "u3" }] });
    let conversation = json!({
        "type": "conversation", "id": "v1", "attributes": { "customer": "k1" },
        "relationships": { "assignedUsers": assigned },
    });
    let customer = r#"{"type":"customer","id":"k1","attributes":{"name":"Ann"}}"#;
    let folder = files(&[
        ("users.ndjson", &users),
        ("customers.ndjson", customer),
        ("conversations.ndjson", &conversation.to_string()),
    ]);
    for again in [false, true] {
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let expected = if again { [0, 0, 3, 0] } else { [3, 0, 0, 0] };
        assert_eq!(counts(&report)[0], ("users.ndjson", expected), "{report}");
        let expected = [
            "1 attributes.email",
            "2 attributes.email",
            "3 attributes.email",
            "3 attributes.name",
        ];
        assert_eq!(left_out(&report, "users.ndjson"), set(&expected), "{report}");
    }
    let query = "{ conversations { nodes { assignees { name } } } }";
    let seen = app.ask(&admin, query, json!({})).await;
    let expected = json!([{ "name": "Uma" }, { "name": "u3" }]);
    assert_eq!(seen.at("/conversations/nodes/0/assignees"), expected);
    assert_stand_ins(&app, &admin, "kustomer", &["Uma", "Import", "u3"]).await;
}

async fn cstar_assignee_emails_are_read_from_surrounding_text(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ada = app.agent(workspace, "Ada").await;
    let ticket = |id: &str, assigned: &str| json!({ "id": id, "title": id, "customerId": "c0", "assignedTo": assigned });
    let tickets = lines(&[
        ticket("t1", "Ada <ADA@agents.example.com>"),
        ticket("t2", "ada at example"),
    ]);
    let folder = files(&[("customers.ndjson", CUSTOMER), ("tickets.ndjson", &tickets)]);
    for again in [false, true] {
        let report = run_of(&app, workspace, &CSTAR, folder.path()).await;
        let expected = if again { [0, 0, 2, 0] } else { [2, 0, 0, 0] };
        assert_eq!(counts(&report)[1], ("tickets.ndjson", expected), "{report}");
    }
    let query = "query($id: ID!) { agent(id: $id) { name } tickets { nodes { subject assignee { id } } } }";
    let seen = app.ask(&admin, query, json!({ "id": ada.id })).await.data();
    let name = seen["agent"]["name"].as_str().expect("a name").to_owned();
    let expected = [("t1", name.as_str()), ("t2", "ada at example")];
    let expected = expected.map(|(subject, name)| (subject.to_owned(), name.to_owned()));
    assert_eq!(assigned(&app, &admin).await, expected.into());
    assert_stand_ins(&app, &admin, "cstar", &["ada at example"]).await;
}

on_each_database!(
    keva_agents_without_email_are_imported,
    an_existing_agent_keeps_its_email,
    strict_import_refuses_agents_without_email,
    kustomer_users_without_email_are_imported,
    cstar_assignee_emails_are_read_from_surrounding_text,
);

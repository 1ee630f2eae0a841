//! Agents that an earlier run created without an address, and which a later run completes.

use deskgraph::import::{KEVA, KUSTOMER, Report};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{counts, files, run, run_as, run_of};
use crate::support::{Person, TestApp, on_each_database};

const CUSTOMER: &str = r#"{"id":"c0","email":"ann@example.com","name":"Ann"}"#;

/// Agents and tickets of Keva. The subject of a ticket equals its `assignedTo`.
fn keva(agents: &[Value], assigned: &[&str]) -> TempDir {
    let ticket = |text: &&str| json!({ "id": format!("t-{text}"), "subject": text, "customerId": "c0", "assignedTo": text });
    let lines = |values: Vec<Value>| {
        values
            .iter()
            .map(|value| format!("{value}\n"))
            .collect::<String>()
    };
    files(&[
        ("agents.ndjson", &lines(agents.to_vec())),
        ("customers.ndjson", CUSTOMER),
        ("tickets.ndjson", &lines(assigned.iter().map(ticket).collect())),
        ("messages.ndjson", ""),
    ])
}

/// The agents except for the admin of the test: id, name, address and role, by name.
async fn agents(app: &TestApp, admin: &Person) -> Vec<Value> {
    let query = "{ agents(first: 50) { nodes { id name email role } } }";
    let seen = app.ask(admin, query, json!({})).await.at("/agents/nodes");
    let mut agents = seen.as_array().expect("agents").clone();
    agents.retain(|one| one["id"] != json!(admin.id));
    agents.sort_by_key(|one| one["name"].as_str().expect("a name").to_owned());
    agents
}

/// The only agent: name, address and role.
async fn only(app: &TestApp, admin: &Person) -> [Value; 3] {
    let agents = agents(app, admin).await;
    assert_eq!(agents.len(), 1, "{agents:?}");
    ["name", "email", "role"].map(|field| agents[0][field].clone())
}

/// The name of the agent of the ticket with a subject.
async fn assignee(app: &TestApp, admin: &Person, subject: &str) -> Value {
    let query = "{ tickets { nodes { subject assignee { name } } } }";
    let seen = app.ask(admin, query, json!({})).await.at("/tickets/nodes");
    let tickets = seen.as_array().expect("tickets");
    let ticket = tickets.iter().find(|one| one["subject"] == subject);
    ticket.expect("the ticket")["assignee"]["name"].clone()
}

fn outcome(report: &Report) -> [u64; 4] {
    counts(report)[0].1
}

async fn a_record_completes_the_agent_of_a_ticket(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, keva(&[], &["a1"]).path()).await;
    let no_address = json!({ "id": "a1", "name": "Mia", "email": "mia at example", "role": "admin" });
    for expected in [[0, 1, 0, 0], [0, 0, 1, 0]] {
        let report = run(
            &app,
            workspace,
            keva(std::slice::from_ref(&no_address), &["a1"]).path(),
        )
        .await;
        assert_eq!(outcome(&report), expected, "{report}");
    }
    let [name, email, role] = only(&app, &admin).await;
    assert_eq!((name, role), (json!("Mia"), json!("AGENT")));
    assert!(email.as_str().expect("an address").ends_with("@keva.invalid"));
    let usable = json!({ "id": "a1", "name": "Mia B.", "email": "mia@example.com", "role": "admin" });
    for expected in [[0, 1, 0, 0], [0, 0, 1, 0]] {
        let report = run(
            &app,
            workspace,
            keva(std::slice::from_ref(&usable), &["a1"]).path(),
        )
        .await;
        assert_eq!(outcome(&report), expected, "{report}");
    }
    let expected = ["Mia B.", "mia@example.com", "ADMIN"].map(Value::from);
    assert_eq!(only(&app, &admin).await, expected);
    assert_eq!(assignee(&app, &admin, "a1").await, "Mia B.");
}

async fn a_user_of_kustomer_gets_its_name_later(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for (attributes, expected) in [
        (json!({ "email": null }), "u1"),
        (json!({ "name": "Uma" }), "Uma"),
    ] {
        let user = json!({ "type": "user", "id": "u1", "attributes": attributes }).to_string();
        let folder = files(&[
            ("users.ndjson", &user),
            ("customers.ndjson", ""),
            ("conversations.ndjson", ""),
        ]);
        run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        assert_eq!(only(&app, &admin).await[0], expected);
    }
}

async fn an_agent_without_an_address_gets_its_address_later(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for (email, expected) in [
        ("mia at example", [1, 0, 0, 0]),
        ("mia@example.com", [0, 1, 0, 0]),
    ] {
        let agent = json!({ "id": "a1", "email": email });
        let report = run(&app, workspace, keva(&[agent], &["a1"]).path()).await;
        assert_eq!(outcome(&report), expected, "{report}");
    }
    let expected = ["mia at example", "mia@example.com", "AGENT"].map(Value::from);
    assert_eq!(only(&app, &admin).await, expected);
}

async fn a_known_address_takes_over_the_id(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mia = json!({ "id": "a0", "name": "Mia", "email": "mia@example.com" });
    run(&app, workspace, keva(&[mia], &["a1"]).path()).await;
    assert_eq!(assignee(&app, &admin, "a1").await, "a1");
    let mia = json!({ "id": "a1", "name": "Mia", "email": "mia@example.com" });
    let report = run(&app, workspace, keva(&[mia], &["a1"]).path()).await;
    assert_eq!(outcome(&report), [0, 0, 1, 0], "{report}");
    assert_eq!(assignee(&app, &admin, "a1").await, "Mia");
}

async fn a_record_takes_over_the_agent_of_a_text(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, keva(&[], &["mia at example"]).path()).await;
    let mia = json!({ "id": "a1", "name": "Mia", "email": "mia at example" });
    for expected in [[0, 1, 0, 0], [0, 0, 1, 0]] {
        let folder = keva(std::slice::from_ref(&mia), &["mia at example", "a1"]);
        let report = run(&app, workspace, folder.path()).await;
        assert_eq!(outcome(&report), expected, "{report}");
    }
    assert_eq!(only(&app, &admin).await[0], "Mia");
    assert_eq!(assignee(&app, &admin, "mia at example").await, "Mia");
    assert_eq!(assignee(&app, &admin, "a1").await, "Mia");
}

async fn blanks_around_a_text_do_not_matter(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mia = json!({ "id": "a1", "name": "Mia", "email": " mia at example\u{200b}" });
    let texts = ["mia at example", "mia at example\u{a0}"];
    run(&app, workspace, keva(&[], &texts[..1]).path()).await;
    for expected in [[0, 1, 0, 0], [0, 0, 1, 0]] {
        let report = run(&app, workspace, keva(std::slice::from_ref(&mia), &texts).path()).await;
        assert_eq!(outcome(&report), expected, "{report}");
    }
    assert_eq!(only(&app, &admin).await[0], "Mia");
}

async fn a_text_of_two_agents_is_taken_over_by_neither(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, keva(&[], &["n/a"]).path()).await;
    let two = ["a1", "a2"].map(|id| json!({ "id": id, "name": id, "email": "n/a" }));
    let report = run(&app, workspace, keva(&two, &["n/a"]).path()).await;
    assert_eq!(outcome(&report), [2, 0, 0, 0], "{report}");
    assert_eq!(assignee(&app, &admin, "n/a").await, "n/a");
}

async fn an_id_that_equals_a_text_names_its_own_agent(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    // The text is known from a record, or from a ticket before it.
    for (id, text) in [("a1", "support"), ("a2", "sales")] {
        if text == "sales" {
            run(&app, workspace, keva(&[], &[text]).path()).await;
        }
        let agent = json!({ "id": id, "name": id, "email": text });
        run(&app, workspace, keva(&[agent], &[text]).path()).await;
        assert_eq!(assignee(&app, &admin, text).await, id);
        let other = json!({ "id": text, "name": "Shared", "email": null });
        let report = run(&app, workspace, keva(&[other], &[text]).path()).await;
        assert_eq!(outcome(&report), [1, 0, 0, 0], "{report}");
        assert_eq!(assignee(&app, &admin, text).await, "Shared");
    }
    assert_eq!(agents(&app, &admin).await.len(), 4);
}

async fn a_name_that_was_changed_here_is_kept(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let mia = |name: &str| {
        keva(
            &[json!({ "id": "a1", "name": name, "email": "mia at example" })],
            &[],
        )
    };
    run(&app, workspace, mia("Mia").path()).await;
    let id = agents(&app, &admin).await[0]["id"].clone();
    let mutation =
        "mutation($id: ID!) { agentUpdate(id: $id, input: { name: \"Mia B.\" }) { userErrors { code } } }";
    app.ask(&admin, mutation, json!({ "id": id })).await.data();
    let report = run(&app, workspace, mia("Mia C.").path()).await;
    assert_eq!(outcome(&report), [0, 0, 1, 0], "{report}");
    assert_eq!(report.files[0].standing.get("name"), Some(&1));
    assert_eq!(only(&app, &admin).await[0], "Mia B.");
    let folder = mia("Mia C.");
    let report = run_as(&app, workspace, &KEVA, folder.path(), |source| {
        source.prefer_source = true;
    })
    .await;
    assert_eq!(outcome(&report), [0, 1, 0, 0]);
    assert_eq!(only(&app, &admin).await[0], "Mia C.");
}

on_each_database!(
    a_record_completes_the_agent_of_a_ticket,
    a_user_of_kustomer_gets_its_name_later,
    an_agent_without_an_address_gets_its_address_later,
    a_known_address_takes_over_the_id,
    a_record_takes_over_the_agent_of_a_text,
    blanks_around_a_text_do_not_matter,
    a_text_of_two_agents_is_taken_over_by_neither,
    an_id_that_equals_a_text_names_its_own_agent,
    a_name_that_was_changed_here_is_kept,
);

//! Assignments of Kustomer's conversations: users, teams and a queue.

use deskgraph::import::KUSTOMER;
use serde_json::{Value, json};

use super::{counts, faults, files, run_of, run_strict};
use crate::support::{TestApp, on_each_database};

const CUSTOMER: &str = r#"{"type":"customer","id":"k1","attributes":{"name":"Ann"}}"#;

const QUERY: &str =
    "{ conversations { nodes { assignees { name } teams { name } queue { name } version } } }";

fn named(kind: &str, id: &str, attributes: &Value) -> String {
    format!(
        "{}\n",
        json!({ "type": kind, "id": id, "attributes": attributes })
    )
}

fn data(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

fn conversation(relationships: &Value) -> String {
    let attributes = json!({ "customer": "k1", "name": "Help" });
    let value = json!({ "type": "conversation", "id": "v1", "attributes": attributes, "relationships": relationships });
    format!("{value}\n")
}

/// Two users, one of them twice, a team and a queue.
fn assigned_conversation() -> String {
    conversation(&json!({
        "assignedUsers": {
            "data": [data("user", "u2"), data("user", "u1"), data("user", "u2")],
            "links": { "self": "/" },
        },
        "assignedTeams": { "data": [data("team", "g1")] },
        "queue": { "data": data("queue", "q1") },
    }))
}

fn users() -> String {
    let user = |id: &str, name: &str| {
        let email = format!("{id}@example.com");
        named("user", id, &json!({ "name": name, "email": email }))
    };
    [user("u1", "Uma"), user("u3", "Ugo")].concat()
}

async fn teams_and_queues_get_names_from_later_imports(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let folder = files(&[
        ("customers.ndjson", CUSTOMER),
        ("conversations.ndjson", &assigned_conversation()),
    ]);
    let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(
        counts(&report)[1],
        ("conversations.ndjson", [1, 0, 0, 0]),
        "{report}"
    );
    assert!(
        report.files.iter().all(|file| file.unknown_fields.is_empty()),
        "{report}"
    );
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    assert_eq!(
        (&seen["teams"], &seen["queue"]),
        (&json!([{ "name": "g1" }]), &json!({ "name": "q1" }))
    );

    let folder = files(&[
        (
            "teams.ndjson",
            &named("team", "g1", &json!({ "name": "Billing" })),
        ),
        (
            "queues.ndjson",
            &named("queue", "q1", &json!({ "name": "Urgent" })),
        ),
        ("customers.ndjson", CUSTOMER),
        ("conversations.ndjson", &assigned_conversation()),
    ]);
    for again in [false, true] {
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let renamed = if again { [0, 0, 1, 0] } else { [0, 1, 0, 0] };
        let expected = [
            ("teams.ndjson", renamed),
            ("queues.ndjson", renamed),
            ("customers.ndjson", [0, 0, 1, 0]),
            ("conversations.ndjson", [0, 0, 1, 0]),
        ];
        assert_eq!(counts(&report), expected, "{report}");
    }
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    let expected = (
        &json!([{ "name": "Billing" }]),
        &json!({ "name": "Urgent" }),
        &json!(1),
    );
    assert_eq!((&seen["teams"], &seen["queue"], &seen["version"]), expected);
    assert_eq!(seen["assignees"].as_array().map(Vec::len), Some(2));
}

async fn imported_assignments_replace_earlier_ones(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let last = conversation(&json!({
        "assignedUsers": { "data": [data("user", "u3")] },
        "assignedTeams": { "data": [] },
        "queue": { "data": null },
    }));
    for (text, expected) in [
        (assigned_conversation(), [1, 0, 0, 0]),
        (last.clone(), [0, 1, 0, 0]),
        (last, [0, 0, 1, 0]),
    ] {
        let users = users();
        let folder = files(&[
            ("users.ndjson", &users),
            ("customers.ndjson", CUSTOMER),
            ("conversations.ndjson", &text),
        ]);
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        assert_eq!(counts(&report)[2], ("conversations.ndjson", expected), "{report}");
    }
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    let expected = json!({ "assignees": [{ "name": "Ugo" }], "teams": [], "queue": null, "version": 2 });
    assert_eq!(seen, expected);
}

async fn invalid_assignments_are_reported_by_path(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let wrong = [
        json!({ "assignedUsers": { "data": [{ "type": "user" }] } }),
        json!({ "assignedTeams": { "data": "g1" } }),
        json!({ "queue": { "data": [] } }),
        json!({ "queue": { "data": data("queue", &"x".repeat(256)) } }),
    ];
    let text: String = wrong.iter().map(conversation).collect();
    let user = named("user", "u1", &json!({ "name": "Uma" }));
    let folder = files(&[
        ("users.ndjson", &user),
        ("customers.ndjson", CUSTOMER),
        ("conversations.ndjson", &text),
    ]);
    let report = run_strict(&app, workspace, &KUSTOMER, folder.path()).await;
    let expected = [
        "1 relationships.assignedUsers.data.0.id",
        "2 relationships.assignedTeams.data",
        "3 relationships.queue.data",
        "4 relationships.queue",
    ];
    assert_eq!(
        faults(&report, "conversations.ndjson"),
        expected.map(str::to_owned).into()
    );
    assert_eq!(
        faults(&report, "users.ndjson"),
        ["1 attributes.email".to_owned()].into()
    );
}

on_each_database!(
    teams_and_queues_get_names_from_later_imports,
    imported_assignments_replace_earlier_ones,
    invalid_assignments_are_reported_by_path,
);

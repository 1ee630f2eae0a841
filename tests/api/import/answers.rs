//! Objects in the form of Kustomer's REST API: ids in attributes, tags by id, the end of a snooze, several channels.

use deskgraph::import::KUSTOMER;
use serde_json::{Value, json};

use super::{counts, faults, files, left_out, run_of, run_strict};
use crate::support::{TestApp, on_each_database};

const VIP: &str = "66f0a1b2c3d4e5f607182901";
const LATE: &str = "66f0a1b2c3d4e5f607182902";
const UNKNOWN: &str = "66f0a1b2c3d4e5f6071829ff";

const QUERY: &str = "{ conversations { nodes {
    channel status snoozedUntil tags assignees { name } teams { name } customer { tags } } } }";

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn named(kind: &str, id: &str, name: &str) -> String {
    line(&json!({ "type": kind, "id": id, "attributes": { "name": name } }))
}

fn customer() -> String {
    let attributes = json!({ "name": "Ida", "tags": [VIP, UNKNOWN, "by name"] });
    line(&json!({ "type": "customer", "id": "k1", "attributes": attributes }))
}

fn conversation(attributes: &Value) -> String {
    let customer = json!({ "customer": { "data": { "type": "customers", "id": "k1" } } });
    line(&json!({ "type": "conversation", "id": "v1", "attributes": attributes, "relationships": customer }))
}

fn parcel_conversation() -> Value {
    json!({
        "name": "Parcel", "status": "snoozed", "channels": ["email", "sms"], "tags": [LATE], "messageCount": 4,
        "snooze": { "status": "snoozed", "time": "2026-12-24T08:00:00.000Z", "statusAt": "2026-12-01T08:00:00.000Z" },
        "assignedUsers": ["u1"], "assignedTeams": ["g1"],
    })
}

async fn a_kustomer_response_is_imported_completely(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let user = json!({ "type": "user", "id": "u1", "attributes": { "displayName": "Uma", "email": "uma@example.com" } });
    let machine = json!({ "type": "user", "id": "u2", "attributes": { "name": "Import", "email": null } });
    let users = [line(&user), line(&machine)].concat();
    let teams = named("teams", "g1", "Billing");
    let tags = json!([
        { "type": "tag", "id": VIP, "attributes": { "name": "vip" } },
        { "type": "tag", "id": LATE, "attributes": { "name": "late" } },
    ])
    .to_string();
    for again in [false, true] {
        let folder = files(&[
            ("users.ndjson", &users),
            ("teams.ndjson", &teams),
            ("tags.json", &tags),
            ("customers.ndjson", &customer()),
            ("conversations.ndjson", &conversation(&parcel_conversation())),
        ]);
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let each = |count| if again { [0, 0, count, 0] } else { [count, 0, 0, 0] };
        let expected = [
            ("users.ndjson", each(2)),
            ("teams.ndjson", each(1)),
            ("tags.json", [0, 0, 2, 0]),
            ("customers.ndjson", each(1)),
            ("conversations.ndjson", each(1)),
        ];
        assert_eq!(counts(&report), expected, "{report}");
        let told = left_out(&report, "customers.ndjson");
        assert_eq!(told, ["1 attributes.tags.1".to_owned()].into(), "{report}");
        let told = left_out(&report, "conversations.ndjson");
        assert_eq!(told, ["1 attributes.channels.1".to_owned()].into(), "{report}");
        let unknown = report.files.iter().map(|file| file.unknown_fields.len());
        assert_eq!(unknown.sum::<usize>(), 0, "{report}");
    }
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    let expected = json!({
        "channel": "email", "status": "SNOOZED", "snoozedUntil": "2026-12-24T08:00:00.000Z", "tags": ["late"],
        "assignees": [{ "name": "Uma" }], "teams": [{ "name": "Billing" }], "customer": { "tags": ["vip", "by name"] },
    });
    assert_eq!(seen, expected);
}

async fn tags_without_names_keep_existing_tags(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let tags = named("tag", LATE, "late");
    for (with_tags, status) in [(true, "snoozed"), (false, "open")] {
        let mut told = parcel_conversation();
        told["status"] = status.into();
        let (customers, conversations) = (customer(), conversation(&told));
        let mut given = vec![
            ("customers.ndjson", customers.as_str()),
            ("conversations.ndjson", conversations.as_str()),
        ];
        if with_tags {
            given.push(("tags.ndjson", tags.as_str()));
        }
        let report = run_of(&app, workspace, &KUSTOMER, files(&given).path()).await;
        assert_eq!(report.failed(), 0, "{report}");
        let told = left_out(&report, "conversations.ndjson");
        assert_eq!(told.contains("1 attributes.tags.0"), !with_tags, "{report}");
        // The end of a past snooze is not reported as omitted.
        assert!(told.iter().all(|told| !told.contains("snooze")), "{report}");
    }
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    assert_eq!(seen["tags"], json!(["late"]));
    assert_eq!(
        (&seen["status"], &seen["snoozedUntil"]),
        (&json!("OPEN"), &Value::Null)
    );
}

async fn strict_import_refuses_tags_without_names(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let folder = files(&[("customers.ndjson", &customer())]);
    let report = run_strict(&app, workspace, &KUSTOMER, folder.path()).await;
    let expected = ["1 attributes.tags.0", "1 attributes.tags.1"];
    assert_eq!(
        faults(&report, "customers.ndjson"),
        expected.map(str::to_owned).into()
    );
}

on_each_database!(
    a_kustomer_response_is_imported_completely,
    tags_without_names_keep_existing_tags,
    strict_import_refuses_tags_without_names,
);

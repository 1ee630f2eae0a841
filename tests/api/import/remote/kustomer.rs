//! The documented objects of Kustomer, from users to messages of conversations.

use deskgraph::import::remote::Site;
use serde_json::{Value, json};

use super::{client, stand_in, stand_in::*, sync};
use crate::{
    import::{counts, files, left_out, run_of},
    support::{TestApp, on_each_database},
};

const TAG: &str = "66f0a1b2c3d4e5f607182901";

fn data(kind: &str, id: &str) -> Value {
    json!({ "data": { "type": kind, "id": id } })
}

fn resource(kind: &str, id: &str, attributes: &Value, relationships: &Value) -> Value {
    json!({ "type": kind, "id": id, "attributes": attributes, "relationships": relationships })
}

fn message(id: &str, direction: &str, attributes: Value) -> Value {
    let mut told = json!({ "direction": direction, "channel": "email", "app": "postmark", "preview": id,
        "sentAt": "2026-03-01T10:00:00.000Z", "createdAt": "2026-03-01T10:00:05.000Z" });
    if let (Value::Object(told), Value::Object(attributes)) = (&mut told, attributes) {
        told.extend(attributes);
    }
    let relationships = json!({
        "conversation": data("conversation", "v1"), "customer": data("customers", "k1"),
        "createdBy": data("user", "u1"), "org": data("org", "o1"),
    });
    resource("message", id, &told, &relationships)
}

fn messages() -> Vec<Value> {
    let files = json!([{ "_id": "a1", "name": "label.pdf", "contentType": "application/pdf", "contentLength": 48213 }]);
    vec![
        message(
            "Where is it?",
            "in",
            json!({ "meta": { "from": "ida@example.org" }, "attachments": files }),
        ),
        message(
            "On its way.",
            "out",
            json!({ "meta": { "from": { "email": "help@example.org" } } }),
        ),
        message(
            "Thanks!",
            "in",
            json!({ "channel": "sms", "meta": { "from": "+15550100" } }),
        ),
    ]
}

/// One response for each list. The customers are on two pages.
fn kustomer(path: &str) -> Value {
    let nothing = json!({});
    let (list, next) = match path {
        "/v1/users?page=1&pageSize=100" => {
            let uma = json!({ "displayName": "Uma", "email": "uma@example.org" });
            (vec![resource("user", "u1", &uma, &nothing)], None)
        }
        "/v1/teams?page=1&pageSize=100" => (
            vec![resource("team", "g1", &json!({ "name": "Billing" }), &nothing)],
            None,
        ),
        "/v1/routing/queues?page=1&pageSize=100" => (
            vec![resource(
                "queue",
                "q1",
                &json!({ "displayName": "Parcels" }),
                &nothing,
            )],
            None,
        ),
        "/v1/tags?page=1&pageSize=100" => (
            vec![resource("tag", TAG, &json!({ "name": "late" }), &nothing)],
            None,
        ),
        "/v1/customers?page=1&pageSize=100" => {
            let ida = json!({ "name": "Ida", "emails": [{ "email": "ida@example.org" }] });
            let next = Some("/v1/customers?page=2&pageSize=100");
            (vec![resource("customer", "k1", &ida, &nothing)], next)
        }
        "/v1/customers?page=2&pageSize=100" => (
            vec![resource("customer", "k2", &json!({ "name": "Bo" }), &nothing)],
            None,
        ),
        "/v1/conversations?page=1&pageSize=100" => {
            let parcel = json!({ "name": "Parcel", "status": "open", "channels": ["email"], "tags": [TAG],
                "assignedUsers": ["u1"], "assignedTeams": ["g1"], "messageCount": 3 });
            let relationships = json!({ "customer": data("customers", "k1"), "queue": data("queue", "q1") });
            (
                vec![resource("conversation", "v1", &parcel, &relationships)],
                None,
            )
        }
        "/v1/messages?page=1&pageSize=100" => (messages(), None),
        other => panic!("{other}"),
    };
    let meta = json!({ "page": 1, "pageSize": 100, "total": list.len() });
    json!({ "data": list, "meta": meta, "links": { "self": path, "next": next } })
}

const QUERY: &str = "{ conversations { nodes { name channel tags assignees { name } teams { name } queue { name }
    messageCount messages { nodes { body direction senderEmail isInternal createdAt ticketId
    attachments { name contentType size } sender { __typename ... on Agent { name } ... on Customer { email } } } } } } }";

async fn all_documented_resources_are_imported_once(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let vendor = StandIn::start(|asked, _| stand_in::json(&kustomer(&asked.path).to_string())).await;
    let (client, waits) = client(&app, &vendor.url);
    for again in [false, true] {
        let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
        assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
        let each = |count| if again { [0, 0, count, 0] } else { [count, 0, 0, 0] };
        let expected = [
            ("users", each(1)),
            ("teams", each(1)),
            ("queues", each(1)),
            ("tags", [0, 0, 1, 0]),
            ("customers", each(2)),
            ("conversations", each(1)),
            ("messages", each(3)),
        ];
        assert_eq!(counts(&synced.report), expected, "{}", synced.report);
    }
    assert!(waits.lock().expect("a list").is_empty());
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    let sent = "2026-03-01T10:00:00.000Z";
    let message = |body: &str, direction: &str, sender_email: &str, sender: &Value, files: Value| {
        json!({ "body": body, "direction": direction, "senderEmail": sender_email, "isInternal": false, "createdAt": sent,
            "ticketId": null, "attachments": files, "sender": sender })
    };
    let ida = json!({ "__typename": "Customer", "email": "ida@example.org" });
    let uma = json!({ "__typename": "Agent", "name": "Uma" });
    let file = json!([{ "name": "label.pdf", "contentType": "application/pdf", "size": 48213 }]);
    let expected = json!({
        "name": "Parcel", "channel": "email", "tags": ["late"], "assignees": [{ "name": "Uma" }],
        "teams": [{ "name": "Billing" }], "queue": { "name": "Parcels" }, "messageCount": 3,
        "messages": { "nodes": [
            message("Where is it?", "INBOUND", "ida@example.org", &ida, file),
            message("On its way.", "OUTBOUND", "help@example.org", &uma, json!([])),
            message("Thanks!", "INBOUND", "", &ida, json!([])),
        ] },
    });
    assert_eq!(seen, expected);
}

async fn forbidden_resources_are_reported_and_others_imported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        if asked.path.contains("/tags?") || asked.path.contains("/messages?") {
            return answer("403 Forbidden", "", r#"{"errors":[{"title":"no permission"}]}"#);
        }
        if asked.path.contains("/queues?") {
            return answer("404 Not Found", "", "{}");
        }
        stand_in::json(&kustomer(&asked.path).to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    let expected = [
        ("users", [1, 0, 0, 0]),
        ("teams", [1, 0, 0, 0]),
        ("queues", [0, 0, 0, 1]),
        ("tags", [0, 0, 0, 1]),
        ("customers", [2, 0, 0, 0]),
        ("conversations", [1, 0, 0, 0]),
        ("messages", [0, 0, 0, 1]),
    ];
    assert_eq!(counts(&synced.report), expected, "{}", synced.report);
    let told = synced.report.to_string();
    assert!(
        told.contains("403 Forbidden: no permission")
            && told.contains("The rest of this resource was skipped."),
        "{told}"
    );
    let told = left_out(&synced.report, "conversations");
    assert!(told.contains("1 attributes.tags.0"), "{told:?}");
}

/// Tags are names that other lists refer to, so a resumed run reads them again.
async fn a_resumed_run_knows_the_tags(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let vendor = StandIn::start(|asked, before| {
        if asked.path.contains("/conversations?") && before < 7 {
            return answer("400 Bad Request", "", "{}");
        }
        stand_in::json(&kustomer(&asked.path).to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(synced.stopped.is_some());
    vendor.forget();
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(synced.stopped.is_some());
    assert_eq!(vendor.paths()[0], "/v1/tags?page=1&pageSize=100");
    for _ in 0..7 {
        sync(&app, workspace, &Site::Kustomer, &client).await;
    }
    let tags = app
        .ask(&admin, "{ conversations { nodes { tags } } }", json!({}))
        .await;
    assert_eq!(tags.at("/conversations/nodes/0/tags"), json!(["late"]));
}

/// No list of notes is documented. Files may contain them.
async fn imported_notes_are_hidden_from_customers(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let list = |path: &str| kustomer(path)["data"].to_string();
    let note = |id: &str, relationships: &Value| {
        resource(
            "note",
            id,
            &json!({ "body": id, "createdAt": "2026-03-02T10:00:00Z" }),
            relationships,
        )
    };
    let relationships = json!({ "conversation": data("conversation", "v1"), "customer": data("customer", "k1"), "createdBy": data("user", "u1") });
    let notes = json!([note("He is angry.", &relationships), note("lost", &json!({}))]).to_string();
    let folder = files(&[
        ("users.json", &list("/v1/users?page=1&pageSize=100")),
        ("customers.json", &list("/v1/customers?page=1&pageSize=100")),
        (
            "conversations.json",
            &list("/v1/conversations?page=1&pageSize=100"),
        ),
        ("messages.json", &list("/v1/messages?page=1&pageSize=100")),
        ("notes.json", &notes),
    ]);
    let report = run_of(&app, workspace, &deskgraph::import::KUSTOMER, folder.path()).await;
    assert_eq!(counts(&report)[3], ("messages.json", [3, 0, 0, 0]), "{report}");
    assert_eq!(counts(&report)[4], ("notes.json", [1, 0, 0, 1]), "{report}");
    let seen = app
        .ask(&admin, QUERY, json!({}))
        .await
        .at("/conversations/nodes/0");
    assert_eq!(seen["messageCount"], 3);
    let note = &seen["messages"]["nodes"][3];
    assert_eq!(
        (&note["body"], &note["isInternal"]),
        (&json!("He is angry."), &json!(true))
    );
    assert_eq!(note["sender"], json!({ "__typename": "Agent", "name": "Uma" }));
}

on_each_database!(
    all_documented_resources_are_imported_once,
    forbidden_resources_are_reported_and_others_imported,
    a_resumed_run_knows_the_tags,
    imported_notes_are_hidden_from_customers,
);

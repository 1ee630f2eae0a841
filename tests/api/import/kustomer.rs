//! Kustomer's objects from files.

use deskgraph::import::KUSTOMER;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{counts, faults, files, run_of, run_strict};
use crate::support::{TestApp, on_each_database};

const DOCUMENTED: &str = include_str!("../../vendors/kustomer/customer.json");

const CUSTOMERS: &str = "{ customers(orderBy: { field: NAME, direction: ASC }) { nodes {
    name displayName displayColor displayIcon externalId firstName lastName signedUpAt avatarUrl username email phone
    emails { email type isVerified isPrimary } phones { phone type isPrimary } tags customFields createdAt version } } }";

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn customer(id: &str, attributes: &Value) -> Value {
    json!({ "type": "customer", "id": id, "attributes": attributes })
}

fn conversation(id: &str, customer: &str, attributes: Value) -> Value {
    let Value::Object(mut attributes) = attributes else {
        panic!("attributes")
    };
    attributes.insert("customer".to_owned(), customer.into());
    json!({ "type": "conversation", "id": id, "attributes": attributes })
}

async fn the_documented_customer_is_imported_from_every_format(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let answer: Value = serde_json::from_str(DOCUMENTED).expect("JSON");
    let forms = [
        ("customers.json", DOCUMENTED.to_owned()),
        ("customers.json", json!([answer["data"]]).to_string()),
        ("customers.json", format!("\u{feff}{}", answer["data"])),
        ("customers.ndjson", line(&answer)),
        ("customers.ndjson", line(&answer["data"])),
        ("customers.ndjson", line(&json!({ "data": [answer["data"]] }))),
    ];
    for (number, (name, text)) in forms.into_iter().enumerate() {
        let folder = files(&[(name, &text)]);
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let expected = if number == 0 { [1, 0, 0, 0] } else { [0, 0, 1, 0] };
        assert_eq!(counts(&report), [(name, expected)], "{report}");
        assert!(report.files[0].unknown_fields.is_empty(), "{report}");
        let text = report.to_string();
        assert!(
            text.contains("attributes.emails.0.email: The value \"[email"),
            "{text}"
        );
    }
    let seen = app
        .ask(&admin, CUSTOMERS, json!({}))
        .await
        .at("/customers/nodes/0");
    let expected = json!({
        "name": "Jane Doe", "displayName": "Jane Doe", "displayColor": "blue", "displayIcon": "compass",
        "externalId": "59df762a921c59001021f409", "firstName": "Jane", "lastName": "Done", "signedUpAt": null,
        "avatarUrl": null, "username": null, "email": null, "emails": [], "phone": "+12065551234",
        "phones": [{ "phone": "+12065551234", "type": "home", "isPrimary": true }],
        "tags": [], "customFields": {}, "createdAt": "2026-01-01T12:00:00.000Z", "version": 1,
    });
    assert_eq!(seen, expected);
}

async fn customers_and_conversations_are_imported_and_updated(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = json!({
        "name": "Ann", "externalId": "x1", "signedUpAt": "2024-05-06T07:08:09Z", "tags": ["vip"], "custom": { "plan": "pro" },
        "emails": [
            { "email": "ann@example.com", "verified": true, "type": "work" },
            { "email": "ann@home.example", "verified": false, "type": "home" },
        ],
        "phones": [{ "phone": "+1", "type": "work" }, { "phone": "+2", "type": "home" }],
    });
    let by_relationship = json!({
        "type": "conversation", "id": "v2", "attributes": { "name": "Late", "status": "done" },
        "relationships": { "customer": { "data": { "type": "customer", "id": "k1" }, "links": {} }, "org": {}, "messages": {} },
        "links": { "self": "/v1/conversations/v2" },
    });
    let sleeping = json!({
        "name": "Broken", "channel": "chat", "status": "snoozed", "snoozedUntil": "2030-01-01T00:00:00Z",
        "tags": ["a"], "externalId": "o1", "custom": { "order": 7 }, "createdAt": "2025-01-01T00:00:00Z",
        "updatedAt": "2025-01-02T00:00:00Z",
    });
    let text = format!(
        "{}{}",
        line(&conversation("v1", "k1", sleeping.clone())),
        line(&by_relationship)
    );
    let folder = files(&[
        ("customers.ndjson", &line(&customer("k1", &ann))),
        ("conversations.ndjson", &text),
    ]);
    for again in [false, true] {
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let each = |count| if again { [0, 0, count, 0] } else { [count, 0, 0, 0] };
        let expected = [("customers.ndjson", each(1)), ("conversations.ndjson", each(2))];
        assert_eq!(counts(&report), expected, "{report}");
        assert!(
            report.files.iter().all(|file| file.unknown_fields.is_empty()),
            "{report}"
        );
    }
    let events = app.log(workspace).await.len();
    let query = "{ conversations(orderBy: { field: CREATED_AT, direction: ASC }) { nodes {
        name channel status snoozedUntil tags externalId customFields createdAt updatedAt version customer { email } } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/conversations/nodes");
    let expected = json!({
        "name": "Broken", "channel": "chat", "status": "SNOOZED", "snoozedUntil": "2030-01-01T00:00:00.000Z",
        "tags": ["a"], "externalId": "o1", "customFields": { "order": 7 }, "createdAt": "2025-01-01T00:00:00.000Z",
        "updatedAt": "2025-01-02T00:00:00.000Z", "version": 1, "customer": { "email": "ann@example.com" },
    });
    assert_eq!(seen[0], expected);
    assert_eq!(
        (&seen[1]["name"], &seen[1]["status"], &seen[1]["channel"]),
        (&json!("Late"), &json!("DONE"), &json!("api"))
    );

    let mut woken = sleeping;
    woken["status"] = json!("open");
    woken["name"] = json!(null);
    let folder = files(&[
        ("customers.ndjson", &line(&customer("k1", &ann))),
        ("conversations.ndjson", &line(&conversation("v1", "k1", woken))),
    ]);
    let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(
        counts(&report)[1],
        ("conversations.ndjson", [0, 1, 0, 0]),
        "{report}"
    );
    // Without the status, the end of the snooze is omitted too, which is reported.
    assert!(
        report.to_string().contains("attributes.snoozedUntil: "),
        "{report}"
    );
    let seen = app
        .ask(&admin, query, json!({}))
        .await
        .at("/conversations/nodes/0");
    assert_eq!(
        (&seen["name"], &seen["status"], &seen["snoozedUntil"]),
        (&json!(null), &json!("OPEN"), &json!(null))
    );
    assert_eq!(app.log(workspace).await.len(), events + 1);
}

async fn snoozes_without_a_future_time_are_opened_and_reported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let status = |status: &str| json!({ "name": "Chat", "status": status });
    let past = json!({ "name": "Past", "status": "snoozed", "snoozedUntil": "2025-01-01T00:00:00Z" });
    let folder = files(&[
        (
            "customers.ndjson",
            &line(&customer("k1", &json!({ "name": "Ann" }))),
        ),
        (
            "conversations.ndjson",
            &format!(
                "{}{}",
                line(&conversation("v1", "k1", status("snoozed"))),
                line(&conversation("v2", "k1", past))
            ),
        ),
    ]);
    let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(
        counts(&report)[1],
        ("conversations.ndjson", [2, 0, 0, 0]),
        "{report}"
    );
    assert!(
        report.to_string().contains("attributes.snoozedUntil: "),
        "{report}"
    );
    let query = "{ conversations { nodes { name status snoozedUntil } } }";
    let seen = async || app.ask(&admin, query, json!({})).await.at("/conversations/nodes");
    let open = |name: &str| json!({ "name": name, "status": "OPEN", "snoozedUntil": null });
    // Deskgraph wakes the conversation when it is due, and the next import does not change it.
    deskgraph::service::conversation::wake(&app.services)
        .await
        .expect("a look");
    let events = app.log(workspace).await.len();
    run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(app.log(workspace).await.len(), events);
    let mut rows = seen().await;
    rows.as_array_mut()
        .expect("rows")
        .sort_by_key(|row| row["name"].to_string());
    assert_eq!(rows, json!([open("Chat"), open("Past")]));
}

async fn opened_conversations_accept_later_changes_of_the_source(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let told = async |status: &str, until: Option<&str>| {
        let attributes = json!({ "name": "Chat", "status": status, "snoozedUntil": until });
        let folder = files(&[
            (
                "customers.ndjson",
                &line(&customer("k1", &json!({ "name": "Ann" }))),
            ),
            (
                "conversations.ndjson",
                &line(&conversation("v1", "k1", attributes)),
            ),
        ]);
        run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        let query = "{ conversations { nodes { status snoozedUntil } } }";
        app.ask(&admin, query, json!({}))
            .await
            .at("/conversations/nodes/0")
    };
    let wake = async || {
        let woken = deskgraph::service::conversation::wake(&app.services).await;
        woken.expect("a look");
    };
    told("snoozed", Some("2026-01-01T12:00:05.000Z")).await;
    app.clock_control.advance_ms(5_000);
    wake().await;
    let later = "2026-01-01T12:01:00.000Z";
    assert_eq!(
        told("snoozed", Some(later)).await,
        json!({ "status": "SNOOZED", "snoozedUntil": later })
    );
    app.clock_control.advance_ms(60_000);
    wake().await;
    // Simulates an import by an earlier version, which stored no values of the source.
    let forget = "UPDATE external_reference SET told = NULL";
    let forgotten = app.services.db.connection().execute_unprepared(forget).await;
    forgotten.expect("forgotten");
    assert_eq!(told("done", None).await["status"], "DONE");
}

async fn unknown_fields_are_reported_by_path(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let attributes =
        json!({ "name": "Ann", "shoeSize": 42, "emails": [{ "email": "a@example.com", "mood": 1 }] });
    let mut one = customer("k1", &attributes);
    one["relationships"] = json!({ "org": {}, "messages": {}, "brand": { "data": {} } });
    one["color"] = json!("red");
    let answer = json!({ "data": [one], "included": [], "links": {}, "meta": {} });
    let folder = files(&[("customers.ndjson", &line(&answer))]);
    let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(counts(&report), [("customers.ndjson", [1, 0, 0, 0])], "{report}");
    let unknown: Vec<_> = report.files[0].unknown_fields.keys().collect();
    let expected = [
        "attributes.emails.*.mood",
        "attributes.shoeSize",
        "color",
        "included",
        "relationships.brand",
    ];
    assert_eq!(unknown, expected);
}

async fn invalid_records_are_reported_by_line_and_field(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let fine = json!({ "name": "Ann", "emails": [{ "email": "ann@example.com" }] });
    let customers = [
        json!({ "type": "customer", "id": "k1" }),
        json!({ "type": "customer", "id": "k1", "attributes": null }),
        json!({ "type": "customer", "id": "k1", "attributes": [] }),
        json!({ "type": "conversation", "id": "k1", "attributes": fine }),
        json!({ "id": "k1", "attributes": fine }),
        json!({ "type": "customer", "attributes": fine }),
        customer("k1", &json!({ "emails": "ann@example.com" })),
        customer("k1", &json!({ "emails": [7] })),
        customer("k1", &json!({ "emails": [{ "type": "home" }] })),
        customer("k1", &json!({ "phones": [{ "phone": 7 }] })),
        customer("k1", &json!({ "signedUpAt": "yesterday", "displayName": 7 })),
        customer("k0", &json!({ "name": "x".repeat(301) })),
        customer("k1", &json!({ "custom": [] })),
        customer("k1", &fine),
        customer("k1", &fine),
        customer("k2", &fine),
    ];
    let mut text: String = customers.iter().map(line).collect();
    text.push_str("{\"data\": {\"type\": \"cust");
    let conversations: String = [
        conversation("v8", "nobody", json!({})),
        json!({ "type": "conversation", "id": "v1", "attributes": {} }),
        conversation("v1", "k1", json!({ "status": "closed" })),
        conversation("v9", "k1", json!({ "channel": "x".repeat(65) })),
        conversation("v1", "k1", json!({ "externalId": "o1" })),
        conversation("v2", "k1", json!({ "externalId": "o1" })),
    ]
    .iter()
    .map(line)
    .collect();
    let folder = files(&[
        ("customers.ndjson", &text),
        ("conversations.ndjson", &conversations),
    ]);
    for again in [false, true] {
        let report = run_strict(&app, workspace, &KUSTOMER, folder.path()).await;
        let one = if again { [0, 0, 1] } else { [1, 0, 0] };
        let with = |failed| [one[0], one[1], one[2], failed];
        let expected = [("customers.ndjson", with(16)), ("conversations.ndjson", with(5))];
        assert_eq!(counts(&report), expected, "{report}");
        let expected = [
            "1 attributes",
            "2 attributes",
            "3 attributes",
            "4 type",
            "5 type",
            "6 id",
            "7 attributes.emails",
            "8 attributes.emails.0",
            "9 attributes.emails.0.email",
            "10 attributes.phones.0.phone",
            "11 attributes.signedUpAt",
            "11 attributes.displayName",
            "12 attributes.name",
            "13 attributes.custom",
            "15 id",
            "16 attributes.emails.0.email",
            "17 ",
        ];
        assert_eq!(
            faults(&report, "customers.ndjson"),
            expected.map(str::to_owned).into()
        );
        let expected = [
            "1 attributes.customer",
            "2 attributes.customer",
            "3 attributes.status",
            "4 attributes.channel",
            "6 attributes.externalId",
        ];
        assert_eq!(
            faults(&report, "conversations.ndjson"),
            expected.map(str::to_owned).into()
        );
    }
}

async fn invalid_documents_are_reported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    for (text, field) in [
        ("", "1 "),
        ("<html>", "1 "),
        ("{\n\"data\": [\n", "3 "),
        ("7", "1 "),
        (r#"{"data": [{"type": "customer"}]}"#, "1 attributes"),
    ] {
        let folder = files(&[("customers.json", text)]);
        let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
        assert_eq!(report.failed(), 1, "{report}");
        assert!(
            faults(&report, "customers.json").contains(field),
            "{text}: {report}"
        );
    }
    let large = files(&[("customers.json", &" ".repeat(9 << 20))]);
    let report = run_of(&app, workspace, &KUSTOMER, large.path()).await;
    assert!(report.to_string().contains("larger than 8 MiB"), "{report}");
}

/// More customers on one line, and more addresses in a batch, than a statement has parameters.
async fn one_line_can_contain_a_large_response(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let address = |customer: usize, n: usize| json!({ "email": format!("c{customer}a{n}@example.com") });
    let of = |number: usize| {
        let emails: Vec<Value> = (0..25).map(|n| address(number, n)).collect();
        customer(&format!("c{number}"), &json!({ "name": "Ann", "emails": emails }))
    };
    let all: Vec<Value> = (0..1_600).map(of).collect();
    let folder = files(&[("customers.ndjson", &line(&json!({ "data": all })))]);
    let report = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(
        counts(&report),
        [("customers.ndjson", [1_600, 0, 0, 0])],
        "{report}"
    );
    let query = "{ customers { totalCount } customerByEmail(email: \"c1599a24@example.com\") { id } }";
    let found = app.ask(&admin, query, json!({})).await.data();
    assert_eq!(found["customers"]["totalCount"], 1_600);
    assert!(found["customerByEmail"]["id"].is_string());
    let again = run_of(&app, workspace, &KUSTOMER, folder.path()).await;
    assert_eq!(
        counts(&again),
        [("customers.ndjson", [0, 0, 1_600, 0])],
        "{again}"
    );
}

on_each_database!(
    one_line_can_contain_a_large_response,
    the_documented_customer_is_imported_from_every_format,
    customers_and_conversations_are_imported_and_updated,
    snoozes_without_a_future_time_are_opened_and_reported,
    opened_conversations_accept_later_changes_of_the_source,
    unknown_fields_are_reported_by_path,
    invalid_records_are_reported_by_line_and_field,
    invalid_documents_are_reported,
);

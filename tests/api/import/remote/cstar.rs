//! C-Star's tickets and their messages.

use std::sync::{Arc, Mutex};

use deskgraph::import::CSTAR;
use serde_json::{Value, json};

use super::{client, stand_in, stand_in::*, sync, team};
use crate::{
    import::{counts, files, left_out, run_of, run_strict},
    support::{TestApp, on_each_database},
};

const CUSTOMER: &str =
    r#"{"id":"cus_1","object":"customer","name":"Mara","email":"mara@example.org","sentiment":"positive"}"#;

fn ticket(id: &str, status: &str, count: usize) -> Value {
    json!({ "id": id, "object": "ticket", "title": "Refund", "status": status, "priority": "normal",
        "customerId": "cus_1", "customerName": "Mara", "assignedTo": "usr_1", "tags": ["billing"], "messageCount": count,
        "createdAt": "2026-03-30T10:00:00Z", "closedAt": (status == "resolved").then_some("2026-03-30T12:00:00Z"),
        "updatedAt": "2026-03-30T12:00:00Z" })
}

fn messages(ticket: &str, count: usize) -> Vec<Value> {
    let said = [
        ("Where is my money?", "customer", Some("Mara"), json!(false)),
        ("We look into it.", "agent", Some("Bob (Support)"), json!(false)),
        ("She is right.", "agent", Some("Bob (Support)"), json!(true)),
        ("SLA met", "system", None, json!(false)),
        ("Beep", "robot", None, json!(false)),
    ];
    let one = |(index, (content, sender, name, internal)): (usize, (&str, &str, Option<&str>, Value))| {
        json!({ "id": format!("{ticket}_{index}"), "ticketId": ticket, "content": content, "sender": sender,
            "senderName": name, "isInternal": internal, "createdAt": format!("2026-03-30T10:0{index}:00Z") })
    };
    said.into_iter().take(count).enumerate().map(one).collect()
}

const QUERY: &str = "{ tickets { nodes { subject status priority source resolvedAt tags assignee { name } customer { email } messageCount
    messages { nodes { body direction isInternal senderEmail senderName sender { __typename } } } } } }";

async fn tickets_and_their_messages_are_imported_once(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let tickets = Arc::new(Mutex::new(vec![ticket("tkt_1", "resolved", 5)]));
    let held = tickets.clone();
    let vendor = StandIn::start(move |asked, _| {
        let path = asked.path.as_str();
        let body = if path.ends_with("/tickets/tkt_1/messages") {
            let count = held.lock().expect("a list")[0]["messageCount"].as_u64().unwrap_or_default();
            let told = messages("tkt_1", usize::try_from(count).expect("a count"));
            json!({ "success": true, "data": told, "meta": { "requestId": "r" } })
        } else if path.contains("/tickets?") {
            let told = json!({ "requestId": "r", "pagination": { "page": 1, "pageSize": 20, "total": 1, "totalPages": 1 } });
            json!({ "success": true, "data": *held.lock().expect("a list"), "meta": told })
        } else {
            let customer: Value = serde_json::from_str(CUSTOMER).expect("JSON");
            json!({ "success": true, "data": [customer], "pagination": { "page": 1, "hasMore": false } })
        };
        stand_in::json(&body.to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    let expected = [
        ("customers", [1, 0, 0, 0]),
        ("tickets", [1, 0, 0, 0]),
        ("messages", [5, 0, 0, 0]),
    ];
    assert_eq!(counts(&synced.report), expected, "{}", synced.report);
    // Unknown enum values are omitted.
    assert_eq!(
        left_out(&synced.report, "customers"),
        ["1 sentiment".to_owned()].into()
    );
    assert_eq!(
        left_out(&synced.report, "messages"),
        ["5 sender".to_owned()].into()
    );
    let expected = [
        "/api/v1/teams/team%207/customers?page=1&pageSize=100",
        "/api/v1/teams/team%207/tickets?page=1&pageSize=100",
        "/api/v1/teams/team%207/tickets/tkt_1/messages",
    ];
    assert_eq!(vendor.paths(), expected);
    let seen = app.ask(&admin, QUERY, json!({})).await.at("/tickets/nodes/0");
    let message = |body: &str, direction: &str, internal: bool, name: Option<&str>, sender: Value| json!({ "body": body, "direction": direction, "isInternal": internal, "senderEmail": "", "senderName": name, "sender": sender });
    let bob = Some("Bob (Support)");
    let expected = json!({
        "subject": "Refund", "status": "SOLVED", "priority": "MEDIUM", "source": "api", "resolvedAt": "2026-03-30T12:00:00.000Z",
        "tags": ["billing"], "assignee": { "name": "usr_1" }, "customer": { "email": "mara@example.org" }, "messageCount": 2,
        "messages": { "nodes": [
            message("Where is my money?", "INBOUND", false, Some("Mara"), json!({ "__typename": "Customer" })),
            message("We look into it.", "OUTBOUND", false, bob, Value::Null),
            message("She is right.", "OUTBOUND", true, bob, Value::Null),
            message("SLA met", "OUTBOUND", true, None, Value::Null),
            message("Beep", "OUTBOUND", true, None, Value::Null),
        ] },
    });
    assert_eq!(seen, expected);

    // C-Star provides the number of messages. The messages of a ticket are read again if it has grown, for every
    // status.
    for (status, count, asked) in [
        ("resolved", 5, false),
        ("open", 5, true),
        ("open", 5, false),
        ("open", 4, true),
    ] {
        *tickets.lock().expect("a list") = vec![ticket("tkt_1", status, count)];
        vendor.forget();
        let synced = sync(&app, workspace, &team(), &client).await;
        assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
        let is_asked = vendor.paths().iter().any(|path| path.ends_with("/messages"));
        assert_eq!(is_asked, asked, "{status} {count}");
    }
}

async fn ticket_and_message_files_are_imported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let odd = json!({ "id": "tkt_2", "title": " ", "status": "waiting", "priority": "medium", "customerId": "cus_1" });
    let lost = json!({ "id": "tkt_3", "title": "Lost", "customerId": "cus_9" });
    let unsure =
        json!({ "id": "m", "ticketId": "tkt_2", "content": "?", "sender": "customer", "isInternal": "no" });
    let folder = files(&[
        ("customers.ndjson", CUSTOMER),
        (
            "tickets.json",
            &json!({ "data": [ticket("tkt_1", "new", 2), odd, lost] }).to_string(),
        ),
        ("messages.json", &json!([unsure]).to_string()),
    ]);
    let report = run_of(&app, workspace, &CSTAR, folder.path()).await;
    let expected = [
        ("customers.ndjson", [1, 0, 0, 0]),
        ("tickets.json", [2, 0, 0, 1]),
        ("messages.json", [1, 0, 0, 0]),
    ];
    assert_eq!(counts(&report), expected, "{report}");
    let expected = ["2 priority", "2 status", "2 title"];
    assert_eq!(
        left_out(&report, "tickets.json"),
        expected.map(str::to_owned).into()
    );
    assert_eq!(
        left_out(&report, "messages.json"),
        ["1 isInternal".to_owned()].into()
    );
    let report = run_strict(&app, workspace, &CSTAR, folder.path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [0, 0, 0, 1]), "{report}");
    assert_eq!(counts(&report)[1], ("tickets.json", [0, 0, 1, 2]), "{report}");
}

on_each_database!(
    tickets_and_their_messages_are_imported_once,
    ticket_and_message_files_are_imported,
);

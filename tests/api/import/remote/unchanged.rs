//! Messages of unchanged tickets are not read again, unless that could miss messages.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{client, keva, stand_in, stand_in::*, sync, sync_from};
use crate::support::{TestApp, on_each_database};

/// The tickets of the vendor.
type Tickets = Arc<Mutex<Vec<Value>>>;

fn ticket(id: &str, status: &str, updated_at: Option<&str>) -> Value {
    json!({ "id": id, "subject": "Help", "customerEmail": "ann@example.com", "status": status, "updatedAt": updated_at })
}

/// A vendor with these tickets, each with one message.
async fn vendor(tickets: &Tickets, message: impl Fn(&str) -> Value + Send + Sync + 'static) -> StandIn {
    let held = tickets.clone();
    StandIn::start(move |asked, _| {
        let path = asked.path.as_str();
        if path.starts_with("/api/customers?") {
            return stand_in::json(r#"{"customers":[],"total":0}"#);
        }
        if path.starts_with("/api/v1/tickets?") {
            let data = held.lock().expect("a list").clone();
            let told = json!({ "page": 1, "perPage": 100, "total": data.len() });
            return stand_in::json(&json!({ "data": data, "pagination": told }).to_string());
        }
        let ticket = path.split('/').nth(4).expect("a ticket");
        stand_in::json(&json!({ "data": [message(ticket)] }).to_string())
    })
    .await
}

fn message(ticket: &str) -> Value {
    json!({ "id": ticket, "ticketId": ticket, "senderEmail": "ann@example.com", "body": "Please." })
}

/// Returns the tickets whose messages were requested.
fn asked_for(vendor: &StandIn) -> Vec<String> {
    let paths = vendor.paths();
    vendor.forget();
    paths
        .iter()
        .filter(|path| path.ends_with("/messages"))
        .map(|path| path.split('/').nth(4).expect("a ticket").to_owned())
        .collect()
}

async fn messages_of_unchanged_tickets_are_not_requested(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let (then, later) = (Some("2026-01-01T10:00:00Z"), Some("2026-01-01T11:00:00Z"));
    let tickets: Tickets = Arc::new(Mutex::new(vec![
        ticket("a", "solved", then),
        ticket("b", "closed", then),
        ticket("c", "open", then),
        ticket("d", "solved", None),
    ]));
    let vendor = vendor(&tickets, message).await;
    let (client, _) = client(&app, &vendor.url);
    sync(&app, workspace, &keva(), &client).await;
    assert_eq!(asked_for(&vendor), ["a", "b", "c", "d"]);
    // An open ticket can have a new message without a change of the ticket. The last ticket has no time of change.
    let synced = sync(&app, workspace, &keva(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(asked_for(&vendor), ["c", "d"]);
    // A reply reopens a ticket.
    tickets.lock().expect("a list")[1] = ticket("b", "open", later);
    sync(&app, workspace, &keva(), &client).await;
    assert_eq!(asked_for(&vendor), ["b", "c", "d"]);
    tickets.lock().expect("a list")[1] = ticket("b", "closed", later);
    sync(&app, workspace, &keva(), &client).await;
    assert_eq!(asked_for(&vendor), ["b", "c", "d"]);
    sync(&app, workspace, &keva(), &client).await;
    assert_eq!(asked_for(&vendor), ["c", "d"]);
    sync_from(&app, workspace, &keva(), &client, true).await;
    assert_eq!(asked_for(&vendor), ["a", "b", "c", "d"]);
}

async fn failed_messages_are_requested_again(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let tickets: Tickets = Arc::new(Mutex::new(vec![
        ticket("a", "solved", Some("2026-01-01T10:00:00Z")),
        ticket("b", "solved", Some("2026-01-01T10:00:00Z")),
    ]));
    let vendor = vendor(&tickets, |id| {
        if id == "a" {
            json!({ "ticketId": id, "body": "without an id" })
        } else {
            message(id)
        }
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    for expected in [vec!["a", "b"], vec!["a"]] {
        let synced = sync(&app, workspace, &keva(), &client).await;
        assert_eq!(synced.report.failed(), 1, "{}", synced.report);
        assert_eq!(asked_for(&vendor), expected);
    }
}

/// A run can be interrupted between reading tickets and reading their messages.
async fn unread_messages_are_requested_by_the_next_run(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let tickets: Tickets = Arc::new(Mutex::new(vec![ticket(
        "a",
        "solved",
        Some("2026-01-01T10:00:00Z"),
    )]));
    let speaks = Arc::new(Mutex::new(false));
    let may = speaks.clone();
    let held = tickets.clone();
    let vendor = StandIn::start(move |asked, _| {
        let path = asked.path.as_str();
        if path.starts_with("/api/customers?") {
            return stand_in::json(r#"{"customers":[],"total":0}"#);
        }
        if path.starts_with("/api/v1/tickets?") {
            let data = held.lock().expect("a list").clone();
            return stand_in::json(
                &json!({ "data": data, "pagination": { "page": 1, "perPage": 100, "total": 1 } }).to_string(),
            );
        }
        if *may.lock().expect("a flag") {
            stand_in::json(&json!({ "data": [message("a")] }).to_string())
        } else {
            answer("403 Forbidden", "", "{}")
        }
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    for from_start in [false, true] {
        let synced = sync_from(&app, workspace, &keva(), &client, from_start).await;
        assert!(synced.stopped.is_some());
    }
    *speaks.lock().expect("a flag") = true;
    vendor.forget();
    let synced = sync(&app, workspace, &keva(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(asked_for(&vendor), ["a"]);
    sync(&app, workspace, &keva(), &client).await;
    assert!(asked_for(&vendor).is_empty());
}

on_each_database!(
    messages_of_unchanged_tickets_are_not_requested,
    failed_messages_are_requested_again,
    unread_messages_are_requested_by_the_next_run,
);

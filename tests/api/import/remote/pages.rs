//! Pagination of each vendor.

use deskgraph::import::remote::Site;
use serde_json::{Value, json};

use super::{asked_of, client, customers, keva, page, stand_in, stand_in::*, sync, team, why};
use crate::{
    import::counts,
    support::{TestApp, on_each_database},
};

fn resource(id: usize) -> Value {
    let email = format!("k{id}@example.com");
    json!({ "type": "customer", "id": format!("k{id}"), "attributes": { "name": "Ann", "emails": [{ "email": email }] } })
}

async fn all_pages_are_read(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| stand_in::json(&page(&asked.path, 4, 25))).await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(customers(&synced), [100, 0, 0, 0]);
    assert_eq!(asked_of(&vendor, "customers").len(), 4);
}

async fn links_are_followed(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        if !asked.path.contains("/customers?") {
            return stand_in::json(r#"{"data":[]}"#);
        }
        let next = asked.path.contains("page=1").then_some("/v1/customers?after=k1");
        let data = if next.is_some() {
            [resource(0), resource(1)]
        } else {
            [resource(2), resource(3)]
        };
        stand_in::json(&json!({ "data": data, "links": { "next": next } }).to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(customers(&synced), [4, 0, 0, 0]);
    let expected = ["/v1/customers?page=1&pageSize=100", "/v1/customers?after=k1"];
    assert_eq!(asked_of(&vendor, "customers"), expected);
}

async fn links_to_another_host_are_not_followed(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let other = StandIn::start(|_, _| stand_in::json("{}")).await;
    let elsewhere = format!("{}/v1/customers?after=k0", other.url);
    let vendor = StandIn::start(move |asked, _| {
        if !asked.path.contains("/customers?") {
            return stand_in::json(r#"{"data":[]}"#);
        }
        let body = json!({ "data": [resource(0)], "links": { "next": elsewhere } });
        stand_in::json(&body.to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(why(&synced).contains("another host"), "{}", why(&synced));
    assert_eq!(customers(&synced), [1, 0, 0, 0]);
    assert!(other.asked().is_empty());
}

async fn circular_links_are_reported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        let next = if asked.path.contains("page=1") {
            "/v1/users?b"
        } else {
            "/v1/users?page=1&pageSize=100"
        };
        stand_in::json(&json!({ "data": [], "links": { "next": next } }).to_string())
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
    assert!(
        why(&synced).contains("The vendor already named this page as the next page"),
        "{}",
        why(&synced)
    );
    assert_eq!(vendor.paths().len(), 2);
}

/// The id in the request for messages of a ticket comes from the vendor.
async fn a_missing_ticket_is_reported_and_others_imported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| match asked.path.as_str() {
        path if path.starts_with("/api/customers?") => stand_in::json(r#"{"customers":[],"total":0}"#),
        path if path.starts_with("/api/v1/tickets?") => {
            let ticket = |id: &str| json!({ "id": id, "subject": "Help", "customerEmail": "ann@example.com" });
            let data = [ticket("a/../b?c"), ticket("gone"), ticket("z")];
            let told = json!({ "page": 1, "perPage": 100, "total": 3 });
            stand_in::json(&json!({ "data": data, "pagination": told }).to_string())
        }
        "/api/v1/tickets/gone/messages" => answer("404 Not Found", "", r#"{"error":"no such ticket"}"#),
        path => {
            let ticket = if path.contains("/z/") { "z" } else { "a/../b?c" };
            let message =
                json!({ "id": ticket, "ticketId": ticket, "senderEmail": "ann@example.com", "body": "Please." });
            stand_in::json(&json!({ "data": [message] }).to_string())
        }
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &keva(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(
        counts(&synced.report)[2],
        ("messages", [2, 0, 0, 1]),
        "{}",
        synced.report
    );
    assert!(
        synced
            .report
            .to_string()
            .contains("The ticket \"gone\" no longer exists at the vendor.")
    );
    assert!(
        vendor
            .paths()
            .contains(&"/api/v1/tickets/a%2F..%2Fb%3Fc/messages".to_owned())
    );
}

async fn a_lone_surrogate_does_not_stop_a_sync(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        let page = page(&asked.path, 3, 2);
        let page = page.replace("Customer 3", r"Customer \ud83d");
        stand_in::json(&format!("\u{feff}{page}"))
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(customers(&synced), [6, 0, 0, 0]);
    let left_out = &synced.report.files[0].left_out;
    assert_eq!((left_out.len(), left_out[0].line), (1, 4));
}

on_each_database!(
    a_lone_surrogate_does_not_stop_a_sync,
    all_pages_are_read,
    links_are_followed,
    links_to_another_host_are_not_followed,
    circular_links_are_reported,
    a_missing_ticket_is_reported_and_others_imported,
);

//! The responses in the vendors' documentation, byte for byte.

use deskgraph::import::remote::Site;
use serde_json::json;

use super::{KEY, client, customers, keva, stand_in::*, sync, sync_from, team};
use crate::{
    import::counts,
    support::{TestApp, on_each_database},
};

const KEVA_CUSTOMERS: &str = include_str!("../../../vendors/keva/customers.json");
const KEVA_TICKETS: &str = include_str!("../../../vendors/keva/tickets.json");
const KEVA_MESSAGES: &str = include_str!("../../../vendors/keva/messages.json");
const KUSTOMER_CUSTOMER: &str = include_str!("../../../vendors/kustomer/customer.json");
const CSTAR_CUSTOMERS: &str = include_str!("../../../vendors/cstar/customers.json");

/// The documented pages are the first of several. The following pages are empty.
fn kevas_answer(asked: &ReceivedRequest) -> Reply {
    match asked.path.as_str() {
        "/api/customers?limit=100&offset=0" => json(KEVA_CUSTOMERS),
        "/api/customers?limit=100&offset=1" => json(r#"{"customers":[],"total":1,"limit":100,"offset":1}"#),
        "/api/v1/tickets?page=1&per_page=100" => json(KEVA_TICKETS),
        "/api/v1/tickets/tkt_abc123/messages" => json(KEVA_MESSAGES),
        path if path.starts_with("/api/v1/tickets?") => json(r#"{"data":[]}"#),
        _ => answer("404 Not Found", "", "{}"),
    }
}

async fn documented_keva_responses_are_imported_once(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let vendor = StandIn::start(|asked, _| kevas_answer(asked)).await;
    let (client, waits) = client(&app, &vendor.url);
    for again in [false, true] {
        let synced = sync(&app, workspace, &keva(), &client).await;
        assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
        let each = |count| if again { [0, 0, count, 0] } else { [count, 0, 0, 0] };
        let expected = [
            ("customers", each(1)),
            ("tickets", each(1)),
            ("messages", each(2)),
        ];
        assert_eq!(counts(&synced.report), expected, "{}", synced.report);
        assert!(
            synced
                .report
                .files
                .iter()
                .all(|file| file.unknown_fields.is_empty())
        );
    }
    assert!(waits.lock().expect("a list").is_empty());
    let asked = vendor.asked();
    let expected = [
        "/api/customers?limit=100&offset=0",
        "/api/customers?limit=100&offset=1",
        "/api/v1/tickets?page=1&per_page=100",
        "/api/v1/tickets?per_page=100&page=2",
        "/api/v1/tickets/tkt_abc123/messages",
    ];
    assert_eq!(vendor.paths(), [expected, expected].concat());
    for one in asked {
        assert!(
            one.head.contains(&format!("authorization: Bearer {KEY}\r\n")),
            "{}",
            one.head
        );
        assert!(one.head.contains("accept: application/json\r\n"), "{}", one.head);
    }
    let query = "{ tickets { nodes { subject customer { email } messages { nodes { body direction } } } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/tickets/nodes");
    assert_eq!(
        seen,
        json!([{
            "subject": "Cannot access my account", "customer": { "email": "customer@example.com" },
            "messages": { "nodes": [
                { "body": "I need help with my order", "direction": "INBOUND" },
                { "body": "Happy to help! Let me look into this.", "direction": "OUTBOUND" },
            ] },
        }])
    );
}

async fn the_documented_kustomer_response_is_imported_once(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        if asked.path == "/v1/customers?page=1&pageSize=100" {
            json(KUSTOMER_CUSTOMER)
        } else {
            json(r#"{"data":[],"links":{"next":null}}"#)
        }
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    for again in [false, true] {
        let synced = sync(&app, workspace, &Site::Kustomer, &client).await;
        assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
        let expected = if again { [0, 0, 1, 0] } else { [1, 0, 0, 0] };
        assert_eq!(customers(&synced), expected, "{}", synced.report);
        // The documentation obscures the address, so that it is not valid.
        let files = &synced.report.files;
        let file = files.iter().find(|file| file.name == "customers");
        let left_out = &file.expect("customers").left_out;
        assert_eq!(left_out.len(), 1);
        assert_eq!(left_out[0].field, "attributes.emails.0.email");
    }
}

async fn the_documented_cstar_response_is_imported_once(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| match asked.path.as_str() {
        "/api/v1/teams/team%207/customers?page=1&pageSize=100" => json(CSTAR_CUSTOMERS),
        "/api/v1/teams/team%207/customers?pageSize=100&page=2" => {
            json(r#"{"success":true,"data":[],"pagination":{"page":2,"hasMore":false}}"#)
        }
        path if path.contains("/tickets?") => {
            json(r#"{"data":[],"meta":{"pagination":{"page":1,"totalPages":0}}}"#)
        }
        _ => answer("404 Not Found", "", "{}"),
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    for again in [false, true] {
        let synced = sync_from(&app, workspace, &team(), &client, again).await;
        assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
        let expected = if again { [0, 0, 1, 0] } else { [1, 0, 0, 0] };
        assert_eq!(customers(&synced), expected, "{}", synced.report);
        assert!(synced.report.files[0].unknown_fields.is_empty());
    }
}

/// A server that repeats one response for every page would cause an endless run.
async fn a_repeated_page_is_reported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|_, _| json(CSTAR_CUSTOMERS)).await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(super::why(&synced).contains("The vendor returned page 1 instead of page 2."));
    assert_eq!(vendor.paths().len(), 2);
    assert_eq!(synced.report.files[0].created, 1);
}

on_each_database!(
    documented_keva_responses_are_imported_once,
    the_documented_kustomer_response_is_imported_once,
    the_documented_cstar_response_is_imported_once,
    a_repeated_page_is_reported,
);

//! Rate limits of vendors, with headers that contain the remaining requests.

use std::time::Duration;

use deskgraph::import::remote::Site;
use serde_json::json;

use super::{asked_of, client, keva, page, stand_in::*, sync, sync_from, team};
use crate::support::{TestApp, on_each_database};

/// The clock of a test node is at 2026-01-01T12:00:00Z.
const NOW: u64 = 1_767_268_800;

/// Returns a response with headers of a rate limit.
fn limited(body: &str, limit: u64, remaining: u64, reset: u64) -> Reply {
    let headers = format!(
        "content-type: application/json\r\nX-RateLimit-Limit: {limit}\r\nX-RateLimit-Remaining: {remaining}\r\nX-RateLimit-Reset: {reset}\r\n"
    );
    answer("200 OK", &headers, body)
}

/// Reads all data of a vendor and returns the seconds waited and the number of requests.
async fn waits(
    app: &TestApp,
    site: &Site,
    reply: impl Fn(&ReceivedRequest, usize) -> Reply + Send + Sync + 'static,
) -> (Vec<u64>, usize) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(reply).await;
    let (client, waits) = client(app, &vendor.url);
    let synced = sync(app, workspace, site, &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    let waits = waits.lock().expect("a list");
    (
        waits.iter().map(Duration::as_secs).collect(),
        asked_of(&vendor, "customers").len(),
    )
}

async fn the_last_request_of_a_minute_is_not_used(app: TestApp) {
    let (waits, asked) = waits(&app, &team(), |asked, before| {
        let remaining = [2, 1, 99, 98, 97][before];
        limited(&page(&asked.path, 4, 3), 100, remaining, NOW + 30)
    })
    .await;
    assert_eq!((waits, asked), (vec![30], 4));
}

async fn the_client_waits_as_the_vendor_requests(app: TestApp) {
    let (waits, asked) = waits(&app, &team(), |asked, before| match before {
        0 => answer("429 Too Many Requests", "retry-after: 3600\r\n", ""),
        // Without Retry-After, the client waits for the end of the window.
        1 => {
            let reset = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {}\r\n", NOW + 40);
            answer("429 Too Many Requests", &reset, "")
        }
        _ => json(&page(&asked.path, 1, 3)),
    })
    .await;
    assert_eq!((waits, asked), (vec![3_600, 40], 3));
}

async fn a_fifth_of_the_kustomer_limit_stays_unused(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| {
        let Some(rest) = asked.path.strip_prefix("/v1/customers") else {
            return json(r#"{"data":[]}"#);
        };
        let number: usize = rest
            .split("n=")
            .nth(1)
            .map_or(0, |number| number.parse().expect("a number"));
        let customer =
            json!({ "type": "customer", "id": format!("k{number}"), "attributes": { "name": "Ann" } });
        let next = (number < 2).then(|| format!("/v1/customers?n={}", number + 1));
        let body = json!({ "data": [customer], "links": { "next": next } }).to_string();
        limited(&body, 1_000, [201, 200, 900][number], NOW + 12)
    })
    .await;
    let (client, waits) = client(&app, &vendor.url);
    sync(&app, workspace, &Site::Kustomer, &client).await;
    let waits = waits.lock().expect("a list");
    assert_eq!(waits.iter().map(Duration::as_secs).collect::<Vec<_>>(), [12]);
}

async fn requests_to_keva_name_the_workspace(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let vendor = StandIn::start(|asked, _| match asked.path.as_str() {
        path if path.starts_with("/api/customers?") => json(r#"{"customers":[],"total":0}"#),
        _ => json(r#"{"data":[],"pagination":{"page":1,"perPage":100,"total":0}}"#),
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let named = Site::Keva {
        workspace: Some("ws_1 2".to_owned()),
    };
    let synced = sync(&app, workspace, &named, &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    let expected = [
        "/api/customers?limit=100&offset=0",
        "/api/v1/tickets?page=1&per_page=100&workspace_id=ws_1+2",
    ];
    assert_eq!(vendor.paths(), expected);
    for one in vendor.asked() {
        assert!(one.head.contains("x-workspace-id: ws_1 2\r\n"), "{}", one.head);
    }
    vendor.forget();
    sync_from(&app, workspace, &keva(), &client, true).await;
    for one in vendor.asked() {
        assert!(!one.head.contains("workspace"), "{}", one.head);
    }
    let odd = Site::Keva {
        workspace: Some("a\nb".to_owned()),
    };
    let synced = sync(&app, workspace, &odd, &client).await;
    assert!(super::why(&synced).starts_with("--keva-workspace: "));
}

on_each_database!(
    the_last_request_of_a_minute_is_not_used,
    the_client_waits_as_the_vendor_requests,
    a_fifth_of_the_kustomer_limit_stays_unused,
    requests_to_keva_name_the_workspace,
);

//! Endless lists and responses that are too large: the run ends with an error, and received objects stay.

use deskgraph::import::remote::Site;
use serde_json::{Value, json};

use super::{client, keva, page, row, stand_in::*, sync, team, why};
use crate::support::{TestApp, on_each_database, stand_in};

/// Returns the number of stored customers.
async fn customers(app: &TestApp, admin: &crate::support::Person) -> Value {
    let query = "{ customers { totalCount } }";
    app.ask(admin, query, json!({})).await.at("/customers/totalCount")
}

/// Reads a list and returns the number of requests, the reason why it ended, and the number of customers.
async fn read_until_end(
    app: &TestApp,
    site: &Site,
    say: impl Fn(&ReceivedRequest, usize) -> Reply + Send + Sync + 'static,
) -> (usize, String, Value) {
    let (workspace, admin) = app.admin().await;
    let vendor = StandIn::start(say).await;
    let (client, _) = client(app, &vendor.url);
    let synced = sync(app, workspace, site, &client).await;
    (vendor.paths().len(), why(&synced), customers(app, &admin).await)
}

async fn a_repeated_page_ends_the_list(app: TestApp) {
    // The response contains neither a page number nor a total, so only the objects show that the page is repeated.
    let (asked, why, count) = read_until_end(&app, &keva(), |_, _| {
        stand_in::json(&json!({ "customers": [row(1), row(2)] }).to_string())
    })
    .await;
    assert_eq!((asked, count), (2, json!(2)), "{why}");
    assert!(
        why.contains("GET /api/customers?limit=100&offset=2 (page 2)") && why.contains("the list has no end"),
        "{why}"
    );
}

async fn a_page_without_new_objects_ends_the_list(app: TestApp) {
    // The bytes and the order differ.
    let (asked, why, count) = read_until_end(&app, &team(), |_, before| {
        let mut data = vec![row(before % 3), row(3), row(4)];
        data.rotate_left(before % 3);
        let told = json!({ "hasMore": true, "pageSize": 3, "total": 1_000_000 });
        stand_in::json(&json!({ "data": data, "pagination": told, "at": before }).to_string())
    })
    .await;
    assert_eq!((asked, count), (4, json!(5)), "{why}");
    assert!(
        why.contains("The page contains 3 objects and no new one"),
        "{why}"
    );
}

async fn an_endless_list_of_empty_pages_ends(app: TestApp) {
    let (asked, why, _) = read_until_end(&app, &Site::Kustomer, |_, before| {
        let next = format!("/v1/customers?page={}", before + 2);
        stand_in::json(&json!({ "data": [], "links": { "next": next } }).to_string())
    })
    .await;
    assert_eq!(asked, 100, "{why}");
    assert!(why.contains("100th empty page in a row"), "{why}");
}

async fn an_oversized_object_ends_the_list_after_earlier_ones(app: TestApp) {
    for (large, reason) in [
        (
            json!("x".repeat(9 << 20)),
            "Object 2: The record is larger than 8 MiB.",
        ),
        (
            json!(vec![0; 100_000]),
            "Object 2: The record has more than 100000 values.",
        ),
    ] {
        let (asked, why, count) = read_until_end(&app, &team(), move |_, _| {
            let data = [row(1), json!({ "id": "c2", "tags": large }), row(3)];
            stand_in::json(&json!({ "data": data, "pagination": { "hasMore": false } }).to_string())
        })
        .await;
        assert_eq!(asked, 1);
        assert!(why.contains(reason), "{why}");
        assert!(count.as_u64().is_some_and(|count| count >= 1), "{count}");
    }
}

async fn each_number_in_place_of_an_object_is_reported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let zeros = vec!["0"; 50_000].join(",");
    let body = format!("{{\"data\":[{zeros}],\"pagination\":{{\"hasMore\":false}}}}");
    let vendor = StandIn::start(move |asked, _| {
        if asked.path.contains("/customers?") {
            stand_in::json(&body)
        } else {
            stand_in::json(&page(&asked.path, 1, 1))
        }
    })
    .await;
    let (client, _) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(synced.stopped.is_none(), "{:?}", synced.stopped);
    assert_eq!(synced.report.failed(), 50_000);
    assert_eq!(synced.report.files[0].faults.len(), 1_000);
}

async fn a_compressed_response_is_reported(app: TestApp) {
    let (asked, why, _) = read_until_end(&app, &team(), |_, _| {
        let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
        answer("200 OK", headers, "\u{1f}\u{8b}")
    })
    .await;
    assert_eq!(asked, 1);
    assert!(
        why.contains("The response has the content encoding gzip"),
        "{why}"
    );
}

async fn large_error_responses_are_read_within_a_bound(app: TestApp) {
    let (asked, why, count) = read_until_end(&app, &team(), |asked, before| {
        if before == 0 {
            let body = format!("{{\"error\":\"{}\"}}", "x".repeat(1 << 20));
            return answer("429 Too Many Requests", "retry-after: 1\r\n", &body);
        }
        if before < 3 {
            return stand_in::json(&page(&asked.path, 3, 2));
        }
        answer("403 Forbidden", "", &"[".repeat(1 << 20))
    })
    .await;
    assert_eq!((asked, count), (4, json!(4)), "{why}");
    assert!(
        why.contains("The vendor rejected the API key (403 Forbidden)"),
        "{why}"
    );
}

on_each_database!(
    a_repeated_page_ends_the_list,
    a_page_without_new_objects_ends_the_list,
    an_endless_list_of_empty_pages_ends,
    an_oversized_object_ends_the_list_after_earlier_ones,
    each_number_in_place_of_an_object_is_reported,
    a_compressed_response_is_reported,
    large_error_responses_are_read_within_a_bound,
);

//! Vendors that reject requests, ask to wait, close connections, or send invalid responses.

use std::time::Duration;

use deskgraph::{
    config::Secret,
    import::remote::{Client, SyncError},
};

use super::{KEY, asked_of, client, page, stand_in::*, sync, team, why};
use crate::support::TestApp;

/// Uses a special response for the first request and normal ones for the others. Returns the created rows, the
/// seconds waited, and the reason why the run stopped.
async fn run_with_first_reply(
    reply: impl Fn(usize) -> Option<Reply> + Send + Sync + 'static,
) -> (u64, Vec<f32>, String, usize) {
    let app = TestApp::sqlite().await;
    let (workspace, _) = app.admin().await;
    let vendor =
        StandIn::start(move |asked, before| reply(before).unwrap_or_else(|| json(&page(&asked.path, 2, 3))))
            .await;
    let (client, waits) = client(&app, &vendor.url);
    let synced = sync(&app, workspace, &team(), &client).await;
    let waits = waits
        .lock()
        .expect("a list")
        .iter()
        .map(Duration::as_secs_f32)
        .collect();
    let why = synced
        .stopped
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    assert!(!why.contains(KEY), "{why}");
    let asked = asked_of(&vendor, "customers").len();
    (synced.report.files[0].created, waits, why, asked)
}

#[tokio::test]
async fn a_refused_key_ends_the_sync_immediately() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let (created, waits, why, asked) = run_with_first_reply(move |_| {
            let body = format!(r#"{{"error":{{"message":"bad key {KEY}\u0007"}}}}"#);
            Some(answer(status, "content-type: application/json\r\n", &body))
        })
        .await;
        assert_eq!((created, waits.len(), asked), (0, 0, 1));
        assert!(
            why.contains(status) && why.contains("bad key ••• ") && why.contains("--api-key"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn a_refused_request_is_reported_with_the_vendor_message() {
    for status in [
        "422 Unprocessable Entity",
        "405 Method Not Allowed",
        "400 Bad Request",
        "404 Not Found",
    ] {
        let (_, waits, why, asked) = run_with_first_reply(move |_| {
            Some(answer(
                status,
                "",
                r#"{"errors":[{"title":"bad","detail":"pageSize is too large"}]}"#,
            ))
        })
        .await;
        assert_eq!((waits.len(), asked), (0, 1));
        assert!(
            why.contains(status) && why.contains("pageSize is too large"),
            "{why}"
        );
        assert!(
            why.contains("GET /api/v1/teams/team%207/customers?page=1&pageSize=100 (page 1)"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn the_retry_after_header_is_respected() {
    let (created, waits, why, asked) = run_with_first_reply(|before| match before {
        0 => Some(answer("429 Too Many Requests", "retry-after: 7\r\n", "")),
        1 => Some(answer(
            "429 Too Many Requests",
            "retry-after: Thu, 01 Jan 2026 12:00:30 GMT\r\n",
            "",
        )),
        2 => Some(answer("503 Service Unavailable", "retry-after: 2\r\n", "<html>")),
        _ => None,
    })
    .await;
    assert_eq!(
        (created, waits, why.as_str(), asked),
        (6, vec![7.0, 30.0, 2.0], "", 5)
    );
}

#[tokio::test]
async fn failed_requests_are_retried_with_backoff() {
    let (created, waits, why, asked) =
        run_with_first_reply(|_| Some(answer("500 Internal Server Error", "", "oops"))).await;
    assert_eq!((created, waits.len(), asked), (0, 7, 8));
    for (tries, wait) in (0..).zip(&waits) {
        let full = 2.0_f32.powi(tries).min(60.0);
        assert!((full / 2.0..=full).contains(wait), "{waits:?}");
    }
    assert!(
        why.contains("8 attempts failed") && why.contains("Run the same command again"),
        "{why}"
    );
}

#[tokio::test]
async fn truncated_responses_are_requested_again() {
    let whole = page("?page=1", 2, 3);
    let half = whole[..whole.len() / 2].to_owned();
    let (created, waits, why, asked) = run_with_first_reply(move |before| match before {
        // Fewer bytes than announced; no bytes; half a document with the announced length.
        0 => Some(cut(&half)),
        1 => Some(Reply::Bytes(Vec::new())),
        2 => Some(json(&half)),
        _ => None,
    })
    .await;
    assert_eq!((created, waits.len(), why.as_str(), asked), (6, 3, "", 5));
}

#[tokio::test]
async fn responses_other_than_json_are_reported() {
    let page = "<!doctype html><title>Sign in</title>";
    for reply in [
        ("content-type: text/html; charset=utf-8\r\n", page),
        ("content-type: application/json\r\n", page),
        ("", page),
        ("content-type: application/json\r\n", "{\"data\": [1,}"),
    ] {
        let (created, waits, why, _) =
            run_with_first_reply(move |_| Some(answer("200 OK", reply.0, reply.1))).await;
        assert_eq!((created, waits.len()), (0, 0));
        assert!(why.contains("JSON") && why.contains("--url"), "{why}");
        assert!(!why.contains("Sign in"), "{why}");
    }
    for body in [
        "{}",
        "[]",
        "null",
        "7",
        r#"{"data":7}"#,
        r#"{"success":false,"error":"no"}"#,
    ] {
        let (_, _, why, _) = run_with_first_reply(move |_| Some(json(body))).await;
        assert!(why.contains("contains no list of customers"), "{body}: {why}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = StandIn::start(|_, _| json("{}")).await;
    let location = format!("location: {}/\r\n", other.url);
    let (_, _, why, asked) = run_with_first_reply(move |_| Some(answer("302 Found", &location, ""))).await;
    assert!(why.contains("redirect"), "{why}");
    assert_eq!(asked, 1);
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn an_oversized_response_is_refused() {
    let (_, _, why, _) = run_with_first_reply(|_| Some(json(&" ".repeat(33 << 20)))).await;
    assert!(why.contains("larger than 32 MiB"), "{why}");
}

#[tokio::test]
async fn an_unreachable_vendor_is_reported() {
    let app = TestApp::sqlite().await;
    let (workspace, _) = app.admin().await;
    let (client, waits) = client(&app, "http://127.0.0.1:1");
    let synced = sync(&app, workspace, &team(), &client).await;
    assert!(matches!(synced.stopped, Some(SyncError::GaveUp { .. })));
    assert_eq!(waits.lock().expect("a list").len(), 7);
    assert!(why(&synced).contains("page 1"), "{}", why(&synced));
}

#[tokio::test]
async fn invalid_urls_and_keys_are_refused() {
    let app = TestApp::sqlite().await;
    let refused = |url: &str, key: &str| {
        let error = Client::new(url, Secret::new(key), app.services.clock.clone()).expect_err("refused");
        error.to_string()
    };
    for url in [
        "",
        "api.example.com",
        "ftp://a.example",
        "https://user:secret@a.example",
        "https://a.example/?key=1",
        "https://a.example/#x",
        "file:///etc/passwd",
    ] {
        let said = refused(url, KEY);
        assert!(
            said.starts_with("--url: ") && !said.contains("secret"),
            "{url}: {said}"
        );
    }
    for key in ["", "  ", "a\nb", "a\0"] {
        assert!(refused("https://a.example", key).starts_with("--api-key: "));
    }
}

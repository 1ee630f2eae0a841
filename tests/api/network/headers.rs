//! Headers of requests and responses.

use reqwest::{Method, Response};
use serde_json::json;

use super::Peer;
use crate::support::{Person, TestApp, on_each_database};

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.http().request(method, format!("{}{path}", app.url));
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn bearer(person: &Person) -> String {
    format!("Bearer {}", person.credential)
}

async fn unauthenticated_responses_name_the_scheme(app: TestApp) {
    let needed = r#"Bearer realm="deskgraph""#;
    let refused = r#"Bearer realm="deskgraph", error="invalid_token""#;
    for (credential, expected) in [
        (None, needed),
        (Some("Basic YTpi"), needed),
        (Some("Bearer nonsense"), refused),
    ] {
        let headers: Vec<_> = credential
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        for method in [Method::GET, Method::POST] {
            let headers = [&headers[..], &[("content-type", "application/json")]].concat();
            let answer = ask(&app, method, "/graphql?query={__typename}", &headers).await;
            assert_eq!(answer.status(), 401);
            assert_eq!(answer.headers()["www-authenticate"], expected, "{credential:?}");
        }
    }
    let (_, admin) = app.admin().await;
    let answer = app
        .post(Some(&admin.credential), r#"{"query":"{__typename}"}"#)
        .await;
    assert!(!answer.headers().contains_key("www-authenticate"));
}

async fn responses_forbid_caching_and_content_sniffing(app: TestApp) {
    let (_, admin) = app.admin().await;
    let bearer = bearer(&admin);
    let known = [("authorization", bearer.as_str())];
    let origin = [("origin", "https://evil.example")];
    for (method, path, headers, status) in [
        (Method::GET, "/graphql?query={__typename}", &known[..], 200),
        (Method::GET, "/graphql", &known, 400),
        (Method::POST, "/graphql", &known, 415),
        (Method::DELETE, "/graphql", &known, 405),
        (Method::GET, "/graphql", &[], 401),
        (Method::GET, "/graphql", &origin, 403),
        (Method::GET, "/nothing", &[], 404),
        (Method::GET, "/explorer/nothing", &[], 404),
        (Method::GET, "/health/live", &[], 204),
        (Method::GET, "/", &[], 200),
    ] {
        let answer = ask(&app, method, path, headers).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path} {status}");
        assert_eq!(
            answer.headers()["x-content-type-options"],
            "nosniff",
            "{path} {status}"
        );
    }
    let body = json!({ "query": "{ __typename }" }).to_string();
    let answer = app.post(Some(&admin.credential), &body).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    // A file of the explorer is the same for all viewers.
    let page = ask(&app, Method::GET, "/", &[])
        .await
        .text()
        .await
        .expect("a page");
    let file = page
        .split('"')
        .find(|text| text.starts_with("/explorer/") && text.contains("?v="));
    let file = ask(&app, Method::GET, file.expect("a file"), &[]).await;
    assert_eq!(
        file.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(file.headers()["x-content-type-options"], "nosniff");
}

async fn incomplete_upgrade_requests_are_answered_with_426(app: TestApp) {
    let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let (asks, says) = (("connection", "Upgrade"), ("upgrade", "websocket"));
    // Requests without hop-by-hop headers, which a proxy may remove, and with an unsupported version.
    for headers in [
        &[key, ("sec-websocket-version", "13")][..],
        &[key, ("sec-websocket-version", "13"), says],
        &[key, ("sec-websocket-version", "8"), asks, says],
    ] {
        let answer = ask(&app, Method::GET, "/graphql", headers).await;
        assert_eq!(answer.status(), 426, "{headers:?}");
        assert_eq!(answer.headers()["upgrade"], "websocket");
        assert_eq!(answer.headers()["connection"], "upgrade");
        assert_eq!(answer.headers()["sec-websocket-version"], "13");
        let body: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    let (_, admin) = app.admin().await;
    let known = [("authorization", bearer(&admin))];
    let known = [(known[0].0, known[0].1.as_str())];
    let answer = ask(&app, Method::GET, "/graphql?query={__typename}", &known).await;
    assert_eq!(answer.status(), 200);
}

on_each_database!(
    unauthenticated_responses_name_the_scheme,
    responses_forbid_caching_and_content_sniffing,
    incomplete_upgrade_requests_are_answered_with_426,
);

#[tokio::test]
async fn a_request_must_have_exactly_one_host() {
    let app = TestApp::sqlite().await;
    for (text, status) in [
        ("GET /health/live HTTP/1.1\r\n\r\n", "400"),
        (
            "GET /health/live HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
            "400",
        ),
        (
            "GET /graphql HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n",
            "400",
        ),
        ("GET /health/live HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", "204"),
        ("GET /health/live HTTP/1.0\r\n\r\n", "204"),
    ] {
        let mut peer = Peer::of(&app).await;
        peer.send(text).await;
        let heard = peer.receive().await;
        let told = heard.split(' ').nth(1).unwrap_or_default();
        assert_eq!(told, status, "{text}: {heard}");
    }
}

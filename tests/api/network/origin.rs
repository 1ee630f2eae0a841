//! Requests from pages of other origins.

use deskgraph::config::Origin;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

const ALLOWED: &str = "https://support.example.com";
const OTHER: &str = "https://evil.example";
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn app() -> (TestApp, Person) {
    let app = TestApp::sqlite_with(|settings| {
        settings.origins = vec![Origin::try_from(ALLOWED.to_owned()).expect("an origin")];
    })
    .await;
    let (_, admin) = app.admin().await;
    (app, admin)
}

async fn ask(app: &TestApp, admin: &Person, origin: &str) -> Response {
    let request = app
        .http()
        .post(format!("{}/graphql", app.url))
        .header("origin", origin);
    let request = request
        .bearer_auth(&admin.credential)
        .json(&json!({ "query": "{ viewer { kind } }" }));
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn a_configured_origin_can_send_requests() {
    let (app, admin) = app().await;
    let answer = ask(&app, &admin, ALLOWED).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], ALLOWED);
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    let exposed = answer.headers()["access-control-expose-headers"]
        .to_str()
        .expect("text");
    for header in ["retry-after", "x-request-id", "www-authenticate"] {
        assert!(exposed.contains(header), "{exposed}");
    }
}

#[tokio::test]
async fn the_own_origin_can_send_requests() {
    let (app, admin) = app().await;
    assert_eq!(ask(&app, &admin, &app.url).await.status(), 200);
}

#[tokio::test]
async fn other_origins_are_refused_before_any_statement() {
    let (app, admin) = app().await;
    app.statements.take();
    for origin in [OTHER, "null", "http://127.0.0.1:1"] {
        let answer = ask(&app, &admin, origin).await;
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    assert!(app.statements.take().is_empty());
}

#[tokio::test]
async fn a_preflight_lists_the_allowed_headers() {
    let (app, _) = app().await;
    let preflight = async |origin: &str| {
        let request = app
            .http()
            .request(Method::OPTIONS, format!("{}/graphql", app.url))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,last-event-id",
            );
        request.send().await.expect("an answer")
    };
    let clients = "apollographql-client-name,apollo-require-preflight,traceparent,tracestate,baggage";
    let request = app
        .http()
        .request(Method::OPTIONS, format!("{}/graphql", app.url))
        .header("origin", ALLOWED)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", clients);
    let told = request.send().await.expect("an answer");
    assert_eq!(told.headers()["access-control-allow-headers"], clients);
    let told = preflight(ALLOWED).await;
    assert_eq!(told.status(), 200);
    assert_eq!(told.headers()["access-control-allow-origin"], ALLOWED);
    let headers = told.headers()["access-control-allow-headers"]
        .to_str()
        .expect("text")
        .to_lowercase();
    for header in ["authorization", "content-type", "last-event-id"] {
        assert!(headers.contains(header), "{headers}");
    }
    assert!(
        !preflight(OTHER)
            .await
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn only_allowed_origins_can_open_sockets() {
    let (app, _) = app().await;
    for (origin, expected) in [
        (ALLOWED, None),
        (app.url.as_str(), None),
        (OTHER, Some(403)),
        ("null", Some(403)),
    ] {
        let refused = app.upgrade(&[PROTOCOL, ("origin", origin)]).await.err();
        assert_eq!(refused, expected, "{origin}");
    }
}

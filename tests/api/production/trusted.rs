//! Trusted documents: selected by name, and as the only allowed documents.

use std::io::Write;

use deskgraph::{
    app::{App, StartError},
    clock::Clock,
    config::Settings,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{everywhere, file, get, refused};
use crate::support::{Answer, Person, TestApp};

const KIND: &str = "query Kind { viewer { kind } }";
const CREATE: &str =
    "mutation Create($input: CustomerInput!) { customerCreate(input: $input) { customer { id } } }";
const WATCH: &str = "subscription Watch($after: ChangeCursor) { changes(after: $after) { changeCursor } }";

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn by_hash(text: &str) -> Value {
    json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash(text) } } })
}

fn operation(kind: &str, body: &str) -> Value {
    json!({ "id": hash(body), "name": "Any", "type": kind, "body": body })
}

/// A manifest in the format of Apollo's tool.
fn apollo() -> String {
    let operations = [
        operation("query", KIND),
        operation("mutation", CREATE),
        operation("subscription", WATCH),
    ];
    json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": operations }).to_string()
}

async fn node(manifest: &str, only: bool, change: impl FnOnce(&mut Settings)) -> (TestApp, Person) {
    let file = file(manifest);
    let app = TestApp::sqlite_with(|settings| {
        settings.trusted_documents = Some(file.path().to_owned());
        settings.trusted_documents_only = only;
        change(settings);
    })
    .await;
    let (_, admin) = app.admin().await;
    (app, admin)
}

#[tokio::test]
async fn a_trusted_document_runs_over_every_transport() {
    for only in [false, true] {
        let (app, admin) = node(&apollo(), only, |_| ()).await;
        for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
            assert_eq!(answer, json!({ "data": { "viewer": { "kind": "AGENT" } } }));
        }
    }
}

#[tokio::test]
async fn a_document_id_can_be_any_text() {
    let manifest = json!({ "9f2c-any": KIND }).to_string();
    let (app, admin) = node(&manifest, true, |_| ()).await;
    let prefixed = format!("sha256:{}", hash(KIND));
    for request in [
        json!({ "documentId": "9f2c-any" }),
        json!({ "documentId": prefixed }),
        json!({ "documentId": "9f2c-any", "query": KIND }),
        json!({ "documentId": hash(KIND).to_uppercase() }),
        by_hash(KIND),
    ] {
        for answer in everywhere(&app, &admin, &request).await {
            assert_eq!(answer["data"]["viewer"]["kind"], "AGENT", "{request}: {answer}");
        }
    }
}

#[tokio::test]
async fn strict_mode_runs_only_trusted_documents() {
    let (app, admin) = node(&apollo(), true, |_| ()).await;
    let other = "{ viewer { kind } }";
    let mut with_hash = by_hash(other);
    with_hash["query"] = Value::from(other);
    let almost = format!("{KIND} ");
    for (request, code) in [
        (json!({ "query": other }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "query": almost }), "DOCUMENT_NOT_TRUSTED"),
        (json!({ "query": "{ not even" }), "DOCUMENT_NOT_TRUSTED"),
        (with_hash, "DOCUMENT_NOT_TRUSTED"),
        // The document of the earlier request was not registered either.
        (by_hash(other), "PERSISTED_QUERY_NOT_FOUND"),
        (
            json!({ "query": "subscription { changes { changeCursor } }" }),
            "DOCUMENT_NOT_TRUSTED",
        ),
    ] {
        app.statements.take();
        let is_subscription = request["query"]
            .as_str()
            .is_some_and(|text| text.starts_with("subscription"));
        for (n, answer) in everywhere(&app, &admin, &request).await.iter().enumerate() {
            // Subscriptions are not allowed by GET.
            let expected = if is_subscription && n == 1 {
                "BAD_USER_INPUT"
            } else {
                code
            };
            assert_eq!(refused(answer).0, expected, "{request}");
        }
        assert_eq!(app.statements.take(), Vec::<String>::new());
    }
    // A trusted document may also be sent as text.
    for answer in everywhere(&app, &admin, &json!({ "query": KIND })).await {
        assert_eq!(answer["data"]["viewer"]["kind"], "AGENT");
    }
}

#[tokio::test]
async fn strict_mode_checks_every_request_of_a_batch() {
    let (app, admin) = node(&apollo(), true, |settings| settings.batch_max = 3).await;
    let list = json!([by_hash(KIND), { "query": "{ viewer { kind } }" }, { "query": KIND }]);
    let response = app.post(Some(&admin.credential), &list.to_string()).await;
    let answers: Value = response.json().await.expect("JSON");
    assert_eq!(refused(&answers[1]).0, "DOCUMENT_NOT_TRUSTED");
    for n in [0, 2] {
        assert_eq!(answers[n]["data"]["viewer"]["kind"], "AGENT");
    }
}

#[tokio::test]
async fn a_trusted_mutation_is_refused_over_get() {
    let (app, admin) = node(&apollo(), true, |_| ()).await;
    let mut request = by_hash(CREATE);
    request["variables"] = json!({ "input": { "email": "a@example.com" } });
    assert_eq!(get(&app, &admin, &request).await.status(), 405);
    let posted = Answer::read(app.post(Some(&admin.credential), &request.to_string()).await).await;
    posted.text("/customerCreate/customer/id");
}

#[tokio::test]
async fn subscriptions_by_hash_and_text_share_one_execution() {
    let (app, _) = node(&apollo(), true, |_| ()).await;
    let (workspace, admin) = app.admin().await;
    // With a cursor, a subscription receives the event even if it starts after the write.
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut sockets = Vec::new();
    for mut request in [by_hash(WATCH), json!({ "query": WATCH })] {
        request["variables"] = json!({ "after": start.to_string() });
        let mut socket = app.socket(&admin).await;
        socket
            .send(&json!({ "type": "subscribe", "id": "1", "payload": request }))
            .await;
        // A query is answered while the subscription is open.
        socket.begin("2", KIND, &json!({})).await;
        socket.data("2").await;
        socket.message().await;
        sockets.push(socket);
    }
    let mut request = by_hash(CREATE);
    request["variables"] = json!({ "input": { "email": "a@example.com" } });
    app.post(Some(&admin.credential), &request.to_string()).await;
    let mut heard = Vec::new();
    for socket in &mut sockets {
        heard.push(socket.data("1").await);
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn an_invalid_document_file_prevents_the_start() {
    let good = TestApp::sqlite().await;
    let wrong_hash = json!({ hash(KIND): CREATE }).to_string();
    for (manifest, sentence) in [
        ("rubbish".to_owned(), "The file is not valid JSON"),
        ("{}".to_owned(), "The file contains no document."),
        ("[]".to_owned(), "The file is neither an Apollo persisted query manifest nor"),
        (
            json!({ "one": "{ viewer {" }).to_string(),
            "document one: Syntax error",
        ),
        (
            json!({ "one": KIND, "two": "{ tickts { id } }" }).to_string(),
            "document two: Cannot query field \"tickts\"",
        ),
        (
            json!({ "deep": format!("{{ teams {{ nodes {{ {} id {} }} }} }}", "agents { teams { ".repeat(10), "} }".repeat(10)) })
                .to_string(),
            "document deep: Fields are nested 23 deep",
        ),
        (
            json!({ "costly": "{ teams(first: 100) { nodes { agents { teams { agents { id } } } } } }" }).to_string(),
            "document costly: The request can cost",
        ),
        (
            json!({ "several": "query A { viewer { kind } } query B { __schema { types { name } } }" })
                .to_string(),
            "document several: Introspection is disabled",
        ),
        (
            json!({ "two": "subscription { a: changes { changeCursor } b: changes { changeCursor } }" }).to_string(),
            "document two: A subscription selects exactly one field",
        ),
        (wrong_hash, "The id has the form of a SHA-256 hash"),
    ] {
        let file = file(&manifest);
        let settings = Settings {
            trusted_documents: Some(file.path().to_owned()),
            introspection: false,
            ..good.settings.clone()
        };
        let Err(StartError::Documents(error)) = App::build(&settings, Clock::system()).await else {
            panic!("started with {manifest}")
        };
        let told = error.to_string();
        assert!(
            told.starts_with("trusted_documents: ") && told.contains(sentence),
            "{told}"
        );
    }
}

#[tokio::test]
async fn an_oversized_document_file_is_not_read_completely() {
    let good = TestApp::sqlite().await;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..17 {
        file.write_all(&spaces).expect("written");
    }
    let settings = Settings {
        trusted_documents: Some(file.path().to_owned()),
        ..good.settings.clone()
    };
    let Err(StartError::Documents(error)) = App::build(&settings, Clock::system()).await else {
        panic!("started")
    };
    assert!(
        error.to_string().contains("is larger than 16777216 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn limits_apply_to_trusted_documents() {
    let document = "query Many($first: Int) { tickets(first: $first) { nodes { messages(first: $first) { nodes { id } } } } }";
    let (app, admin) = node(&json!({ "many": document }).to_string(), true, |settings| {
        settings.query_cost_max = 5_000;
    })
    .await;
    let request = json!({ "documentId": "many", "variables": { "first": 100 } });
    for answer in everywhere(&app, &admin, &request).await {
        assert_eq!(refused(&answer).0, "QUERY_TOO_COSTLY");
    }
}

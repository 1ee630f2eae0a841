//! Automatic persisted queries: clients register documents with their hash and then send only the hash.

use deskgraph::config::Settings;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{everywhere, get, refused};
use crate::support::{Answer, TestApp, on_each_database};

const KIND: &str = "query Kind { viewer { kind } }";
const NOT_FOUND: (&str, &str) = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");

fn by_hash(text: &str) -> Value {
    let digest = Sha256::digest(text);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

fn with_text(text: &str) -> Value {
    let mut request = by_hash(text);
    request["query"] = Value::from(text);
    request
}

fn as_strs(told: &(String, String)) -> (&str, &str) {
    (&told.0, &told.1)
}

async fn a_document_is_registered_for_every_transport(app: TestApp) {
    let (_, admin) = app.admin().await;
    for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
        assert_eq!(as_strs(&refused(&answer)), NOT_FOUND);
    }
    let first = app
        .post(Some(&admin.credential), &with_text(KIND).to_string())
        .await;
    assert_eq!(Answer::read(first).await.text("/viewer/kind"), "AGENT");
    for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
        assert_eq!(answer, json!({ "data": { "viewer": { "kind": "AGENT" } } }));
    }
}

async fn a_document_with_another_hash_is_not_registered(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut request = by_hash(KIND);
    request["query"] = Value::from("{ __typename }");
    for answer in everywhere(&app, &admin, &request).await {
        let (code, message) = refused(&answer);
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(
            message.starts_with("extensions.persistedQuery.sha256Hash: "),
            "{message}"
        );
    }
    for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
        assert_eq!(as_strs(&refused(&answer)), NOT_FOUND);
    }
}

async fn malformed_persisted_query_extensions_are_refused_by_path(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (named, place) in [
        (
            json!({ "version": 2, "sha256Hash": "a" }),
            "extensions.persistedQuery.version",
        ),
        (json!({ "version": 1 }), "extensions.persistedQuery.sha256Hash"),
        (
            json!({ "version": 1, "sha256Hash": 3 }),
            "extensions.persistedQuery.sha256Hash",
        ),
        (json!("rubbish"), "extensions.persistedQuery"),
    ] {
        let request = json!({ "extensions": { "persistedQuery": named } });
        for answer in everywhere(&app, &admin, &request).await {
            let (code, message) = refused(&answer);
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.starts_with(&format!("{place}: ")), "{message}");
        }
    }
}

async fn unauthenticated_callers_store_no_documents(app: TestApp) {
    let (_, admin) = app.admin().await;
    let refused_at_the_door = app.post(None, &with_text(KIND).to_string()).await;
    assert_eq!(refused_at_the_door.status(), 401);
    let stranger = app.http().get(format!(
        "{}/graphql?query=%7Bviewer%7Bkind%7D%7D&extensions={}",
        app.url,
        by_hash("{viewer{kind}}")["extensions"]
    ));
    assert_eq!(stranger.send().await.expect("an answer").status(), 401);
    for text in [KIND, "{viewer{kind}}"] {
        let asked = get(&app, &admin, &by_hash(text)).await;
        assert_eq!(as_strs(&refused(&Answer::read(asked).await.body)), NOT_FOUND);
    }
}

async fn invalid_and_excessive_documents_are_not_registered(app: TestApp) {
    let (_, admin) = app.admin().await;
    let deep = format!("{{ {} id {} }}", "a { ".repeat(20), "}".repeat(20));
    for text in [deep.as_str(), "{ rubbish"] {
        app.post(Some(&admin.credential), &with_text(text).to_string())
            .await;
        let asked = app
            .post(Some(&admin.credential), &by_hash(text).to_string())
            .await;
        assert_eq!(as_strs(&refused(&Answer::read(asked).await.body)), NOT_FOUND);
    }
}

on_each_database!(
    a_document_is_registered_for_every_transport,
    a_document_with_another_hash_is_not_registered,
    malformed_persisted_query_extensions_are_refused_by_path,
    unauthenticated_callers_store_no_documents,
    invalid_and_excessive_documents_are_not_registered,
);

#[tokio::test]
async fn registered_documents_do_not_evict_trusted_ones() {
    let trusted = super::file(&json!({ "kind": KIND }).to_string());
    let app = TestApp::sqlite_with(|settings: &mut Settings| {
        settings.trusted_documents = Some(trusted.path().to_owned());
        settings.persisted_documents_bytes_max = 16 << 10;
    })
    .await;
    let (_, admin) = app.admin().await;
    let other = |n: usize| format!("query Other{n} {{ viewer {{ kind }} }}");
    for n in 0..100 {
        app.post(Some(&admin.credential), &with_text(&other(n)).to_string())
            .await;
    }
    let asked = |text: String| {
        let (app, admin) = (&app, &admin);
        async move {
            let answer = app
                .post(Some(&admin.credential), &by_hash(&text).to_string())
                .await;
            Answer::read(answer).await.body.get("errors").is_none()
        }
    };
    assert!(asked(KIND.to_owned()).await, "trusted");
    assert!(asked(other(99)).await, "the newest document is stored");
    let mut stored = 0;
    for n in 0..100 {
        stored += usize::from(asked(other(n)).await);
    }
    assert!((20..90).contains(&stored), "{stored} documents are stored");
}

#[tokio::test]
async fn a_node_without_registration_reports_unsupported_hashes() {
    let app =
        TestApp::sqlite_with(|settings: &mut Settings| settings.persisted_documents_bytes_max = 0).await;
    let (_, admin) = app.admin().await;
    let expected = ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported");
    for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
        assert_eq!(as_strs(&refused(&answer)), expected);
    }
    let sent = app
        .post(Some(&admin.credential), &with_text(KIND).to_string())
        .await;
    assert_eq!(Answer::read(sent).await.text("/viewer/kind"), "AGENT");
    for answer in everywhere(&app, &admin, &by_hash(KIND)).await {
        assert_eq!(as_strs(&refused(&answer)), expected);
    }
}

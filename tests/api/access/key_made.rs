//! API keys over the API: create, list, rotate, revoke; permissions, and the secrecy of keys.

use deskgraph::{auth::Grant, store::api_key as store};
use entity::api_key;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{accepted, asked, refused};
use crate::support::{Person, START, TestApp, on_each_database, text};

pub const DAY_MS: i64 = 86_400_000;
pub const CREATE: &str = "mutation($input: ApiKeyCreateInput!, $key: String) { apiKeyCreate(input: $input, idempotencyKey: $key) { \
                      apiKey { id name prefix grants workspaces { id } lastUsedAt expiresAt revokedAt } token \
                      userErrors { code path existingId } } }";
pub const ROTATE: &str = "mutation($id: ID!, $input: ApiKeyRotateInput, $key: String) { \
                      apiKeyRotate(id: $id, input: $input, idempotencyKey: $key) { \
                      apiKey { id name prefix grants workspaces { id } expiresAt } token \
                      replaced { id expiresAt replacedBy { id } } userErrors { code path existingId } } }";
pub const LIST: &str = "{ apiKeys { id name replacedBy { id } } }";

pub async fn make(app: &TestApp, person: &Person, input: Value) -> Value {
    let answer = app.ask(person, CREATE, json!({ "input": input })).await;
    let payload = answer.at("/apiKeyCreate");
    assert_eq!(payload["userErrors"], json!([]));
    payload
}

pub async fn rotate(app: &TestApp, person: &Person, id: &Value, input: Value) -> Value {
    let answer = app.ask(person, ROTATE, json!({ "id": id, "input": input })).await;
    let payload = answer.at("/apiKeyRotate");
    assert_eq!(payload["userErrors"], json!([]));
    payload
}

/// Returns code and path of each user error of a mutation.
pub async fn mistakes(app: &TestApp, person: &Person, query: &str, variables: Value) -> Vec<String> {
    app.ask(person, query, variables).await.user_errors()
}

/// Returns the ids of a list of keys.
pub async fn listed(app: &TestApp, person: &Person, query: &str) -> Vec<String> {
    let keys = app.ask(person, query, json!({})).await.at("/apiKeys");
    let ids = keys.as_array().expect("a list").iter();
    ids.map(|key| text(&key["id"]).to_owned()).collect()
}

async fn a_created_key_has_its_grants_and_workspaces(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let input = json!({ "name": "Site", "grants": ["WRITE", "READ"], "expiresAt": "2026-01-02T12:00:00Z" });
    let made = make(&app, &admin, input).await;
    let token = text(&made["token"]);
    assert!(token.starts_with(text(&made["apiKey"]["prefix"])) && token.len() == 46);
    assert_eq!(made["apiKey"]["grants"], json!(["READ", "WRITE"]));
    assert_eq!(
        made["apiKey"]["workspaces"],
        json!([{ "id": workspace.to_string() }])
    );
    assert_eq!(made["apiKey"]["expiresAt"], "2026-01-02T12:00:00.000Z");
    assert_eq!(asked(&app, &app.url, token).await, accepted());
    let program = Person {
        credential: token.to_owned(),
        id: String::new(),
    };
    let seen = app
        .ask(&program, "{ viewer { kind grants } }", json!({}))
        .await
        .at("/viewer");
    assert_eq!(seen, json!({ "kind": "API_KEY", "grants": ["READ", "WRITE"] }));
    app.clock_control.advance_ms(DAY_MS);
    assert_eq!(asked(&app, &app.url, token).await, refused());
}

/// Returns all stored texts about keys and requests.
async fn stored_texts(app: &TestApp) -> String {
    let connection = app.services.db.connection();
    let mut all = String::new();
    for (table, texts) in [
        ("api_key", "name || ' ' || prefix || ' ' || hash"),
        ("idempotency_key", "\"key\" || ' ' || arguments || ' ' || outcome"),
    ] {
        let sql = format!("SELECT {texts} AS texts FROM {table}");
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        for row in connection.query_all_raw(statement).await.expect("rows") {
            all.push_str(&row.try_get::<String>("", "texts").expect("a text"));
            all.push('\n');
        }
    }
    all
}

async fn a_repeated_creation_returns_the_key_without_its_token(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "name": "Site", "grants": ["READ"] });
    let variables = json!({ "input": input, "key": "once" });
    let first = app
        .ask(&admin, CREATE, variables.clone())
        .await
        .at("/apiKeyCreate");
    let again = app.ask(&admin, CREATE, variables).await.at("/apiKeyCreate");
    let mut expected = first.clone();
    expected["token"] = Value::Null;
    assert_eq!(again, expected);
    let variables = json!({ "id": first["apiKey"]["id"], "key": "twice" });
    let rotated = app
        .ask(&admin, ROTATE, variables.clone())
        .await
        .at("/apiKeyRotate");
    let again = app.ask(&admin, ROTATE, variables).await.at("/apiKeyRotate");
    let mut expected = rotated.clone();
    expected["token"] = Value::Null;
    assert_eq!(again, expected);
    let kept = stored_texts(&app).await;
    assert!(kept.contains("Site") && kept.contains("once"), "{kept}");
    for made in [&first, &rotated] {
        let secret = &text(&made["token"])[10..];
        assert!(!kept.contains(secret), "{kept}");
        assert_eq!(asked(&app, &app.url, text(&made["token"])).await, accepted());
    }
    assert_eq!(listed(&app, &admin, LIST).await.len(), 2);
}

async fn invalid_key_inputs_are_reported_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.workspace("Other").await.to_string();
    let own = workspace.to_string();
    let key = app.api_key(&[workspace], &[Grant::Admin, Grant::Read]).await;
    for (person, input, expected) in [
        (
            &admin,
            json!({ "name": " ", "grants": ["READ"] }),
            vec!["REQUIRED input.name"],
        ),
        (
            &admin,
            json!({ "name": "x".repeat(301), "grants": ["READ"] }),
            vec!["TOO_LONG input.name"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": [] }),
            vec!["REQUIRED input.grants"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ", "READ"] }),
            vec!["INVALID input.grants.1"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": vec!["READ"; 5] }),
            vec!["TOO_LONG input.grants"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ"], "workspaceIds": [] }),
            vec!["REQUIRED input.workspaceIds"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ"], "workspaceIds": [own, own] }),
            vec!["INVALID input.workspaceIds.1"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ"], "workspaceIds": [own, other] }),
            vec!["NOT_FOUND input.workspaceIds.1"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ"], "workspaceIds": [own, "nonsense"] }),
            vec!["INVALID input.workspaceIds.1"],
        ),
        (
            &admin,
            json!({ "name": "A", "grants": ["READ"], "expiresAt": "2026-01-01T12:00:00Z" }),
            vec!["INVALID input.expiresAt"],
        ),
        (
            &key,
            json!({ "name": "", "grants": ["WRITE", "READ", "CUSTOMER_NOTES"], "expiresAt": "1970-01-01T00:00:00Z" }),
            vec![
                "REQUIRED input.name",
                "FORBIDDEN input.grants.0",
                "FORBIDDEN input.grants.2",
                "INVALID input.expiresAt",
            ],
        ),
    ] {
        let variables = json!({ "input": input });
        assert_eq!(
            mistakes(&app, person, CREATE, variables).await,
            expected,
            "{input}"
        );
    }
    for grant in ["read", "ALL"] {
        let input = json!({ "input": { "name": "A", "grants": [grant] } });
        let answer = app.ask(&admin, CREATE, input).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT", "{grant}");
    }
    let both = app.admin_of(&[other.parse().expect("an id"), workspace]).await;
    let input = json!({ "input": { "name": "A", "grants": ["READ"] } });
    let expected = ["WORKSPACE_REQUIRED input.workspaceIds"];
    assert_eq!(mistakes(&app, &both, CREATE, input).await, expected);
    // Only the earlier key exists.
    assert_eq!(listed(&app, &admin, LIST).await, [key.id]);
}

async fn only_admins_manage_keys(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let key = make(&app, &admin, json!({ "name": "A", "grants": ["READ"] })).await["apiKey"]["id"].clone();
    let writer = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    let others = [
        app.agent(workspace, "Bob").await,
        app.customer(workspace, "jane@example.com").await,
        app.api_key(&[workspace], &writer).await,
    ];
    let revoke = "mutation($id: ID!) { apiKeyRevoke(id: $id) { userErrors { code } } }";
    for person in &others {
        // The first use is recorded.
        app.ask(person, "{ viewer { kind } }", json!({})).await.data();
        let create = json!({ "input": { "name": "B", "grants": ["READ"] } });
        for (query, variables) in [
            (CREATE, create),
            (ROTATE, json!({ "id": key })),
            (revoke, json!({ "id": key })),
            (LIST, json!({})),
        ] {
            app.statements.take();
            app.ask(person, "{ viewer { kind } }", json!({})).await.data();
            let nothing = app.statements.take();
            let answer = app.ask(person, query, variables).await;
            assert_eq!(answer.error(), "FORBIDDEN", "{query}");
            assert_eq!(app.statements.take(), nothing, "{query}");
        }
    }
    let manager = app.api_key(&[workspace], &[Grant::Admin, Grant::Read]).await;
    assert_eq!(listed(&app, &manager, LIST).await.len(), 3);
}

async fn a_key_of_another_workspace_is_not_found(app: TestApp) {
    let (here, there) = (app.workspace("Here").await, app.workspace("There").await);
    let mine = app.admin_of(&[here]).await;
    let both = app.admin_of(&[there, here]).await;
    let foreign = app.api_key(&[there], &[Grant::Read]).await;
    let shared = app.api_key(&[here, there], &[Grant::Read]).await;
    let nobody = entity::ApiKeyId(Uuid::max()).to_string();
    for mutation in ["apiKeyRotate", "apiKeyRevoke"] {
        let mut answers = Vec::new();
        for id in [&foreign.id, &nobody] {
            app.statements.take();
            let body = app.attempt(&mine, mutation, json!({ "id": id })).await.body;
            answers.push((body, app.statements.take().len()));
        }
        assert_eq!(answers[0], answers[1], "{mutation}");
        let path = format!("/data/{mutation}/userErrors/0/code");
        assert_eq!(answers[0].0.pointer(&path), Some(&json!("NOT_FOUND")));
        // A key for another workspace too belongs to both and stays.
        let payload = app.write(&mine, mutation, json!({ "id": shared.id })).await;
        assert_eq!(payload.errors(), ["FORBIDDEN id"]);
    }
    for credential in [&foreign.credential, &shared.credential] {
        assert_eq!(asked(&app, &app.url, credential).await, accepted());
    }
    let of = |workspace: &dyn ToString| {
        let workspace = workspace.to_string();
        format!("{{ apiKeys(workspaceId: \"{workspace}\") {{ id workspaces {{ name }} }} }}")
    };
    assert_eq!(listed(&app, &mine, LIST).await, [shared.id.as_str()]);
    assert_eq!(listed(&app, &mine, &of(&there)).await, Vec::<String>::new());
    assert_eq!(
        listed(&app, &both, &of(&there)).await,
        [shared.id.as_str(), foreign.id.as_str()]
    );
    let seen = app.ask(&mine, &of(&here), json!({})).await;
    assert_eq!(seen.at("/apiKeys/0/workspaces"), json!([{ "name": "Here" }]));
    app.wrote(&both, "apiKeyRevoke", json!({ "id": shared.id })).await;
    assert_eq!(asked(&app, &app.url, &shared.credential).await, refused());
}

async fn the_key_list_takes_constant_statements_newest_first(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let list = "{ apiKeys { id workspaces { id } replacedBy { id } } }";
    let mut counts = Vec::new();
    let mut made = Vec::new();
    for round in [1, 20] {
        for _ in 0..round {
            app.clock_control.advance_ms(1);
            made.insert(0, app.api_key(&[workspace], &[Grant::Read]).await.id);
        }
        let new = rotate(&app, &admin, &json!(made[0]), json!({})).await;
        made.insert(0, text(&new["apiKey"]["id"]).to_owned());
        app.statements.take();
        assert_eq!(listed(&app, &admin, list).await, made);
        counts.push(app.statements.take().len());
    }
    assert_eq!(counts, [5, 5]);
    assert!(app.services.clock.now() > START);
}

async fn the_number_of_valid_keys_is_bounded(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let first = app.api_key(&[workspace], &[Grant::Read]).await;
    let writing = app.services.db.begin().await.expect("a transaction");
    for number in 1..500 {
        let row = api_key::Model {
            id: app.services.clock.id(),
            name: "Other".to_owned(),
            prefix: "dk_".to_owned(),
            hash: format!("hash {number}"),
            grants: entity::Tags(vec!["read".to_owned()]),
            created_at: START,
            last_used_at: None,
            expires_at: None,
            revoked_at: None,
            replaced_by_id: None,
        };
        store::insert(&writing, row, &[workspace]).await.expect("a key");
    }
    writing.commit().await.expect("committed");
    let input = json!({ "input": { "name": "A", "grants": ["READ"] } });
    let errors = mistakes(&app, &admin, CREATE, input.clone()).await;
    assert_eq!(errors, ["INVALID input.workspaceIds"]);
    assert_eq!(
        mistakes(&app, &admin, ROTATE, json!({ "id": first.id })).await,
        ["INVALID id"]
    );
    assert_eq!(listed(&app, &admin, LIST).await.len(), 500);
    app.wrote(&admin, "apiKeyRevoke", json!({ "id": first.id })).await;
    assert_eq!(listed(&app, &admin, LIST).await.len(), 499);
    assert_eq!(mistakes(&app, &admin, CREATE, input).await, Vec::<String>::new());
}

on_each_database!(
    a_created_key_has_its_grants_and_workspaces,
    a_repeated_creation_returns_the_key_without_its_token,
    invalid_key_inputs_are_reported_by_path,
    only_admins_manage_keys,
    a_key_of_another_workspace_is_not_found,
    the_key_list_takes_constant_statements_newest_first,
    the_number_of_valid_keys_is_bounded,
);

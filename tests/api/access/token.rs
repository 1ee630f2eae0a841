//! Tokens that are signed with the shared secret: which are accepted and which are rejected.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deskgraph::auth::jwt::TokenRole;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{accepted, asked, refused};
use crate::support::{START, TestApp, on_each_database};

const NOW: i64 = START.0 / 1000;

async fn claims(app: &TestApp) -> Value {
    let (workspace, admin) = app.admin().await;
    json!({
        "iss": "deskgraph", "aud": "deskgraph", "sub": admin.id, "role": "admin", "workspaces": [workspace.to_string()],
        "iat": NOW, "exp": NOW + 60,
    })
}

fn with_claim(claims: &Value, field: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[field] = value;
    claims
}

fn sign(app: &TestApp, header: &Header, claims: &Value) -> String {
    let secret = app.settings.jwt_secret.as_ref().expect("a secret").reveal();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

async fn is_refused(app: &TestApp, token: &str, why: &str) {
    assert_eq!(asked(app, &app.url, token).await, refused(), "{why}");
}

async fn times_are_checked_against_the_clock_of_the_node(app: TestApp) {
    let claims = claims(&app).await;
    let header = Header::new(Algorithm::HS256);
    // A clock skew of 30 seconds is allowed.
    for (field, seconds, fine) in [
        ("exp", 1, true),
        ("exp", -29, true),
        ("exp", -30, false),
        ("exp", -3_600, false),
        ("exp", i64::MIN / 2, false),
        ("nbf", 0, true),
        ("nbf", -3_600, true),
        ("nbf", 30, true),
        ("nbf", 31, false),
        ("nbf", 3_600, false),
    ] {
        let token = sign(&app, &header, &with_claim(&claims, field, json!(NOW + seconds)));
        let expected = if fine { accepted() } else { refused() };
        assert_eq!(asked(&app, &app.url, &token).await, expected, "{field} {seconds}");
    }
    let token = sign(&app, &header, &claims);
    app.clock_control.advance_ms(89_000);
    assert_eq!(asked(&app, &app.url, &token).await, accepted());
    app.clock_control.advance_ms(1_000);
    is_refused(&app, &token, "its time went by").await;
}

async fn every_claim_is_required_and_checked(app: TestApp) {
    let claims = claims(&app).await;
    let customer = entity::CustomerId(uuid::Uuid::nil()).to_string();
    let workspace = claims["workspaces"][0].clone();
    let header = Header::new(Algorithm::HS256);
    for (field, value) in [
        ("iss", json!("somebody")),
        ("iss", json!("")),
        ("aud", json!("somebody")),
        ("aud", json!(["somebody"])),
        ("aud", json!([])),
        ("sub", json!(customer)),
        ("sub", json!("")),
        ("sub", json!("admin")),
        ("sub", json!(7)),
        ("role", json!("customer")),
        ("role", json!("owner")),
        ("role", json!("ADMIN")),
        ("workspaces", json!([])),
        ("workspaces", json!(["nonsense"])),
        ("workspaces", json!([customer])),
        ("workspaces", json!([workspace, "nonsense"])),
        ("workspaces", json!("*")),
        ("exp", json!("tomorrow")),
    ] {
        let token = sign(&app, &header, &with_claim(&claims, field, value.clone()));
        is_refused(&app, &token, &format!("{field} {value}")).await;
    }
    for field in ["iss", "aud", "sub", "role", "workspaces", "exp"] {
        let mut less = claims.clone();
        less.as_object_mut().expect("claims").remove(field);
        is_refused(&app, &sign(&app, &header, &less), &format!("no {field}")).await;
    }
    // A customer belongs to exactly one workspace.
    let other = app.workspace("Other").await.to_string();
    let both = json!([workspace, other]);
    let person = with_claim(
        &with_claim(&claims, "sub", json!(customer)),
        "role",
        json!("customer"),
    );
    assert_eq!(
        asked(&app, &app.url, &sign(&app, &header, &person)).await,
        accepted()
    );
    is_refused(
        &app,
        &sign(&app, &header, &with_claim(&person, "workspaces", both.clone())),
        "a customer of two",
    )
    .await;
    assert_eq!(
        asked(
            &app,
            &app.url,
            &sign(&app, &header, &with_claim(&claims, "workspaces", both))
        )
        .await,
        accepted()
    );
    assert_eq!(
        asked(&app, &app.url, &sign(&app, &header, &claims)).await,
        accepted()
    );
}

async fn the_algorithm_is_pinned(app: TestApp) {
    let claims = claims(&app).await;
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = sign(&app, &Header::new(algorithm), &claims);
        is_refused(&app, &token, &format!("{algorithm:?}")).await;
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = sign(&app, &Header::new(Algorithm::HS256), &claims);
    let signature = signed.rsplit('.').next().expect("a signature");
    for name in ["none", "None", "NONE", "", "RS256", "ES256", "EdDSA", "HS256 "] {
        let header = encode(&json!({ "alg": name, "typ": "JWT" }));
        for tail in ["", signature] {
            is_refused(&app, &format!("{header}.{}.{tail}", encode(&claims)), name).await;
        }
    }
}

async fn a_token_with_an_unknown_critical_header_is_refused(app: TestApp) {
    let claims = claims(&app).await;
    let plain = Header::new(Algorithm::HS256);
    let header = Header {
        crit: Some(vec!["exp".to_owned()]),
        ..plain.clone()
    };
    is_refused(&app, &sign(&app, &header, &claims), "crit").await;
    // A key inside or referenced by a token is ignored.
    let header = Header {
        jku: Some("https://example.com/keys".to_owned()),
        kid: Some("../../etc".to_owned()),
        ..plain
    };
    assert_eq!(
        asked(&app, &app.url, &sign(&app, &header, &claims)).await,
        accepted()
    );
}

async fn a_modified_token_is_refused(app: TestApp) {
    let claims = claims(&app).await;
    let token = sign(&app, &Header::new(Algorithm::HS256), &claims);
    let parts: Vec<&str> = token.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(with_claim(&claims, "exp", json!(NOW + 10_000)).to_string());
    let short = EncodingKey::from_secret(b"another secret that is long enough for tests");
    let foreign = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &short).expect("a token");
    for (token, why) in [
        (format!("{}.{other}.{}", parts[0], parts[2]), "other claims"),
        (format!("{}.{}.", parts[0], parts[1]), "no signature"),
        (format!("{}.{}", parts[0], parts[1]), "two parts"),
        (format!("{token}."), "four parts"),
        (format!("{token}A"), "a longer signature"),
        (token[..token.len() - 2].to_owned(), "a shorter signature"),
        (foreign, "another secret"),
        ("x".repeat(6_000), "no token"),
    ] {
        is_refused(&app, &token, why).await;
    }
    assert_eq!(asked(&app, &app.url, &token).await, accepted());
}

async fn a_token_grants_access_to_its_workspaces(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let agent = app.agent(one, "Ada").await;
    let query = "{ viewer { workspaces { name } grants } }";
    for (role, grants) in [
        (TokenRole::Agent, json!(["READ", "WRITE", "CUSTOMER_NOTES"])),
        (
            TokenRole::Admin,
            json!(["READ", "WRITE", "CUSTOMER_NOTES", "ADMIN"]),
        ),
    ] {
        let credential = app.token(&agent.id, role, &[two]);
        let person = crate::support::Person {
            credential,
            id: agent.id.clone(),
        };
        let viewer = app.ask(&person, query, json!({})).await.at("/viewer");
        assert_eq!(
            viewer,
            json!({ "workspaces": [{ "name": "Two" }], "grants": grants })
        );
    }
}

on_each_database!(
    times_are_checked_against_the_clock_of_the_node,
    every_claim_is_required_and_checked,
    the_algorithm_is_pinned,
    a_token_with_an_unknown_critical_header_is_refused,
    a_modified_token_is_refused,
    a_token_grants_access_to_its_workspaces,
);

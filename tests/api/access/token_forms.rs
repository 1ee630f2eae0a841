//! Tokens with valid signatures and unusual content.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign, jwk::Jwk};
use serde_json::{Value, json};

use super::{accepted, asked, refused};
use crate::support::{START, TestApp, on_each_database};

const NOW: i64 = START.0 / 1000;
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Signs a token with the secret of the node.
fn signed(app: &TestApp, header: &str, claims: &str) -> String {
    let secret = app.settings.jwt_secret.as_ref().expect("a secret").reveal();
    signed_with(secret.as_bytes(), header, claims)
}

fn signed_with(secret: &[u8], header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|text| URL_SAFE_NO_PAD.encode(text));
    let message = format!("{header}.{claims}");
    let key = EncodingKey::from_secret(secret);
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{message}.{signature}")
}

/// Returns the claims of an admin, without the closing brace.
async fn claims(app: &TestApp) -> String {
    let (workspace, admin) = app.admin().await;
    format!(
        r#"{{"sub":"{}","role":"admin","workspaces":["{workspace}"]"#,
        admin.id
    )
}

async fn critical_headers_of_any_form_are_refused(app: TestApp) {
    let claims =
        claims(&app).await + &format!(r#","iss":"deskgraph","aud":"deskgraph","exp":{}}}"#, NOW + 60);
    for (header, fine) in [
        (r#""typ":"JWT""#, true),
        (r#""typ":"at+jwt""#, true),
        (r#""kid":"anything/../\u0000""#, true),
        (r#""kid":null"#, true),
        (r#""cty":"x","more":{"deep":[1]}"#, true),
        (r#""crit":["exp"]"#, false),
        (r#""crit":["b64"],"b64":false"#, false),
        (r#""crit":[]"#, false),
        (r#""crit":null"#, false),
        (r#""crit":"exp""#, false),
        (r#""crit":{"exp":1}"#, false),
        (r#""crit":0"#, false),
        (r#""crit":["exp"],"crit":[]"#, false),
        (r#""kid":7"#, false),
        (r#""kid":["a"]"#, false),
        (r#""kid":"a","kid":"b""#, false),
        (r#""alg":"HS256""#, false),
        (r#""alg":"none""#, false),
    ] {
        let token = signed(&app, &format!(r#"{{"alg":"HS256",{header}}}"#), &claims);
        let expected = if fine { accepted() } else { refused() };
        assert_eq!(asked(&app, &app.url, &token).await, expected, "{header}");
    }
    for header in [
        "",
        "{}",
        "null",
        "[]",
        r#""HS256""#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256"} x"#,
    ] {
        let token = signed(&app, header, &claims);
        assert_eq!(asked(&app, &app.url, &token).await, refused(), "{header}");
    }
}

async fn keys_in_token_headers_are_ignored(app: TestApp) {
    let claims =
        claims(&app).await + &format!(r#","iss":"deskgraph","aud":"deskgraph","exp":{}}}"#, NOW + 60);
    let theirs = b"a secret of somebody else, that is long enough";
    let jwk = Jwk::from_encoding_key(&EncodingKey::from_secret(theirs), Algorithm::HS256).expect("a key");
    for (field, value) in [
        ("jwk", json!(jwk)),
        ("jku", json!(format!("{}/keys", app.url))),
        ("x5u", json!(format!("{}/chain", app.url))),
        ("x5c", json!(["AAAA"])),
        ("x5t", json!("AAAA")),
    ] {
        let mut header: Value = serde_json::from_str(HEADER).expect("JSON");
        header[field] = value;
        let header = header.to_string();
        let own = signed(&app, &header, &claims);
        assert_eq!(asked(&app, &app.url, &own).await, accepted(), "{field}");
        let foreign = signed_with(theirs, &header, &claims);
        assert_eq!(asked(&app, &app.url, &foreign).await, refused(), "{field}");
    }
}

async fn malformed_claims_are_refused(app: TestApp) {
    let claims = claims(&app).await;
    let (iss, aud) = (r#""iss":"deskgraph""#, r#""aud":"deskgraph""#);
    let exp = format!(r#""exp":{}"#, NOW + 60);
    for (rest, fine) in [
        (format!("{iss},{aud},{exp}"), true),
        (format!(r#"{iss},"aud":["deskgraph"],{exp}"#), true),
        (format!(r#"{iss},"aud":["other","deskgraph"],{exp}"#), true),
        (format!(r#"{iss},"aud":["other"],{exp}"#), false),
        (format!(r#"{iss},"aud":[7],{exp}"#), false),
        (format!(r#"{iss},"aud":[["deskgraph"]],{exp}"#), false),
        (format!(r#"{iss},"aud":{{"deskgraph":1}},{exp}"#), false),
        (format!(r#"{iss},"aud":null,{exp}"#), false),
        (format!(r#""iss":["deskgraph"],{aud},{exp}"#), false),
        (format!(r#""iss":["deskgraph","other"],{aud},{exp}"#), false),
        (format!(r#""iss":null,{aud},{exp}"#), false),
        (format!(r#"{iss},{aud},"exp":"{}""#, NOW + 60), false),
        (format!(r#"{iss},{aud},"exp":{}.5"#, NOW + 60), false),
        (format!(r#"{iss},{aud},"exp":1e300"#), false),
        (format!(r#"{iss},{aud},"exp":{}"#, u64::MAX), false),
        (format!(r#"{iss},{aud},"exp":{}"#, i64::MAX), true),
        (format!(r#"{iss},{aud},"exp":{}"#, i64::MIN), false),
        (format!(r#"{iss},{aud},"exp":0"#), false),
        (format!(r#"{iss},{aud},"exp":null"#), false),
        (format!(r#"{iss},{aud},"exp":true"#), false),
        (format!(r#"{iss},{aud},"exp":[{}]"#, NOW + 60), false),
        (format!(r#"{iss},{aud},"exp":0,{exp}"#), false),
        (format!(r#"{iss},{aud},{exp},"nbf":"now""#), false),
        (format!(r#"{iss},{aud},{exp},"nbf":{}.5"#, NOW - 5), false),
        (format!(r#"{iss},{aud},{exp},"nbf":{}"#, i64::MAX), false),
        (format!(r#"{iss},{aud},{exp},"role":"agent""#), false),
        (format!(r#"{iss},{aud},{exp},"sub":"somebody""#), false),
        (format!(r#"{iss},"iss":"other",{aud},{exp}"#), false),
        (
            format!(r#"{iss},{aud},{exp},"more":{{"deep":[1]}},"iat":"x""#),
            true,
        ),
    ] {
        let token = signed(&app, HEADER, &format!("{claims},{rest}}}"));
        let expected = if fine { accepted() } else { refused() };
        assert_eq!(asked(&app, &app.url, &token).await, expected, "{rest}");
    }
    for claims in ["", "{}", "null", "[]", "7", "{"] {
        let token = signed(&app, HEADER, claims);
        assert_eq!(asked(&app, &app.url, &token).await, refused(), "{claims}");
    }
}

async fn a_malformed_token_of_any_size_is_refused(app: TestApp) {
    let claims = claims(&app).await + &format!(r#","iss":"deskgraph","aud":"deskgraph","exp":{}"#, NOW + 60);
    let padded = |size: usize| {
        signed(
            &app,
            HEADER,
            &format!(r#"{claims},"pad":"{}"}}"#, "x".repeat(size)),
        )
    };
    assert_eq!(asked(&app, &app.url, &padded(4 << 10)).await, accepted());
    let large = padded(8 << 10);
    assert!((8 << 10..12 << 10).contains(&large.len()));
    assert_eq!(asked(&app, &app.url, &large).await, refused());
    let good = padded(0);
    let (head, rest) = good.split_once('.').expect("a dot");
    for token in [
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!(".{rest}"),
        format!("{head}..{rest}"),
        format!("{head}=.{rest}"),
        format!("{good}.{good}"),
        "eyJ".repeat(2_000),
        ".".repeat(6_000),
    ] {
        assert_eq!(asked(&app, &app.url, &token).await, refused(), "{token:.40}");
    }
    // A header of a megabyte is rejected earlier. The longest message on a WebSocket is not.
    let body = r#"{"query":"{ viewer { kind } }"}"#;
    let megabyte = "x".repeat(1 << 20);
    let request = app.http().post(format!("{}/graphql", app.url)).body(body);
    if let Ok(response) = request.bearer_auth(&megabyte).send().await {
        assert_eq!(response.status(), 431);
    }
    let mut socket = app.unknown_socket().await;
    socket.introduce(&megabyte[..12_000]).await;
    assert_eq!(socket.close_code().await, 4403);
    assert_eq!(asked(&app, &app.url, &good).await, accepted());
}

on_each_database!(
    critical_headers_of_any_form_are_refused,
    keys_in_token_headers_are_ignored,
    malformed_claims_are_refused,
    a_malformed_token_of_any_size_is_refused,
);

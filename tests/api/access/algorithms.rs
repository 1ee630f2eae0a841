//! Tokens that are signed with a private key and verified with the public key.

use std::path::PathBuf;

use deskgraph::{
    app::App,
    auth::jwt::{Issuer, TokenRole, Verifier},
    config::{JwtAlgorithm, Settings},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::net::TcpListener;

use super::{accepted, asked, refused};
use crate::support::{START, TestApp, on_each_database};

const ALGORITHMS: [(JwtAlgorithm, &str); 3] = [
    (JwtAlgorithm::RS256, "rs256"),
    (JwtAlgorithm::ES256, "es256"),
    (JwtAlgorithm::EdDSA, "eddsa"),
];

fn key(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/api/keys");
    folder.join(format!("test-only-{name}.pem"))
}

/// Settings for a signature algorithm with a key pair.
fn settings(app: &TestApp, algorithm: JwtAlgorithm, name: &str) -> Settings {
    Settings {
        jwt_algorithm: algorithm,
        jwt_secret: None,
        jwt_public_key_file: Some(key(&format!("{name}.public"))),
        jwt_private_key_file: Some(key(&format!("{name}.private"))),
        migrate: false,
        ..app.settings.clone()
    }
}

/// Sends tokens to a second node over the same database and checks whether it accepts each.
async fn assert_answers(app: &TestApp, settings: &Settings, tokens: &[(String, bool, String)]) {
    let (db, clock) = (app.services.db.clone(), app.services.clock.clone());
    let node = App::over(db, settings, clock).await.expect("a node");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asking = async {
        for (token, fine, what) in tokens {
            let expected = if *fine { accepted() } else { refused() };
            assert_eq!(
                asked(app, &url, token).await,
                expected,
                "{:?}: {what}",
                settings.jwt_algorithm
            );
        }
    };
    tokio::select! {
        ended = node.serve(listener, None) => ended.expect("it serves until it is stopped"),
        () = asking => (),
    }
}

async fn each_algorithm_accepts_only_its_own_tokens(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let now = app.services.clock.now();
    let issue = |settings: &Settings| {
        let issuer = Issuer::new(settings).expect("an issuer");
        issuer
            .issue(&admin.id, TokenRole::Admin, &[workspace], now, 60)
            .expect("a token")
    };
    for (algorithm, name) in ALGORITHMS {
        let own = settings(&app, algorithm, name);
        let mut tokens = vec![(
            admin.credential.clone(),
            false,
            "HS256 with the secret".to_owned(),
        )];
        for (other, name) in ALGORITHMS {
            tokens.push((
                issue(&settings(&app, other, name)),
                other == algorithm,
                format!("{other:?}"),
            ));
        }
        let foreign = Settings {
            jwt_private_key_file: Some(key("rs256-other.private")),
            ..own.clone()
        };
        if algorithm == JwtAlgorithm::RS256 {
            tokens.push((issue(&foreign), false, "another key".to_owned()));
        }
        // The public key is not secret: an HMAC signature made with its bytes must be rejected.
        let public = std::fs::read(key(&format!("{name}.public"))).expect("a key");
        let claims = json!({
            "iss": "deskgraph", "aud": "deskgraph", "sub": admin.id, "role": "admin",
            "workspaces": [workspace.to_string()], "iat": START.0 / 1000, "exp": START.0 / 1000 + 60,
        });
        let confused = jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &EncodingKey::from_secret(&public),
        );
        tokens.push((
            confused.expect("a token"),
            false,
            "HS256 with the public key".to_owned(),
        ));
        assert_answers(&app, &own, &tokens).await;
        // A node that is configured with the secret rejects these tokens.
        assert_eq!(
            asked(&app, &app.url, &issue(&own)).await,
            refused(),
            "{algorithm:?} at HS256"
        );
    }
}

async fn a_mismatched_key_is_refused_at_startup(app: TestApp) {
    for (algorithm, name, setting) in [
        (JwtAlgorithm::RS256, "es256", "jwt_public_key_file"),
        (JwtAlgorithm::ES256, "rs256", "jwt_public_key_file"),
        (JwtAlgorithm::EdDSA, "rs256", "jwt_public_key_file"),
        (JwtAlgorithm::RS256, "nothing", "jwt_public_key_file"),
    ] {
        let wrong = settings(&app, algorithm, name);
        let error = Verifier::new(&wrong, app.services.clock.clone()).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with(setting), "{algorithm:?} with {name}: {error:?}");
    }
}

/// Signatures of 1024-bit keys are rejected, so the key is rejected at startup.
async fn a_weak_rsa_key_is_refused_at_startup(app: TestApp) {
    let weak = settings(&app, JwtAlgorithm::RS256, "rs256-weak");
    let verifier = Verifier::new(&weak, app.services.clock.clone());
    let error = verifier.err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "jwt_public_key_file: The RSA key has less than 2048 bits.");
    let error = Issuer::new(&weak)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(error.starts_with("jwt_private_key_file"), "{error}");
}

on_each_database!(
    a_weak_rsa_key_is_refused_at_startup,
    each_algorithm_accepts_only_its_own_tokens,
    a_mismatched_key_is_refused_at_startup,
);

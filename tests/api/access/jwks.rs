//! JSON Web Key Sets of issuers: selection by key id, rotation, and the rate of requests.

use std::sync::{Arc, Mutex};

use deskgraph::{
    auth::jwt::{self, TokenError},
    clock::{Clock, ClockControl},
    config::{JwksUrl, JwtAlgorithm, Settings},
    keyring::Keyring,
};
use entity::{AgentId, WorkspaceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::{accepted, asked, refused};
use crate::support::{
    START, TestApp, on_each_database,
    stand_in::{self, Reply, StandIn},
};

pub const MINUTE_MS: i64 = 60_000;
const ANSWERED: &str = "content-type: application/jwk-set+json\r\n";

/// A key pair of an issuer.
pub struct Pair {
    name: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Pair {
    /// Creates an Ed25519 key pair. Each number gives a different pair.
    pub fn new(name: &'static str, number: u8) -> Self {
        jwt::install_crypto();
        // PKCS #8 header of such a key, followed by the key.
        let form = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        let key = EncodingKey::from_ed_der(&[&form[..], &[number; 32]].concat());
        Self {
            name,
            algorithm: Algorithm::EdDSA,
            key,
        }
    }

    fn of_file(name: &'static str, algorithm: Algorithm, file: &str) -> Self {
        jwt::install_crypto();
        let path = format!(
            "{}/tests/api/keys/test-only-{file}.private.pem",
            env!("CARGO_MANIFEST_DIR")
        );
        let pem = std::fs::read(path).expect("a key");
        let key = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(&pem),
            _ => EncodingKey::from_ec_pem(&pem),
        };
        Self {
            name,
            algorithm,
            key: key.expect("a key"),
        }
    }

    /// Returns the public key as a JWK.
    pub fn published(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("a key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!(self.name);
        jwk
    }

    /// Returns a token of an admin for an hour, with or without a key id.
    pub fn token_naming(&self, kid: Option<&str>, subject: &str, workspace: &str) -> String {
        let now = START.0 / 1000;
        let claims = json!({
            "iss": "deskgraph", "aud": "deskgraph", "sub": subject, "role": "admin",
            "workspaces": [workspace], "exp": now + 10 * 24 * 3_600,
        });
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(self.algorithm)
        };
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a token")
    }

    /// Returns a token of an arbitrary subject.
    pub fn token(&self) -> String {
        self.token_with(Some(self.name))
    }

    /// Returns a token with or without a key id.
    pub fn token_with(&self, kid: Option<&str>) -> String {
        let (agent, workspace) = (AgentId(Uuid::from_u128(1)), WorkspaceId(Uuid::from_u128(2)));
        self.token_naming(kid, &agent.to_string(), &workspace.to_string())
    }
}

pub fn set(keys: &[&Pair]) -> String {
    let keys: Vec<Value> = keys.iter().map(|pair| pair.published()).collect();
    json!({ "keys": keys }).to_string()
}

/// The current response of an issuer.
pub type Responder = Arc<Mutex<Box<dyn Fn() -> Reply + Send>>>;

/// An issuer, and a keyring that uses its key set.
pub struct FollowedIssuer {
    pub issuer: StandIn,
    pub keyring: Arc<Keyring>,
    pub clock_control: ClockControl,
    responder: Responder,
    _stop: DropGuard,
}

/// Settings with the URL of a key set.
pub fn settings(url: &str, algorithm: JwtAlgorithm) -> Settings {
    Settings {
        jwt_algorithm: algorithm,
        jwt_secret: None,
        jwt_jwks_url: Some(JwksUrl::try_from(format!("{url}/keys?key=secret")).expect("an address")),
        ..Settings::default()
    }
}

impl FollowedIssuer {
    pub async fn new(algorithm: JwtAlgorithm, responder: impl Fn() -> Reply + Send + 'static) -> Self {
        let responder: Responder = Arc::new(Mutex::new(Box::new(responder)));
        let saying = responder.clone();
        let issuer = StandIn::start(move |_, _| saying.lock().expect("not poisoned")()).await;
        let (clock, clock_control) = Clock::manual(START, 1);
        let keyring = Arc::new(Keyring::new(&settings(&issuer.url, algorithm), clock).expect("a keyring"));
        keyring.turn(false).await;
        let stop = CancellationToken::new();
        tokio::spawn(keyring.clone().run(stop.clone()));
        Self {
            issuer,
            keyring,
            clock_control,
            responder,
            _stop: stop.drop_guard(),
        }
    }

    /// Starts an issuer that publishes keys.
    pub async fn publishing(keys: &[&Pair]) -> Self {
        let text = set(keys);
        Self::new(JwtAlgorithm::EdDSA, move || reply(&text)).await
    }

    pub fn respond_with(&self, responder: impl Fn() -> Reply + Send + 'static) {
        *self.responder.lock().expect("not poisoned") = Box::new(responder);
    }

    pub fn publishes(&self, keys: &[&Pair]) {
        let text = set(keys);
        self.respond_with(move || reply(&text));
    }

    /// Returns the error for a token. `None` if it is accepted.
    pub async fn refuses(&self, token: &str) -> Option<TokenError> {
        self.keyring.verify(token).await.err()
    }

    /// Returns the number of requests to the issuer.
    pub fn asked(&self) -> usize {
        self.issuer.asked().len()
    }
}

/// Returns a response with a key set.
pub fn reply(set: &str) -> Reply {
    stand_in::answer("200 OK", ANSWERED, set)
}

#[tokio::test]
async fn a_token_is_verified_with_the_named_key() {
    let (one, two) = (Pair::new("one", 1), Pair::new("two", 2));
    let issuer = FollowedIssuer::publishing(&[&one, &two]).await;
    for pair in [&one, &two] {
        assert_eq!(issuer.refuses(&pair.token()).await, None);
        // With two keys, a token without a key id is ambiguous.
        assert_eq!(
            issuer.refuses(&pair.token_with(None)).await,
            Some(TokenError::Invalid)
        );
    }
    let other = one.token_with(Some("two"));
    assert_eq!(issuer.refuses(&other).await, Some(TokenError::Invalid));
    for kid in ["", "three", "ONE", "../one", "one\0", &"x".repeat(2_000)] {
        let token = one.token_with(Some(kid));
        assert_eq!(
            issuer.refuses(&token).await,
            Some(TokenError::UnknownKey),
            "{kid}"
        );
    }
    assert_eq!(issuer.asked(), 1, "{:?}", issuer.issuer.paths());
    assert_eq!(issuer.issuer.paths(), ["/keys?key=secret"]);
    let alone = FollowedIssuer::publishing(&[&one]).await;
    assert_eq!(alone.refuses(&one.token_with(None)).await, None);
    assert_eq!(
        alone.refuses(&two.token_with(None)).await,
        Some(TokenError::Invalid)
    );
}

#[tokio::test]
async fn each_algorithm_selects_its_key_from_the_set() {
    let rsa = Pair::of_file("rsa", Algorithm::RS256, "rs256");
    let ec = Pair::of_file("ec", Algorithm::ES256, "es256");
    let ed = Pair::new("ed", 1);
    for (algorithm, own) in [
        (JwtAlgorithm::RS256, &rsa),
        (JwtAlgorithm::ES256, &ec),
        (JwtAlgorithm::EdDSA, &ed),
    ] {
        let mut keys: Value = serde_json::from_str(&set(&[&rsa, &ec, &ed])).expect("JSON");
        // A symmetric key in a public set is not secret.
        let secret = json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" });
        keys["keys"].as_array_mut().expect("keys").push(secret);
        let text = keys.to_string();
        let issuer = FollowedIssuer::new(algorithm, move || reply(&text)).await;
        for pair in [&rsa, &ec, &ed] {
            let expected = (pair.name != own.name).then_some(TokenError::UnknownKey);
            assert_eq!(issuer.refuses(&pair.token()).await, expected, "{algorithm:?}");
        }
        // A matching key id does not make another algorithm acceptable.
        for pair in [&rsa, &ec, &ed] {
            let expected = (pair.name != own.name).then_some(TokenError::Invalid);
            let token = pair.token_with(Some(own.name));
            assert_eq!(issuer.refuses(&token).await, expected, "{algorithm:?}");
        }
        let confused = Pair {
            name: own.name,
            algorithm: Algorithm::HS256,
            key: EncodingKey::from_secret(own.published().to_string().as_bytes()),
        };
        assert_eq!(issuer.refuses(&confused.token()).await, Some(TokenError::Invalid));
        let secret = Pair {
            name: "secret",
            algorithm: Algorithm::HS256,
            key: EncodingKey::from_secret(b"secret"),
        };
        assert_eq!(
            issuer.refuses(&secret.token()).await,
            Some(TokenError::UnknownKey)
        );
    }
}

#[tokio::test]
async fn an_unknown_key_id_refreshes_the_key_set() {
    let (old, new) = (Pair::new("old", 1), Pair::new("new", 2));
    let issuer = FollowedIssuer::publishing(&[&old]).await;
    issuer.publishes(&[&old, &new]);
    // The previous request was too recent.
    assert_eq!(issuer.refuses(&new.token()).await, Some(TokenError::UnknownKey));
    issuer.clock_control.advance_ms(9_999);
    assert_eq!(issuer.refuses(&new.token()).await, Some(TokenError::UnknownKey));
    assert_eq!(issuer.asked(), 1);
    issuer.clock_control.advance_ms(1);
    assert_eq!(issuer.refuses(&new.token()).await, None);
    assert_eq!(issuer.refuses(&old.token()).await, None);
    assert_eq!(issuer.asked(), 2);
    issuer.publishes(&[&new]);
    issuer.clock_control.advance_ms(5 * MINUTE_MS);
    issuer.keyring.turn(false).await;
    assert_eq!(issuer.refuses(&old.token()).await, Some(TokenError::UnknownKey));
    assert_eq!(issuer.refuses(&new.token()).await, None);
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn unknown_key_ids_do_not_cause_repeated_reads() {
    let pair = Pair::new("one", 1);
    let issuer = FollowedIssuer::publishing(&[&pair]).await;
    for round in 1..4 {
        issuer.clock_control.advance_ms(10_000);
        let tokens: Vec<_> = (0..100)
            .map(|number| pair.token_with(Some(&format!("nonsense {round} {number}"))))
            .collect();
        let refused = futures_util::future::join_all(tokens.iter().map(|token| issuer.refuses(token))).await;
        assert!(refused.iter().all(|why| *why == Some(TokenError::UnknownKey)));
        assert_eq!(issuer.asked(), 1 + round);
    }
    assert_eq!(issuer.refuses(&pair.token()).await, None);
}

#[tokio::test]
async fn keys_are_refreshed_every_five_minutes() {
    let pair = Pair::new("one", 1);
    let issuer = FollowedIssuer::publishing(&[&pair]).await;
    for (forward, asked) in [
        (0, 1),
        (5 * MINUTE_MS - 1, 1),
        (1, 2),
        (MINUTE_MS, 2),
        (4 * MINUTE_MS, 3),
    ] {
        issuer.clock_control.advance_ms(forward);
        issuer.keyring.turn(false).await;
        assert_eq!(issuer.asked(), asked);
    }
    // Unchanged keys keep working. An empty set rejects all tokens.
    issuer.publishes(&[]);
    issuer.clock_control.advance_ms(5 * MINUTE_MS);
    issuer.keyring.turn(false).await;
    assert_eq!(issuer.refuses(&pair.token()).await, Some(TokenError::UnknownKey));
}

async fn a_node_refreshes_the_keys_of_its_issuer(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (old, new) = (Pair::new("old", 1), Pair::new("new", 2));
    let said = Arc::new(Mutex::new(set(&[&old])));
    let saying = said.clone();
    let issuer = StandIn::start(move |_, _| reply(&saying.lock().expect("not poisoned"))).await;
    let other = settings(&issuer.url, JwtAlgorithm::EdDSA);
    let node = app
        .another_with(|settings| {
            settings.jwt_algorithm = other.jwt_algorithm;
            settings.jwt_secret = None;
            settings.jwt_jwks_url = other.jwt_jwks_url;
        })
        .await;
    let token = |pair: &Pair| pair.token_naming(Some(pair.name), &admin.id, &workspace.to_string());
    assert_eq!(asked(&node, &node.url, &token(&old)).await, accepted());
    assert_eq!(asked(&node, &node.url, &token(&new)).await, refused());
    *said.lock().expect("not poisoned") = set(&[&new]);
    node.clock_control.advance_ms(10_000);
    assert_eq!(asked(&node, &node.url, &token(&new)).await, accepted());
    assert_eq!(asked(&node, &node.url, &token(&old)).await, refused());
    assert_eq!(asked(&node, &node.url, &admin.credential).await, refused());
}

on_each_database!(a_node_refreshes_the_keys_of_its_issuer);

//! Issuers that are unreachable or return invalid responses.

use std::time::{Duration, Instant};

use deskgraph::{auth::jwt::TokenError, config::JwtAlgorithm};
use serde_json::json;

use super::jwks::{FollowedIssuer, Pair, reply, set};
use crate::support::stand_in::{self, Reply, StandIn};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Returns responses that are not valid key sets.
fn invalid_responses(elsewhere: &str) -> Vec<Box<dyn Fn() -> Reply + Send>> {
    let location = format!("location: {elsewhere}/keys\r\n");
    vec![
        Box::new(|| stand_in::answer("500 Internal Server Error", "", "")),
        Box::new(|| stand_in::answer("404 Not Found", "", &json!({ "keys": [] }).to_string())),
        Box::new(move || stand_in::answer("302 Found", &location, "")),
        Box::new(|| reply("<html>")),
        Box::new(|| reply("{\"keys\": {}}")),
        Box::new(|| reply("")),
        Box::new(|| stand_in::cut("{\"keys\": []}")),
        Box::new(|| Reply::Bytes(b"nonsense\r\n\r\n".to_vec())),
        Box::new(|| Reply::Bytes(Vec::new())),
        Box::new(|| reply(&json!({ "keys": vec![json!({}); 101] }).to_string())),
        // Valid except for its size.
        Box::new(|| reply(&format!("{}{}", " ".repeat(256 << 10), json!({ "keys": [] })))),
    ]
}

#[tokio::test]
async fn keys_stay_valid_for_a_day_when_refreshes_fail() {
    let (pair, other) = (Pair::new("one", 1), Pair::new("two", 2));
    let elsewhere = StandIn::start(|_, _| reply("{\"keys\": []}")).await;
    let issuer = FollowedIssuer::publishing(&[&pair]).await;
    for says in invalid_responses(&elsewhere.url) {
        issuer.respond_with(says);
        issuer.clock_control.advance_ms(6 * MINUTE_MS);
        let before = issuer.asked();
        issuer.keyring.turn(false).await;
        assert_eq!(issuer.asked(), before + 1);
        assert_eq!(issuer.refuses(&pair.token()).await, None);
        issuer.clock_control.advance_ms(MINUTE_MS);
        assert_eq!(issuer.refuses(&other.token()).await, Some(TokenError::UnknownKey));
    }
    assert_eq!(elsewhere.paths(), Vec::<String>::new(), "no redirect is followed");
    issuer.clock_control.advance_ms(DAY_MS - 11 * 7 * MINUTE_MS - 1);
    issuer.keyring.turn(false).await;
    assert_eq!(issuer.refuses(&pair.token()).await, None);
    issuer.clock_control.advance_ms(MINUTE_MS);
    issuer.keyring.turn(false).await;
    assert_eq!(issuer.refuses(&pair.token()).await, Some(TokenError::UnknownKey));
    issuer.publishes(&[&pair]);
    issuer.clock_control.advance_ms(MINUTE_MS);
    assert_eq!(issuer.refuses(&pair.token()).await, None);
}

#[tokio::test]
async fn a_node_starts_without_its_issuer_and_retries() {
    let pair = Pair::new("one", 1);
    let away = || stand_in::answer("503 Service Unavailable", "", "");
    let issuer = FollowedIssuer::new(JwtAlgorithm::EdDSA, away).await;
    assert_eq!(issuer.refuses(&pair.token()).await, Some(TokenError::UnknownKey));
    assert_eq!(issuer.asked(), 1);
    // Maximum delay until the next request. Half of it is random.
    for (most, asked) in [
        (1_000, 2),
        (2_000, 3),
        (4_000, 4),
        (8_000, 5),
        (16_000, 6),
        (32_000, 7),
        (60_000, 8),
        (60_000, 9),
    ] {
        issuer.clock_control.advance_ms(most / 2 - 1);
        issuer.keyring.turn(false).await;
        assert_eq!(issuer.asked(), asked - 1, "{most}");
        issuer.clock_control.advance_ms(most / 2 + 1);
        issuer.keyring.turn(false).await;
        assert_eq!(issuer.asked(), asked, "{most}");
    }
    let text = set(&[&pair]);
    issuer.respond_with(move || reply(&text));
    issuer.clock_control.advance_ms(MINUTE_MS);
    assert_eq!(issuer.refuses(&pair.token()).await, None);
}

#[tokio::test]
async fn requests_wait_briefly_for_a_silent_issuer() {
    let (pair, other) = (Pair::new("one", 1), Pair::new("two", 2));
    let issuer = FollowedIssuer::publishing(&[&pair]).await;
    issuer.respond_with(|| Reply::Silence);
    issuer.clock_control.advance_ms(10_000);
    let begun = Instant::now();
    let tokens = [other.token(), pair.token()];
    let (unknown, known) = tokio::join!(issuer.refuses(&tokens[0]), issuer.refuses(&tokens[1]));
    assert_eq!((unknown, known), (Some(TokenError::UnknownKey), None));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

//! JSON Web Key Sets in a file: errors at startup, and changes while the node serves.

use std::{path::Path, sync::Arc};

use deskgraph::{
    auth::jwt::TokenError,
    clock::Clock,
    config::{JwtAlgorithm, Settings},
    keyring::Keyring,
};
use tokio_util::sync::CancellationToken;

use super::jwks::{MINUTE_MS, Pair, set};
use crate::support::START;

/// Replaces a file atomically.
fn write(path: &Path, text: &str) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).expect("written");
    std::fs::rename(new, path).expect("renamed");
}

#[tokio::test]
async fn a_changed_key_file_is_reloaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (old, new) = (Pair::new("old", 1), Pair::new("new", 2));
    let settings = Settings {
        jwt_algorithm: JwtAlgorithm::EdDSA,
        jwt_jwks_file: Some(path.clone()),
        ..Settings::default()
    };
    let (clock, clock_control) = Clock::manual(START, 1);
    let start = || Keyring::new(&settings, clock.clone());
    // An invalid file is reported at startup.
    for (text, why) in [
        (None, "Cannot read the key set"),
        (Some("{}".to_owned()), "not a JSON object with a list of keys"),
        (Some(set(&[])), "no key for jwt_algorithm"),
        (Some(" ".repeat((256 << 10) + 1)), "larger than"),
    ] {
        if let Some(text) = text {
            write(&path, &text);
        }
        let error = start().err().expect("refused").to_string();
        assert!(
            error.starts_with("jwt_jwks_file: ") && error.contains(why),
            "{error}"
        );
    }
    write(&path, &set(&[&old]));
    let keyring = Arc::new(start().expect("a keyring"));
    let stop = CancellationToken::new();
    tokio::spawn(keyring.clone().run(stop.clone()));
    let refuses = async |pair: &Pair| keyring.verify(&pair.token()).await.err();
    assert_eq!(refuses(&old).await, None);
    write(&path, &set(&[&new]));
    clock_control.advance_ms(9_999);
    keyring.turn(false).await;
    assert_eq!(refuses(&old).await, None);
    clock_control.advance_ms(1);
    keyring.turn(false).await;
    assert_eq!(refuses(&old).await, Some(TokenError::UnknownKey));
    assert_eq!(refuses(&new).await, None);
    // While the file is missing or incomplete, the loaded keys stay valid.
    for text in [None, Some("{\"keys\": [")] {
        match text {
            None => std::fs::remove_file(&path).expect("removed"),
            Some(text) => write(&path, text),
        }
        clock_control.advance_ms(20 * MINUTE_MS);
        keyring.turn(false).await;
        assert_eq!(refuses(&new).await, None);
    }
    write(&path, &set(&[&old]));
    clock_control.advance_ms(MINUTE_MS);
    assert_eq!(refuses(&old).await, None);
    stop.cancel();
}

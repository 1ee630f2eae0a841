//! The published keys that verify tokens, kept up to date.
//!
//! Layer 3. [`auth::jwt`](crate::auth::jwt) selects the key for a token. This module loads the keys from the
//! settings, from a file or from an address of the issuer: at the start, periodically, and when a token names
//! an unknown key. Only one load runs at a time, and unknown keys cause a load at most every 10 seconds, so
//! that clients cannot make a node flood the issuer. When loading fails, the last loaded keys remain valid
//! for 24 hours. `service::authenticate` calls this module, and `app` runs [`run`](Keyring::run).

mod source;

use std::{sync::Arc, time::Duration};

use entity::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{
        Viewer,
        jwt::{KeyError, KeySet, TokenError, Verifier},
    },
    clock::Clock,
    config::{JwtAlgorithm, Settings},
    http_client::backoff,
};
use source::{Source, SourceError};

/// Interval between checks of whether a load is due.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Maximum time that a request waits for the key of its token.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Minimum time in milliseconds between a load and the next one caused by an unknown key.
const UNKNOWN_EVERY_MS: i64 = 10_000;
/// Time in milliseconds for which keys remain valid while they cannot be reloaded.
const KEEP_MS: i64 = 24 * 60 * 60 * 1_000;

/// The keys that verify tokens.
pub struct Keyring {
    verifier: Verifier,
    algorithm: JwtAlgorithm,
    clock: Clock,
    source: Option<Source>,
    state: Mutex<State>,
    /// Notified when a token names an unknown key.
    wanted: Notify,
    /// Number of completed checks that were caused by unknown keys.
    turns: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// The last text that was loaded and could be used.
    text: Vec<u8>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    next_at: Option<Timestamp>,
    failures: u32,
}

impl Keyring {
    /// Reads the settings. A key file is read now and must contain a usable key. An address is requested by
    /// [`Self::turn`].
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, KeyError> {
        let verifier = Verifier::new(settings, clock.clone())?;
        let source = Source::of(settings)?;
        let mut state = State::default();
        if let Some(Source::File(path)) = &source {
            let refuse = |error: SourceError| KeyError(format!("jwt_jwks_file: {}: {error}", path.display()));
            let text = source::file_now(path).map_err(refuse)?;
            let set = KeySet::parse(&text, settings.jwt_algorithm)
                .map_err(|error| refuse(SourceError::Set(error)))?;
            if set.count() == 0 {
                return Err(refuse(SourceError::Unfit));
            }
            verifier.put(Some(set));
            let now = Some(clock.now());
            state = State {
                text,
                read_at: now,
                next_at: now.map(|now| Timestamp(now.0 + Source::FILE_EVERY_MS)),
                ..state
            };
        }
        Ok(Self {
            verifier,
            algorithm: settings.jwt_algorithm,
            clock,
            source,
            state: Mutex::new(state),
            wanted: Notify::new(),
            turns: watch::Sender::new(0),
        })
    }

    /// The viewer that a token identifies. Waits briefly when the key of the token is unknown.
    pub async fn verify(&self, token: &str) -> Result<Viewer, TokenError> {
        match self.verifier.verify(token) {
            Err(TokenError::UnknownKey) => {
                let mut turns = self.turns.subscribe();
                self.wanted.notify_one();
                // The second verification shows whether the key has arrived.
                let _ = tokio::time::timeout(TIMEOUT, turns.changed()).await;
                self.verifier.verify(token)
            }
            answer => answer,
        }
    }

    /// Keeps the keys up to date until the node stops.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        if self.source.is_none() {
            return;
        }
        let mut looks = tokio::time::interval(CHECK_INTERVAL);
        loop {
            let is_wanted = tokio::select! {
                () = stop.cancelled() => return,
                () = self.wanted.notified() => true,
                _ = looks.tick() => false,
            };
            self.turn(is_wanted).await;
        }
    }

    /// Loads the keys if a load is due, or if a token needs an unknown key and the last load is long enough
    /// ago.
    pub async fn turn(&self, is_wanted: bool) {
        if let Some(source) = &self.source {
            let mut state = self.state.lock().await;
            let now = self.clock.now();
            let is_due = state.next_at.is_none_or(|at| at <= now);
            let may_try = state.tried_at.is_none_or(|at| now.0 - at.0 >= UNKNOWN_EVERY_MS);
            if is_due || is_wanted && may_try {
                state.tried_at = Some(now);
                let read = source
                    .read()
                    .await
                    .and_then(|text| self.take(source, &mut state, text));
                self.note(source, &mut state, now, read);
            }
        }
        // Requests that wait for a key are woken only by a check that was caused by an unknown key.
        if is_wanted {
            self.turns.send_modify(|turns| *turns += 1);
        }
    }

    /// Applies a loaded text. A set without usable keys is applied too: the issuer has withdrawn its keys.
    fn take(&self, source: &Source, state: &mut State, text: Vec<u8>) -> Result<(), SourceError> {
        if state.read_at.is_some() && text == state.text {
            return Ok(());
        }
        let set = KeySet::parse(&text, self.algorithm)?;
        let (count, passed_over) = (set.count(), set.passed_over());
        if count == 0 {
            tracing::warn!(from = %source, passed_over, "the token issuer publishes no usable key; tokens are rejected");
        } else {
            tracing::info!(from = %source, count, passed_over, "loaded the token keys");
        }
        self.verifier.put(Some(set));
        state.text = text;
        Ok(())
    }

    fn note(&self, source: &Source, state: &mut State, now: Timestamp, read: Result<(), SourceError>) {
        let Err(error) = read else {
            if state.failures > 0 {
                tracing::info!(from = %source, "the token keys can be read again");
            }
            state.read_at = Some(now);
            state.next_at = Some(Timestamp(now.0 + source.every_ms()));
            state.failures = 0;
            return;
        };
        if state.failures == 0 {
            tracing::warn!(from = %source, error = %error, "could not read the token keys");
        } else {
            tracing::debug!(from = %source, error = %error, "still could not read the token keys");
        }
        state.failures = state.failures.saturating_add(1);
        let pause = backoff::backoff(state.failures, self.clock.random());
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        state.next_at = Some(Timestamp(now.0.saturating_add(pause)));
        if state.read_at.is_some_and(|at| now.0 - at.0 >= KEEP_MS) {
            tracing::warn!(from = %source, "the token keys could not be refreshed in time; tokens are rejected until the keys can be read");
            self.verifier.put(None);
            state.read_at = None;
        }
    }
}

//! The keys that tokens are checked with, kept as their issuer publishes them.
//!
//! Layer 3. [`auth::jwt`](crate::auth::jwt) knows which key fits a token; here it is known where keys come from: the
//! settings, a file, or an address of the issuer. They are read at the start, from time to time, and when a token names
//! one that nobody knows. However many such tokens come, one reads at a time, and seldom: nobody makes a node ask the
//! issuer again and again. Keys that were read last hold on for a while when none can be read. Called by
//! `service::authenticate`; `app` lets it [`run`](Keyring::run).

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
    outbound::wait,
};
use source::{Source, SourceError};

/// How often it is looked whether anything is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a request waits for keys that its token needs.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long after one reading unknown keys do not cause another, in milliseconds.
const UNKNOWN_EVERY_MS: i64 = 10_000;
/// How long keys hold that could not be read again, in milliseconds.
const KEEP_MS: i64 = 24 * 60 * 60 * 1_000;

/// The keys that tokens are checked with.
pub struct Keyring {
    verifier: Verifier,
    algorithm: JwtAlgorithm,
    clock: Clock,
    source: Option<Source>,
    state: Mutex<State>,
    /// A token names a key that is not here.
    wanted: Notify,
    /// How often it was looked after keys that were wanted.
    turns: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// What was read last and could be used.
    text: Vec<u8>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    next_at: Option<Timestamp>,
    failures: u32,
}

impl Keyring {
    /// From the settings. A file is read now, and must hold a key that fits; an address is asked by [`Self::turn`].
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

    /// The viewer that a token speaks for. When its key is not here, it waits a moment for it.
    pub async fn verify(&self, token: &str) -> Result<Viewer, TokenError> {
        match self.verifier.verify(token) {
            Err(TokenError::UnknownKey) => {
                let mut turns = self.turns.subscribe();
                self.wanted.notify_one();
                // Whether anything came of it, the next look tells.
                let _ = tokio::time::timeout(PATIENCE, turns.changed()).await;
                self.verifier.verify(token)
            }
            answer => answer,
        }
    }

    /// Keeps the keys up to date until the node ends.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        if self.source.is_none() {
            return;
        }
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            let is_wanted = tokio::select! {
                () = stop.cancelled() => return,
                () = self.wanted.notified() => true,
                _ = looks.tick() => false,
            };
            self.turn(is_wanted).await;
        }
    }

    /// Reads the keys if that is due, or if one is wanted and nobody tried just now.
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
        // Nobody who waits for a key is sent away by a look that was not for it.
        if is_wanted {
            self.turns.send_modify(|turns| *turns += 1);
        }
    }

    /// Takes what was read. A set in which nothing fits is obeyed: the issuer took its keys back.
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
        let pause = wait::backoff(state.failures, self.clock.random());
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        state.next_at = Some(Timestamp(now.0.saturating_add(pause)));
        if state.read_at.is_some_and(|at| now.0 - at.0 >= KEEP_MS) {
            tracing::warn!(from = %source, "the token keys could not be refreshed in time; tokens are rejected until the keys can be read");
            self.verifier.put(None);
            state.read_at = None;
        }
    }
}

//! Reads the body of a request, within bounds: those of one body, and of all that are held at a time.

use std::sync::Arc;

use async_graphql::Response as Answer;
use axum::{body::Body, http::StatusCode};
use futures_util::StreamExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::Bounds;
use crate::graphql::error::{Code, NoRoom, failure, refusal};

/// The room that all bodies share.
#[derive(Clone, Debug)]
pub struct BodyRoom(Arc<Semaphore>);

/// A body, which takes up room until it is dropped.
#[derive(Debug)]
pub struct Held {
    /// What it holds.
    pub bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than this.
    TooLarge(usize),
    /// It was cut off.
    CutOff,
    /// It did not come in time.
    Late,
    /// Others take up all the room.
    NoRoom,
}

impl BodyRoom {
    /// For so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// Reads a body. Only what has come takes up room, not what was announced.
    pub async fn read(&self, body: Body, bounds: &Bounds) -> Result<Held, BodyError> {
        let max = bounds.body_bytes_max;
        let announced = axum::body::HttpBody::size_hint(&body).lower();
        if usize::try_from(announced).is_ok_and(|announced| announced > max) {
            return Err(BodyError::TooLarge(max));
        }
        let reading = self.collect(body, max);
        timeout(bounds.body_timeout, reading)
            .await
            .unwrap_or(Err(BodyError::Late))
    }

    async fn collect(&self, body: Body, max: usize) -> Result<Held, BodyError> {
        let mut held = Held {
            bytes: Vec::new(),
            room: None,
        };
        let mut parts = body.into_data_stream();
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| BodyError::CutOff)?;
            if held.bytes.len() + part.len() > max {
                return Err(BodyError::TooLarge(max));
            }
            let count = u32::try_from(part.len()).map_err(|_| BodyError::TooLarge(max))?;
            let room = self.0.clone().try_acquire_many_owned(count);
            let room = room.map_err(|_| BodyError::NoRoom)?;
            match &mut held.room {
                Some(all) => all.merge(room),
                none => *none = Some(room),
            }
            held.bytes.extend_from_slice(&part);
        }
        Ok(held)
    }
}

impl BodyError {
    /// How it is told.
    pub fn told(self) -> (StatusCode, Answer) {
        match self {
            Self::TooLarge(max) => {
                let message = format!("The body is larger than {max} bytes.");
                (
                    StatusCode::PAYLOAD_TOO_LARGE,
                    refusal(Code::BadUserInput, &message),
                )
            }
            Self::CutOff => {
                let answer = refusal(Code::BadUserInput, "The body was cut off.");
                (StatusCode::BAD_REQUEST, answer)
            }
            Self::Late => {
                let answer = refusal(Code::Timeout, "The body did not come in time.");
                (StatusCode::REQUEST_TIMEOUT, answer)
            }
            Self::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, failure(NoRoom)),
        }
    }
}

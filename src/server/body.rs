//! Reads the body of a request, within bounds: those of one body, and of all that are held at a time.

use std::sync::Arc;

use async_graphql::Response as Answer;
use axum::{
    body::{Body, HttpBody},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::Bounds;
use crate::graphql::error::{Code, NoRoom, failure, refusal};

/// Bytes of a body for which there is always room.
const SMALL: usize = 16 << 10;

/// The room that large bodies share.
#[derive(Clone, Debug)]
pub struct BodyRoom(Arc<Semaphore>);

/// A body, which takes up room until it is dropped.
#[derive(Debug)]
pub struct Held {
    /// What it holds.
    pub bytes: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
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

    /// Reads a body. What is small is always taken; room for anything else must be there before it comes.
    pub async fn read(&self, body: Body, bounds: &Bounds) -> Result<Held, BodyError> {
        let max = bounds.body_bytes_max;
        let hint = HttpBody::size_hint(&body);
        let least = usize::try_from(hint.lower()).unwrap_or(usize::MAX);
        if least > max {
            return Err(BodyError::TooLarge(max));
        }
        // Who does not say how much it will be may send as much as anybody.
        let most = hint.upper().and_then(|most| usize::try_from(most).ok());
        let most = most.unwrap_or(max).min(max);
        let room = if most > SMALL {
            let permits = u32::try_from(most).map_err(|_| BodyError::TooLarge(max))?;
            let room = self.0.clone().try_acquire_many_owned(permits);
            Some(room.map_err(|_| BodyError::NoRoom)?)
        } else {
            None
        };
        // Memory that grows is copied again and again.
        let mut bytes = Vec::with_capacity(least);
        let reading = collect(body, &mut bytes, max);
        timeout(bounds.body_timeout, reading)
            .await
            .unwrap_or(Err(BodyError::Late))?;
        Ok(Held { bytes, _room: room })
    }
}

async fn collect(body: Body, bytes: &mut Vec<u8>, max: usize) -> Result<(), BodyError> {
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| BodyError::CutOff)?;
        if bytes.len() + part.len() > max {
            return Err(BodyError::TooLarge(max));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(())
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

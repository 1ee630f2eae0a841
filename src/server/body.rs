//! Reads request bodies within bounds: per body, per viewer, and for all bodies that are in memory.
//!
//! Bytes are reserved as they arrive and before memory is allocated, so a body without a declared length
//! reserves no more than one with it. The reservation ends when the body is dropped, right after parsing.

mod inflate;
mod memory;

use async_graphql::Response as Answer;
use axum::{
    body::{Body, HttpBody},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::time::timeout;

pub use self::memory::BodyMemory;
use self::{
    inflate::{Reader, Sink},
    memory::BodyReservation,
};
use super::{Bounds, content::Encoding};
use crate::{
    auth::Identity,
    graphql::error::{BodiesFull, Code, crowded, failure, refusal},
};

/// Optional UTF-8 byte order mark at the beginning of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body. Reserves its bytes until it is dropped.
#[derive(Debug)]
pub struct ReceivedBody {
    bytes: Vec<u8>,
    _reservation: BodyReservation,
}

/// Reason why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The body is larger than this number of bytes, as sent or after decompression.
    TooLarge(usize),
    /// The connection ended within the body.
    CutOff,
    /// The body is not valid gzip, although its header says so.
    NotGzip,
    /// The body did not arrive within the timeout.
    Late,
    /// Other bodies of the same viewer use the share of one viewer, in bytes.
    Crowded(usize),
    /// Bodies of all viewers use the whole pool.
    BodiesFull,
}

impl BodyMemory {
    pub async fn read(
        &self,
        who: Identity,
        body: Body,
        encoding: Encoding,
        bounds: &Bounds,
    ) -> Result<ReceivedBody, BodyError> {
        let max = bounds.body_bytes_max;
        let hint = HttpBody::size_hint(&body);
        if usize::try_from(hint.lower()).unwrap_or(usize::MAX) > max {
            return Err(BodyError::TooLarge(max));
        }
        let announced = hint.upper().and_then(|most| usize::try_from(most).ok());
        let expected = match encoding {
            Encoding::Plain => announced.unwrap_or(max).min(max),
            Encoding::Gzip => max,
        };
        let mut reader = Reader::new(encoding, Sink::new(self.reserve(who), max, expected))?;
        timeout(bounds.body_timeout, collect(body, &mut reader, max))
            .await
            .unwrap_or(Err(BodyError::Late))?;
        let (bytes, reservation) = reader.finish()?;
        Ok(ReceivedBody {
            bytes,
            _reservation: reservation,
        })
    }
}

async fn collect(body: Body, reader: &mut Reader, max: usize) -> Result<(), BodyError> {
    let mut parts = body.into_data_stream();
    let mut received = 0_usize;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| BodyError::CutOff)?;
        // Compressed bytes are bounded too, because empty gzip members could continue without end.
        received = received.saturating_add(part.len());
        if received > max {
            return Err(BodyError::TooLarge(max));
        }
        reader.put(&part)?;
    }
    Ok(())
}

impl ReceivedBody {
    /// The text without a byte order mark.
    pub fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.bytes)
    }
}

impl BodyError {
    pub fn response(self) -> (StatusCode, Answer) {
        let wrong = |status, message: &str| (status, refusal(Code::BadUserInput, message));
        match self {
            Self::TooLarge(max) => wrong(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("The request body is larger than the maximum of {max} bytes."),
            ),
            Self::CutOff => wrong(StatusCode::BAD_REQUEST, "The request body is incomplete."),
            Self::NotGzip => wrong(
                StatusCode::BAD_REQUEST,
                "The request body is not valid gzip data, or it is incomplete.",
            ),
            Self::Late => {
                let answer = refusal(
                    Code::Timeout,
                    "The request body was not received in time. Send the request again.",
                );
                (StatusCode::REQUEST_TIMEOUT, answer)
            }
            Self::Crowded(share) => {
                let message =
                    format!("The request bodies that you are sending exceed {share} bytes in total.");
                (StatusCode::TOO_MANY_REQUESTS, crowded(&message))
            }
            Self::BodiesFull => (StatusCode::SERVICE_UNAVAILABLE, failure(BodiesFull)),
        }
    }
}

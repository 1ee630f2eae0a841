//! Reads the body of a request, within bounds: of one body, of the bodies of one viewer, and of all that are held at a time.
//!
//! Room is taken as bytes come and before memory is taken for them, so a body that does not say how long it is takes up
//! no more than one that does. It is given back when the body is dropped, which is as soon as it was parsed.

mod inflate;
mod room;

use async_graphql::Response as Answer;
use axum::{
    body::{Body, HttpBody},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::time::timeout;

pub use self::room::BodyRoom;
use self::{
    inflate::{Reader, Sink},
    room::Place,
};
use super::{Bounds, content::Encoding};
use crate::{
    auth::Identity,
    graphql::error::{Code, NoRoom, crowded, failure, refusal},
};

/// What a text may begin with to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body, which takes up room until it is dropped.
#[derive(Debug)]
pub struct Held {
    bytes: Vec<u8>,
    _place: Place,
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than this, as it was sent or unpacked.
    TooLarge(usize),
    /// It was cut off.
    CutOff,
    /// It is not packed as its header says.
    NotGzip,
    /// It did not come in time.
    Late,
    /// Other bodies of the same viewer take up the room that one viewer may have, which is so many bytes.
    Crowded(usize),
    /// Bodies of others take up all the room.
    NoRoom,
}

impl BodyRoom {
    /// Reads a body of a viewer.
    pub async fn read(
        &self,
        who: Identity,
        body: Body,
        encoding: Encoding,
        bounds: &Bounds,
    ) -> Result<Held, BodyError> {
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
        let mut reader = Reader::new(encoding, Sink::new(self.place(who), max, expected))?;
        timeout(bounds.body_timeout, collect(body, &mut reader, max))
            .await
            .unwrap_or(Err(BodyError::Late))?;
        let (bytes, place) = reader.finish()?;
        Ok(Held { bytes, _place: place })
    }
}

async fn collect(body: Body, reader: &mut Reader, max: usize) -> Result<(), BodyError> {
    let mut parts = body.into_data_stream();
    let mut came = 0_usize;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| BodyError::CutOff)?;
        // As it was sent: what unpacks to nothing would otherwise go on without end.
        came = came.saturating_add(part.len());
        if came > max {
            return Err(BodyError::TooLarge(max));
        }
        reader.put(&part)?;
    }
    Ok(())
}

impl Held {
    /// The text, without the mark that it is UTF-8.
    pub fn text(&self) -> &[u8] {
        self.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.bytes)
    }
}

impl BodyError {
    /// How it is told.
    pub fn told(self) -> (StatusCode, Answer) {
        let wrong = |status, message: &str| (status, refusal(Code::BadUserInput, message));
        match self {
            Self::TooLarge(max) => wrong(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("The body is larger than {max} bytes."),
            ),
            Self::CutOff => wrong(StatusCode::BAD_REQUEST, "The body was cut off."),
            Self::NotGzip => wrong(
                StatusCode::BAD_REQUEST,
                "Content-Encoding: the body is not gzip, or was cut off.",
            ),
            Self::Late => {
                let answer = refusal(Code::Timeout, "The body did not come in time.");
                (StatusCode::REQUEST_TIMEOUT, answer)
            }
            Self::Crowded(share) => {
                let message = format!("The bodies that you send at the moment take more than {share} bytes.");
                (StatusCode::TOO_MANY_REQUESTS, crowded(&message))
            }
            Self::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, failure(NoRoom)),
        }
    }
}

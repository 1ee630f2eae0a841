//! A response body that owns a value until its last byte was sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body and a value that is dropped after it.
pub struct GuardedBody<B, T> {
    body: B,
    // Fields are dropped in the order of their declaration.
    _thing: T,
}

impl<B, T> GuardedBody<B, T> {
    pub fn new(body: B, thing: T) -> Self {
        Self { body, _thing: thing }
    }
}

impl<B: Body<Data = Bytes> + Unpin, T: Unpin> Body for GuardedBody<B, T> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

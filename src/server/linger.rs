//! Delivers early responses to clients that are still sending their body.
//!
//! Closing a connection with unread incoming bytes resets it, and a reset discards data that the client has
//! not read yet. When a response is ready before the body was read, the response therefore announces
//! `Connection: close`, and the rest of the body is read and discarded, within bounds, before the connection
//! closes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{CONNECTION, EXPECT},
    },
    middleware::Next,
    response::Response,
};
use futures_util::{FutureExt, StreamExt};
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::{runtime::Handle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{ServerState, guarded_body::GuardedBody};

/// Maximum number of bytes to discard.
const BYTES: usize = 8 << 20;
/// Maximum time for discarding.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum pause between two parts of the body.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);
/// The rest of a body up to this size in bytes is read before the response, because most of it has already
/// arrived.
const SMALL: u64 = 64 << 10;
/// How many times the connection task can run to deliver received bytes.
const TURNS: usize = 8;

/// Runs a request, and reads the rest of its body if the response could get lost otherwise.
pub async fn linger(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // The client waits for `100 Continue` and has not sent its body.
    let is_held_back = request.headers().contains_key(EXPECT);
    let unread = UnreadBody::default();
    let returned = unread.clone();
    let request = request.map(|body| {
        Body::new(ReturnableBody {
            body,
            ended: false,
            unread: returned,
        })
    });
    let mut response = next.run(request).await;
    let Some(body) = unread.take() else {
        return response;
    };
    let is_small = body.size_hint().upper().is_some_and(|bytes| bytes <= SMALL);
    let mut rest = body.into_data_stream();
    if is_small && !is_held_back && has_arrived(&mut rest).await {
        return response;
    }
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    let (tasks, stop) = (state.tasks.clone(), state.stop.clone());
    response.map(|body| {
        let rest = Some(rest);
        Body::new(GuardedBody::new(body, BodyDrain { rest, tasks, stop }))
    })
}

/// The body of a request, if it was not read to its end.
#[derive(Clone, Default)]
struct UnreadBody(Arc<Mutex<Option<Body>>>);

impl UnreadBody {
    fn put(&self, body: Body) {
        *self.0.lock() = Some(body);
    }

    fn take(&self) -> Option<Body> {
        self.0.lock().take()
    }
}

/// A body that returns itself to `UnreadBody` if it is dropped before its end.
struct ReturnableBody {
    body: Body,
    ended: bool,
    unread: UnreadBody,
}

impl HttpBody for ReturnableBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ReturnableBody {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            self.unread.put(std::mem::take(&mut self.body));
        }
    }
}

/// The unread body of a request whose response is ready. It is discarded as soon as the response was passed
/// to the connection.
struct BodyDrain {
    rest: Option<BodyDataStream>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Drop for BodyDrain {
    fn drop(&mut self) {
        // Connections can be dropped after the runtime has shut down.
        if let (Some(rest), Ok(runtime)) = (self.rest.take(), Handle::try_current()) {
            let stop = self.stop.clone();
            self.tasks.spawn_on(
                async move {
                    tokio::select! {
                        _ = timeout(TIMEOUT, drain(rest)) => {}
                        () = stop.cancelled() => {}
                    }
                },
                &runtime,
            );
        }
    }
}

/// Whether the whole rest of a body has already arrived.
async fn has_arrived(rest: &mut BodyDataStream) -> bool {
    for _ in 0..TURNS {
        match rest.next().now_or_never() {
            Some(None) => return true,
            Some(Some(Ok(_))) => {}
            Some(Some(Err(_))) => return false,
            // The connection task must run to deliver more bytes.
            None => tokio::task::yield_now().await,
        }
    }
    false
}

async fn drain(mut rest: BodyDataStream) {
    let mut remaining = BYTES;
    while let Ok(Some(Ok(part))) = timeout(IDLE_TIMEOUT, rest.next()).await {
        match remaining.checked_sub(part.len()) {
            Some(less) => remaining = less,
            None => return,
        }
    }
}

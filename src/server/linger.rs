//! Lets a client that is still sending its body read why it was refused.
//!
//! A connection that is closed while bytes come in is reset, and a reset throws away what the client has not read yet. So
//! when a request is answered before its body was read, the answer says that the connection ends, and what still comes is
//! read and thrown away, within bounds, before it does.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
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
use tokio::{runtime::Handle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{ServerState, held::Held};

/// Bytes that are thrown away at most.
const BYTES: usize = 8 << 20;
/// How long that may take.
const TIME: Duration = Duration::from_secs(10);
/// How long nothing may come meanwhile.
const QUIET: Duration = Duration::from_secs(2);
/// Bytes of a body whose rest is asked for before the answer, because it has mostly come already.
const SMALL: u64 = 64 << 10;
/// How often the connection is given a turn to hand over what has come.
const TURNS: usize = 8;

/// Answers a request, and reads the rest of its body where that is needed for the answer to arrive.
pub async fn linger(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Nothing was sent yet, and it is not asked for.
    let is_held_back = request.headers().contains_key(EXPECT);
    let left = Left::default();
    let lent = left.clone();
    let request = request.map(|body| {
        Body::new(Lent {
            body,
            ended: false,
            left: lent,
        })
    });
    let mut response = next.run(request).await;
    let Some(body) = left.take() else {
        return response;
    };
    let is_small = body.size_hint().upper().is_some_and(|bytes| bytes <= SMALL);
    let mut rest = body.into_data_stream();
    if is_small && !is_held_back && has_come(&mut rest).await {
        return response;
    }
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    let (tasks, stop) = (state.tasks.clone(), state.stop.clone());
    response.map(|answer| {
        let rest = Some(rest);
        Body::new(Held::new(answer, Rest { rest, tasks, stop }))
    })
}

/// The body of a request that was not read to its end.
#[derive(Clone, Default)]
struct Left(Arc<Mutex<Option<Body>>>);

impl Left {
    fn put(&self, body: Body) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that comes back when it was not read to its end.
struct Lent {
    body: Body,
    ended: bool,
    left: Left,
}

impl HttpBody for Lent {
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

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            self.left.put(std::mem::take(&mut self.body));
        }
    }
}

/// What has not come yet of a request that is answered already. It is read as soon as the answer was handed to the
/// connection.
struct Rest {
    rest: Option<BodyDataStream>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Drop for Rest {
    fn drop(&mut self) {
        // A connection is dropped with the runtime too, when there is nothing left to do.
        if let (Some(rest), Ok(runtime)) = (self.rest.take(), Handle::try_current()) {
            let stop = self.stop.clone();
            self.tasks.spawn_on(
                async move {
                    tokio::select! {
                        _ = timeout(TIME, throw_away(rest)) => {}
                        () = stop.cancelled() => {}
                    }
                },
                &runtime,
            );
        }
    }
}

/// Whether the rest of a body has come already.
async fn has_come(rest: &mut BodyDataStream) -> bool {
    for _ in 0..TURNS {
        match rest.next().now_or_never() {
            Some(None) => return true,
            Some(Some(Ok(_))) => {}
            Some(Some(Err(_))) => return false,
            // The connection hands it over when it has its turn.
            None => tokio::task::yield_now().await,
        }
    }
    false
}

async fn throw_away(mut rest: BodyDataStream) {
    let mut left = BYTES;
    while let Ok(Some(Ok(part))) = timeout(QUIET, rest.next()).await {
        match left.checked_sub(part.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

//! Serves one WebSocket.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::protocol::{ClientMessage, Close, ServerMessage, next};
use crate::{
    auth::Viewer,
    budget::Charge,
    graphql::{
        Graph, IncomingRequest, RequestId,
        error::{Code, finish, refusal},
    },
    request::Sent,
    server::{
        OperationReservation, ServerState,
        authenticate::{self, Refused},
        meter::Meter,
        watch::Session,
    },
    service::wording::plural,
    subscriptions::{Outbox, OutboxContent, OutboxItem, RunningOperation},
};

/// Timeout for `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of responses that are written before the socket is read again.
const BURST: usize = 64;
/// Copies of responses up to this size in bytes are not charged, because few exist at a time.
const SMALL: usize = 16 << 10;
/// Write timeout while the node stops.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// Maximum size in bytes of a message before authentication.
const UNAUTHENTICATED_MESSAGE_MAX: usize = 16 << 10;
/// Maximum number of bytes that a client can send before authentication.
const UNAUTHENTICATED_MAX: usize = 2 * UNAUTHENTICATED_MESSAGE_MAX;

struct Socket {
    state: Arc<ServerState>,
    /// The credential in the headers of the upgrade request.
    credential: Option<String>,
    meter: Meter,
    client: Option<AuthenticatedClient>,
    /// Running operations by number. The number distinguishes successive operations with the same id.
    operations: BTreeMap<u64, Operation>,
    started: u64,
    outbox: Outbox,
    /// Cancelled when the credential of an authenticated client becomes invalid.
    over: CancellationToken,
}

/// State of an authenticated client.
struct AuthenticatedClient {
    viewer: Viewer,
    _session: Session,
    _place: OwnedSemaphorePermit,
}

struct Operation {
    id: String,
    _running: RunningOperation,
    operating: OperationReservation,
}

/// Serves a socket until one side closes it.
pub async fn run(state: Arc<ServerState>, mut socket: WebSocket, credential: Option<String>, meter: Meter) {
    meter.allow(UNAUTHENTICATED_MAX);
    let (outbox, mut items) = Outbox::of(
        state.bounds.subscription_buffer,
        state.bounds.subscription_buffer_bytes,
    );
    let stop = state.stop.clone();
    let mut served = Socket {
        state,
        credential,
        meter,
        client: None,
        operations: BTreeMap::new(),
        started: 0,
        outbox,
        over: CancellationToken::new(),
    };
    let init_by = Instant::now() + INIT_TIMEOUT;
    let ping_every = served.state.bounds.ping_every;
    let mut pings = tokio::time::interval_at(Instant::now() + ping_every, ping_every);
    let mut is_alive = true;
    loop {
        let frame = tokio::select! {
            incoming = socket.recv() => match incoming {
                Some(Ok(message)) => {
                    is_alive = true;
                    served.handle(message).await
                }
                Some(Err(error)) => Err(Close::of(error).frame("")),
                None => break,
            },
            // When the node stops, streams end too. A `complete` message would keep the client from
            // reconnecting.
            Some(first) = items.recv() => if stop.is_cancelled() {
                Err(Close::GoingAway.frame(""))
            } else {
                let over = served.over.clone();
                let writing = served.write_all(first, &mut items, &mut socket);
                if written(writing, &over, &stop).await {
                    continue;
                }
                break;
            },
            // A client that sent nothing since the last ping has disconnected, or has stopped in the middle of a message.
            _ = pings.tick() => if std::mem::take(&mut is_alive) {
                Ok(ServerMessage::Ping.frame())
            } else {
                Err(Close::Silent.frame(""))
            },
            () = served.over.cancelled() => Err(Close::Forbidden.frame("")),
            () = tokio::time::sleep_until(init_by), if served.client.is_none() => {
                Err(Close::InitialisationTimeout.frame(""))
            }
            () = stop.cancelled() => Err(Close::GoingAway.frame("")),
        };
        match frame {
            Ok(None) => {}
            Ok(Some(frame)) => {
                if !written(socket.send(frame), &served.over, &stop).await {
                    break;
                }
            }
            Err(close) => {
                // The peer may have disconnected or may not read.
                let _ = tokio::time::timeout(LAST_WRITE, socket.send(close)).await;
                break;
            }
        }
    }
}

/// Returns whether a write succeeded. The connection bounds how long a write waits for a client that does not
/// read. An invalid credential ends the wait at once.
async fn written(
    write: impl Future<Output = Result<(), axum::Error>>,
    over: &CancellationToken,
    stop: &CancellationToken,
) -> bool {
    let cancelled = async {
        let stopped = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_WRITE).await;
        };
        tokio::select! {
            () = over.cancelled() => {}
            () = stopped => {}
        }
    };
    tokio::select! {
        biased;
        written = write => written.is_ok(),
        () = cancelled => false,
    }
}

impl Socket {
    /// Handles a frame of the client. Returns the response, or an error that closes the socket.
    async fn handle(&mut self, message: Message) -> Result<Option<Message>, Message> {
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return Err(Close::BadRequest.frame("")),
            // The library responds to these frames itself.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        if self.client.is_none() && text.len() > UNAUTHENTICATED_MESSAGE_MAX {
            return Err(Close::TooLarge.frame(""));
        }
        let gateway = self.state.graph.gateway();
        gateway
            .check_json(text.as_bytes())
            .map_err(|_| Close::BadRequest.frame(""))?;
        let message: ClientMessage = serde_json::from_str(text).map_err(|_| Close::BadRequest.frame(""))?;
        match message {
            ClientMessage::ConnectionInit { payload } => {
                // Boxed, because otherwise every idle socket would keep memory that is needed only once.
                Box::pin(self.init(payload.as_ref())).await?;
                Ok(ServerMessage::ConnectionAck.frame())
            }
            ClientMessage::Subscribe { id, payload } => self.begin(id, *payload, text.len()),
            ClientMessage::Complete { id } => {
                self.operations.retain(|_, operation| operation.id != id);
                Ok(None)
            }
            ClientMessage::Ping {} => Ok(ServerMessage::Pong.frame()),
            ClientMessage::Pong {} => Ok(None),
        }
    }

    async fn init(&mut self, payload: Option<&serde_json::Value>) -> Result<(), Message> {
        if self.client.is_some() {
            return Err(Close::TooManyInitialisations.frame(""));
        }
        let credential = payload
            .and_then(authenticate::from_payload)
            .or(self.credential.as_deref());
        match authenticate::viewer(&self.state, credential).await {
            Ok(viewer) => {
                let place = self.state.quotas.sockets.try_take(viewer.identity);
                let place = place.ok_or_else(|| Close::TryAgain.frame(""))?;
                let session = self.state.watch.session(&viewer);
                self.over = session.over();
                self.meter.free();
                self.client = Some(AuthenticatedClient {
                    viewer,
                    _session: session,
                    _place: place,
                });
                Ok(())
            }
            Err(Refused::Unauthenticated) => Err(Close::Forbidden.frame("")),
            Err(Refused::Failed(error)) => {
                tracing::error!(error = ?error, "could not look up a credential");
                Err(Close::TryAgain.frame(""))
            }
        }
    }

    /// Starts an operation. `bytes` is the size of its message.
    fn begin(&mut self, id: String, sent: Sent, bytes: usize) -> Result<Option<Message>, Message> {
        let Some(viewer) = self.client.as_ref().map(|who| who.viewer.clone()) else {
            return Err(Close::Unauthorized.frame(""));
        };
        if self.operations.values().any(|operation| operation.id == id) {
            return Err(Close::SubscriberExists.frame(&id));
        }
        let max = self.state.bounds.operations_per_socket;
        if self.operations.len() >= max {
            let operations = plural(max, "operation", "operations");
            let message = format!(
                "A WebSocket can run at most {max} {operations} at a time. Complete an operation first."
            );
            return Ok(ServerMessage::refused(
                &id,
                &refusal(Code::BadUserInput, &message),
            ));
        }
        let request_id: uuid::Uuid = self.state.services.clock.id();
        let request_id = RequestId(request_id.simple().to_string());
        let operating = match self.state.operate(&viewer, bytes) {
            Ok(operating) => operating,
            Err(refused) => return Ok(ServerMessage::refused(&id, &finish(*refused, &request_id.0))),
        };
        self.started += 1;
        let number = self.started;
        let account = operating.account.clone();
        let open = move |graph: &Graph| IncomingRequest {
            request: graph.open(sent),
            viewer,
            id: request_id,
            account,
        };
        let outbox = self.outbox.sender(number);
        let running = self.state.subscriptions.begin(open, None, outbox);
        let operation = Operation {
            id,
            _running: running,
            operating,
        };
        self.operations.insert(number, operation);
        Ok(None)
    }

    /// Writes a response and others that are queued, with one flush.
    async fn write_all(
        &mut self,
        first: OutboxItem,
        items: &mut mpsc::Receiver<OutboxItem>,
        socket: &mut WebSocket,
    ) -> Result<(), axum::Error> {
        let mut now = Some(first);
        // Copies are charged until they have been written.
        let mut copies = Vec::new();
        for _ in 0..BURST {
            let Some(one) = now else { break };
            copies.extend(self.copy(&one));
            if let Some(frame) = self.frame(&one) {
                socket.feed(frame).await?;
            }
            now = items.try_recv().ok();
        }
        if let Some(last) = now
            && let Some(frame) = self.frame(&last)
        {
            socket.feed(frame).await?;
        }
        socket.flush().await
    }

    /// Charges the copy of a large response in its frame.
    fn copy(&self, item: &OutboxItem) -> Option<Charge> {
        let OutboxContent::Next(answer) = &item.content else {
            return None;
        };
        let operation = self.operations.get(&item.operation)?;
        let bytes = answer.json.len();
        (bytes > SMALL).then(|| operation.operating.account.charge_beyond(bytes))
    }

    /// The frame for an output of an operation. `None` if the operation was stopped in the meantime.
    fn frame(&mut self, item: &OutboxItem) -> Option<Message> {
        let operation = self.operations.get(&item.operation)?;
        match &item.content {
            OutboxContent::Next(answer) => Some(next(&operation.id, answer.json.as_str())),
            OutboxContent::Refused(response) | OutboxContent::Failed(response) => {
                let Operation { id, .. } = self.operations.remove(&item.operation)?;
                ServerMessage::refused(&id, response)
            }
            // A `complete` message would keep the client from reconnecting.
            OutboxContent::Complete if self.state.stop.is_cancelled() => None,
            OutboxContent::Complete => {
                let Operation { id, .. } = self.operations.remove(&item.operation)?;
                ServerMessage::Complete { id: &id }.frame()
            }
        }
    }
}

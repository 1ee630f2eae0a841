//! One socket, from its introduction to its end.

use std::{collections::HashMap, time::Duration};

use async_graphql::{Request, Response};
use axum::extract::ws::{Message, WebSocket};
use futures_util::{StreamExt, pin_mut};
use tokio::{sync::mpsc, task::AbortHandle, time::Instant};

use super::protocol::{ClientMessage, Close, ServerMessage};
use crate::{
    auth::Viewer,
    graphql::{
        Asked, RequestId,
        error::{Code, refusal},
        execute_stream,
    },
    server::{
        ServerState,
        authenticate::{self, Refused},
        watch::{EVERY, Session},
    },
};

/// How long a client has to introduce itself.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a sign of life is asked for.
const PING_EVERY: Duration = Duration::from_secs(25);
/// Answers that wait for the socket.
const OUTBOX: usize = 32;

/// What an operation has to say. The number tells it from an earlier one of the same name.
struct Said {
    id: String,
    number: u64,
    what: What,
}

enum What {
    Next(Response),
    Refused(Response),
    Complete,
}

struct Socket {
    state: ServerState,
    /// In the headers of the upgrade.
    credential: Option<String>,
    viewer: Option<Viewer>,
    session: Option<Session>,
    operations: HashMap<String, (u64, AbortHandle)>,
    started: u64,
    outbox: mpsc::Sender<Said>,
}

/// Serves a socket until one side ends it.
pub async fn run(state: ServerState, mut socket: WebSocket, credential: Option<String>) {
    let (outbox, mut said) = mpsc::channel(OUTBOX);
    let stop = state.stop.clone();
    let mut served = Socket {
        state,
        credential,
        viewer: None,
        session: None,
        operations: HashMap::new(),
        started: 0,
        outbox,
    };
    let init_by = Instant::now() + INIT_TIMEOUT;
    let mut pings = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut checks = tokio::time::interval(EVERY);
    loop {
        let frame = tokio::select! {
            incoming = socket.recv() => match incoming {
                Some(Ok(message)) => served.hear(message).await,
                Some(Err(_)) | None => break,
            },
            // A stream ends with the node; were it told as complete, its client would not come back for more.
            Some(said) = said.recv() => if stop.is_cancelled() {
                Err(Close::GoingAway.frame(""))
            } else {
                Ok(served.say(&said))
            },
            _ = pings.tick() => Ok(ServerMessage::Ping.frame()),
            _ = checks.tick() => match &served.session {
                Some(session) if session.is_over() => Err(Close::Forbidden.frame("")),
                _ => Ok(None),
            },
            () = tokio::time::sleep_until(init_by), if served.viewer.is_none() => {
                Err(Close::InitialisationTimeout.frame(""))
            }
            () = stop.cancelled() => Err(Close::GoingAway.frame("")),
        };
        match frame {
            Ok(None) => {}
            Ok(Some(frame)) => {
                if socket.send(frame).await.is_err() {
                    break;
                }
            }
            Err(close) => {
                // The other side may be gone already.
                let _ = socket.send(close).await;
                break;
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        for (_, operation) in self.operations.values() {
            operation.abort();
        }
    }
}

impl Socket {
    /// What a client's frame is answered with; an error closes the socket.
    async fn hear(&mut self, message: Message) -> Result<Option<Message>, Message> {
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return Err(Close::BadRequest.frame("")),
            // The library answers these by itself.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        let heard: ClientMessage = serde_json::from_str(text).map_err(|_| Close::BadRequest.frame(""))?;
        match heard {
            ClientMessage::ConnectionInit { payload } => {
                self.init(payload.as_ref()).await?;
                Ok(ServerMessage::ConnectionAck.frame())
            }
            ClientMessage::Subscribe { id, payload } => self.begin(id, *payload),
            ClientMessage::Complete { id } => {
                if let Some((_, operation)) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(None)
            }
            ClientMessage::Ping {} => Ok(ServerMessage::Pong.frame()),
            ClientMessage::Pong {} => Ok(None),
        }
    }

    async fn init(&mut self, payload: Option<&serde_json::Value>) -> Result<(), Message> {
        if self.viewer.is_some() {
            return Err(Close::TooManyInitialisations.frame(""));
        }
        let credential = payload
            .and_then(authenticate::from_payload)
            .or(self.credential.as_deref());
        match authenticate::viewer(&self.state, credential).await {
            Ok(viewer) => {
                let clock = self.state.services.clock.clone();
                self.session = Some(self.state.watch.session(viewer.clone(), clock));
                self.viewer = Some(viewer);
                Ok(())
            }
            Err(Refused::Unauthenticated) => Err(Close::Forbidden.frame("")),
            Err(Refused::Failed(error)) => {
                tracing::error!(error = ?error, "a credential could not be looked up");
                Err(Close::Internal.frame(""))
            }
        }
    }

    fn begin(&mut self, id: String, request: Request) -> Result<Option<Message>, Message> {
        let Some(viewer) = self.viewer.clone() else {
            return Err(Close::Unauthorized.frame(""));
        };
        if self.operations.contains_key(&id) {
            return Err(Close::SubscriberExists.frame(&id));
        }
        let max = self.state.bounds.operations_per_socket;
        if self.operations.len() >= max {
            let message = format!("One socket runs at most {max} operations at a time.");
            let refused = refusal(Code::BadUserInput, &message);
            return Ok(ServerMessage::Error {
                id: &id,
                payload: &refused.errors,
            }
            .frame());
        }
        self.started += 1;
        let number = self.started;
        let request_id: uuid::Uuid = self.state.services.clock.id();
        let asked = Asked {
            request,
            viewer,
            id: RequestId(request_id.simple().to_string()),
        };
        let answers = execute_stream(&self.state.schema, asked);
        let operation = self
            .state
            .tasks
            .spawn(speak(answers, id.clone(), number, self.outbox.clone()));
        self.operations.insert(id, (number, operation.abort_handle()));
        Ok(None)
    }

    /// The frame for what an operation says; none when the operation was ended meanwhile.
    fn say(&mut self, said: &Said) -> Option<Message> {
        let id = said.id.as_str();
        if self
            .operations
            .get(id)
            .is_none_or(|(number, _)| *number != said.number)
        {
            return None;
        }
        match &said.what {
            What::Next(response) => ServerMessage::Next {
                id,
                payload: response,
            }
            .frame(),
            What::Refused(response) => {
                self.operations.remove(id);
                ServerMessage::Error {
                    id,
                    payload: &response.errors,
                }
                .frame()
            }
            What::Complete => {
                self.operations.remove(id);
                ServerMessage::Complete { id }.frame()
            }
        }
    }
}

/// Hands the answers of an operation over, one by one.
async fn speak(
    answers: impl futures_util::Stream<Item = Response> + Send,
    id: String,
    number: u64,
    outbox: mpsc::Sender<Said>,
) {
    pin_mut!(answers);
    let mut first = true;
    while let Some(response) = answers.next().await {
        let never_ran = first && response.data == async_graphql::Value::Null && !response.errors.is_empty();
        first = false;
        let what = if never_ran {
            What::Refused(response)
        } else {
            What::Next(response)
        };
        if outbox
            .send(Said {
                id: id.clone(),
                number,
                what,
            })
            .await
            .is_err()
            || never_ran
        {
            return;
        }
    }
    // Nobody hears it when the socket is gone.
    let _ = outbox
        .send(Said {
            id,
            number,
            what: What::Complete,
        })
        .await;
}

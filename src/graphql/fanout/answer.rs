//! An answer as it is sent, and the way to whoever carries it.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, error::TrySendError},
};

use crate::{
    events::ChangeCursor,
    graphql::{
        error::{resume_from, set_resume},
        follow::Run,
        output::write_answer,
    },
};

/// An answer, written once for all who get it.
#[derive(Debug)]
pub struct Answer {
    /// As JSON.
    pub json: String,
    /// From where whoever has got it goes on; none for answers that have no place in the change log.
    pub cursor: Option<ChangeCursor>,
    /// The errors with which the subscription ends.
    ending: Option<Vec<ServerError>>,
}

impl Answer {
    /// From what was executed once.
    pub fn of(response: Response) -> Self {
        Self::at(response, None)
    }

    /// From what was executed for an event. Without data, the event was not given: the subscription ends, and goes on
    /// from before it. Where there was no event yet, it goes on from where it began.
    pub fn in_run(mut response: Response, run: &Run) -> Self {
        let is_lost = failed(&response);
        if is_lost && !response.errors.iter().any(|error| resume_from(error).is_some()) {
            let before = run.last().map(|last| ChangeCursor {
                position: last.position - 1,
                ..last
            });
            if let (Some(cursor), Some(error)) = (before.or(run.begun()), response.errors.first_mut()) {
                set_resume(error, cursor);
            }
        }
        Self::at(response, run.last())
    }

    fn at(response: Response, last: Option<ChangeCursor>) -> Self {
        let mut json = Vec::new();
        write_answer(&response, false, &mut json);
        // JSON is text.
        let json = String::from_utf8(json).unwrap_or_default();
        // An error tells by itself, from before the event that it is about.
        let told = response.errors.iter().find_map(resume_from);
        let ending = failed(&response).then_some(response.errors);
        Self {
            json,
            cursor: told.or(last),
            ending,
        }
    }

    /// The subscription ends with it.
    pub fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// The same for one who was given everything up to a position. None when it was given this too.
    pub fn behind(self: &Arc<Self>, position: i64) -> Option<Arc<Self>> {
        match self.cursor {
            Some(cursor) if cursor.position <= position => {
                // An error is news all the same; going on from its position would repeat what is behind that.
                let mut errors = self.ending.clone()?;
                let cursor = ChangeCursor { position, ..cursor };
                for error in &mut errors {
                    if resume_from(error).is_some() {
                        set_resume(error, cursor);
                    }
                }
                Some(Arc::new(Self::of(Response::from_errors(errors))))
            }
            _ => Some(self.clone()),
        }
    }
}

/// Whether nothing is there but errors.
pub fn failed(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty()
}

/// Answers of queries, mutations and replays that wait for one connection. They wait for each other: those who listen
/// live find the room for which they were promised it.
const IN_TURN: usize = 32;

/// What an operation has to say.
#[derive(Debug)]
pub struct Said {
    /// The operation's number on its connection.
    pub operation: u64,
    /// What it says.
    pub what: What,
    /// Free again when it was taken.
    _turn: Option<OwnedSemaphorePermit>,
}

/// What an operation can say.
#[derive(Debug)]
pub enum What {
    /// An answer.
    Next(Arc<Answer>),
    /// It was not executed; the last that it says.
    Refused(Box<Response>),
    /// The last that it says.
    Complete,
}

/// The room in which the operations of one connection leave what they say.
#[derive(Clone, Debug)]
pub struct Room {
    said: mpsc::Sender<Said>,
    turns: Arc<Semaphore>,
}

/// Where an operation says it.
#[derive(Clone, Debug)]
pub struct Outbox {
    operation: u64,
    room: Room,
}

/// The connection is gone.
#[derive(Debug)]
pub struct Gone;

impl Room {
    /// One in which so many answers may wait of those who listen live.
    pub fn of(buffer: usize) -> (Self, mpsc::Receiver<Said>) {
        let (said, taken) = mpsc::channel(buffer + IN_TURN);
        let turns = Arc::new(Semaphore::new(IN_TURN));
        (Self { said, turns }, taken)
    }

    /// Where an operation says it, by its number on the connection.
    pub fn outbox(&self, operation: u64) -> Outbox {
        let room = self.clone();
        Outbox { operation, room }
    }
}

impl Outbox {
    /// Says something as soon as it is its turn.
    pub async fn say(&self, what: What) -> Result<(), Gone> {
        // Never closed.
        let turn = self.room.turns.clone().acquire_owned().await.ok();
        let said = Said {
            operation: self.operation,
            what,
            _turn: turn,
        };
        self.room.said.send(said).await.map_err(|_| Gone)
    }

    /// Says something if there is room for it now; otherwise tells that there is none, or nobody.
    pub fn try_next(&self, answer: Arc<Answer>) -> Result<(), TrySendError<()>> {
        let said = Said {
            operation: self.operation,
            what: What::Next(answer),
            _turn: None,
        };
        self.room.said.try_send(said).map_err(|error| match error {
            TrySendError::Full(_) => TrySendError::Full(()),
            TrySendError::Closed(_) => TrySendError::Closed(()),
        })
    }
}

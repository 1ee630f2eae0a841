//! An answer as it is sent, and the way to whoever carries it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Response, ServerError, Value};
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, error::TrySendError},
};

use crate::{
    budget::Account,
    events::ChangeCursor,
    graphql::{
        error::{is_expired, out_of_room, resume_from, set_resume},
        follow::Run,
        output::{Json, was_not_run, write_answer},
    },
};

/// An answer, written once for all who get it.
#[derive(Debug)]
pub struct Answer {
    /// As JSON, whose room is taken as long as the answer is there.
    pub json: Json,
    /// From where whoever has got it goes on; none for answers that have no place in the change log.
    pub cursor: Option<ChangeCursor>,
    /// The errors with which the subscription ends.
    ending: Option<Vec<ServerError>>,
}

impl Answer {
    /// From what was executed once, under an account.
    pub fn of(response: Response, account: &Arc<Account>) -> Self {
        Self::at(response, None, account)
    }

    /// From an error that ends an operation, which must be told in any case.
    pub fn last(response: Response) -> Self {
        Self::at(response, None, &Account::unbounded())
    }

    /// From the error of what was not executed: without data, wherever the error was met.
    pub fn refused(response: Response) -> Self {
        let mut json = Json::of(&Account::unbounded());
        write_answer(&response, true, &mut json);
        Self {
            json,
            cursor: response.errors.iter().find_map(resume_from),
            ending: Some(response.errors),
        }
    }

    /// From what was executed for an event. Without data, the event was not given: the subscription ends, and goes on
    /// from before it. Where there was no event yet, it goes on from where it began.
    pub fn in_run(response: Response, run: &Run, account: &Arc<Account>) -> Self {
        let answer = Self::at(Self::told(response, run), run.last(), account);
        if answer.json.is_over()
            && let Some(exceeded) = account.exceeded()
        {
            let response = Self::told(out_of_room(exceeded), run);
            return Self::at(response, run.last(), &Account::unbounded());
        }
        answer
    }

    /// The response, with the position to go on from when the event was not given.
    fn told(mut response: Response, run: &Run) -> Response {
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
        response
    }

    fn at(response: Response, last: Option<ChangeCursor>, account: &Arc<Account>) -> Self {
        let mut json = Json::of(account);
        write_answer(&response, was_not_run(&response), &mut json);
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
                // An error is news all the same; going on from its position would repeat what is behind that. Not so where
                // nothing can be given from where the subscriber is.
                let mut errors = self.ending.clone()?;
                let cursor = ChangeCursor { position, ..cursor };
                for error in &mut errors {
                    if resume_from(error).is_some() && !is_expired(error) {
                        set_resume(error, cursor);
                    }
                }
                Some(Arc::new(Self::last(Response::from_errors(errors))))
            }
            _ => Some(self.clone()),
        }
    }
}

/// Whether nothing is there but errors.
pub fn failed(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty()
}

/// Answers of queries, mutations and replays that wait for one connection. They wait for each other, so that live
/// subscriptions find their part of the buffer free. A large answer takes several of these turns.
const IN_TURN: u32 = 32;

/// What an operation has to say.
#[derive(Debug)]
pub struct Said {
    /// The operation's number on its connection.
    pub operation: u64,
    /// What it says.
    pub what: What,
    /// Free again when it was taken.
    _turn: Option<OwnedSemaphorePermit>,
    _waiting: Option<Waiting>,
}

/// Bytes of live answers that wait for a connection, until this is dropped.
#[derive(Debug)]
struct Waiting {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What an operation can say.
#[derive(Debug)]
pub enum What {
    /// An answer.
    Next(Arc<Answer>),
    /// It was not executed; the last that it says.
    Refused(Box<Response>),
    /// It was executed, and nothing came of it but errors; the last that it says.
    Failed(Box<Response>),
    /// The last that it says.
    Complete,
}

/// The room in which the operations of one connection leave what they say.
#[derive(Clone, Debug)]
pub struct Room {
    said: mpsc::Sender<Said>,
    turns: Arc<Semaphore>,
    /// Bytes of live answers that wait, and how many may.
    waiting: Arc<AtomicUsize>,
    bytes_max: usize,
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
    /// One in which so many answers of live subscriptions may wait, with so many bytes.
    pub fn of(buffer: usize, bytes_max: usize) -> (Self, mpsc::Receiver<Said>) {
        let (said, taken) = mpsc::channel(buffer + IN_TURN as usize);
        let room = Self {
            said,
            turns: Arc::new(Semaphore::new(IN_TURN as usize)),
            waiting: Arc::default(),
            bytes_max,
        };
        (room, taken)
    }

    /// How many turns an answer of so many bytes takes.
    fn turns(&self, bytes: usize) -> u32 {
        let each = (self.bytes_max / IN_TURN as usize).max(1);
        u32::try_from(bytes / each).unwrap_or(IN_TURN).clamp(1, IN_TURN)
    }

    /// Takes a part of the buffer; none when what waits leaves too little. An answer that is larger than all of it waits
    /// alone.
    fn wait(&self, bytes: usize) -> Option<Waiting> {
        let order = Ordering::Relaxed;
        let add = |waiting: usize| {
            let sum = waiting.saturating_add(bytes);
            (waiting == 0 || sum <= self.bytes_max).then_some(sum)
        };
        self.waiting.fetch_update(order, order, add).ok()?;
        let all = self.waiting.clone();
        Some(Waiting { all, bytes })
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
        let bytes = match &what {
            What::Next(answer) => answer.json.len(),
            What::Refused(_) | What::Failed(_) | What::Complete => 0,
        };
        // Never closed.
        let turns = self.room.turns(bytes);
        let turn = self.room.turns.clone().acquire_many_owned(turns).await.ok();
        let said = Said {
            operation: self.operation,
            what,
            _turn: turn,
            _waiting: None,
        };
        self.room.said.send(said).await.map_err(|_| Gone)
    }

    /// Says something if there is room for it now; otherwise tells that there is none, or nobody.
    pub fn try_next(&self, answer: Arc<Answer>) -> Result<(), TrySendError<()>> {
        let waiting = self.room.wait(answer.json.len()).ok_or(TrySendError::Full(()))?;
        let said = Said {
            operation: self.operation,
            what: What::Next(answer),
            _turn: None,
            _waiting: Some(waiting),
        };
        self.room.said.try_send(said).map_err(|error| match error {
            TrySendError::Full(_) => TrySendError::Full(()),
            TrySendError::Closed(_) => TrySendError::Closed(()),
        })
    }
}

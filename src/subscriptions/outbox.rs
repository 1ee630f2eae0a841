//! Serialized responses, and the buffers that hold them until the connection sends them.

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
        SubscriptionRun,
        error::{is_expired, out_of_room, resume_from, set_resume},
        output::{Json, was_not_run, write_answer},
    },
};

/// A response, serialized once for all subscribers that receive it.
#[derive(Debug)]
pub struct EncodedResponse {
    /// The response as JSON. Its memory is charged until the response is dropped.
    pub json: Json,
    /// Cursor from which a subscriber that has received this response resumes. `None` for responses without a
    /// position in the change log.
    pub cursor: Option<ChangeCursor>,
    /// The errors that end the subscription.
    ending: Option<Vec<ServerError>>,
}

impl EncodedResponse {
    /// Serializes the response of an operation that ran once. The memory is charged to the account.
    pub fn of(response: Response, account: &Arc<Account>) -> Self {
        Self::at(response, None, account)
    }

    /// Serializes an error that ends an operation. The memory is not limited, because the error must be delivered.
    pub fn last(response: Response) -> Self {
        Self::at(response, None, &Account::unbounded())
    }

    /// Serializes the error of a request that did not run. The result has no data, even if the error has a path.
    pub fn refused(response: Response) -> Self {
        let mut json = Json::of(&Account::unbounded());
        write_answer(&response, true, &mut json);
        Self {
            json,
            cursor: response.errors.iter().find_map(resume_from),
            ending: Some(response.errors),
        }
    }

    /// Serializes the response to an event. A response without data means that the event was not delivered: the
    /// subscription ends and resumes before that event. If no event was read yet, it resumes from its start position.
    pub fn in_run(response: Response, run: &SubscriptionRun, account: &Arc<Account>) -> Self {
        let encoded = Self::at(Self::with_resume(response, run), run.last(), account);
        if encoded.json.is_over()
            && let Some(exceeded) = account.exceeded()
        {
            let response = Self::with_resume(out_of_room(exceeded), run);
            return Self::at(response, run.last(), &Account::unbounded());
        }
        encoded
    }

    /// Adds the position to resume from to the first error, if the event was not delivered.
    fn with_resume(mut response: Response, run: &SubscriptionRun) -> Response {
        let is_lost = failed(&response);
        if is_lost && !response.errors.iter().any(|error| resume_from(error).is_some()) {
            let before = run.last().map(|last| ChangeCursor {
                position: last.position - 1,
                ..last
            });
            if let (Some(cursor), Some(error)) = (before.or(run.start()), response.errors.first_mut()) {
                set_resume(error, cursor);
            }
        }
        response
    }

    fn at(response: Response, last: Option<ChangeCursor>, account: &Arc<Account>) -> Self {
        let mut json = Json::of(account);
        write_answer(&response, was_not_run(&response), &mut json);
        // The cursor of an error is the position before the event that the error belongs to.
        let resume = response.errors.iter().find_map(resume_from);
        let ending = failed(&response).then_some(response.errors);
        Self {
            json,
            cursor: resume.or(last),
            ending,
        }
    }

    /// Returns true if the subscription ends with this response.
    pub fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// Returns the response for a subscriber that has received everything up to a cursor. `None` if that includes
    /// this response. `past` contains the epochs that have ended, oldest first: if the cursor belongs to an earlier
    /// epoch than the response and is not before it, the events up to the cursor were lost, and the response is sent.
    pub fn after(self: &Arc<Self>, from: ChangeCursor, past: &[i64]) -> Option<Arc<Self>> {
        let order = |epoch| {
            let ended = past.iter().position(|ended| *ended == epoch);
            ended.unwrap_or(past.len())
        };
        match self.cursor {
            Some(cursor) if cursor.position <= from.position && order(cursor.epoch) <= order(from.epoch) => {
                // An error is delivered in any case. Its cursor becomes the subscriber's, because the original one
                // would repeat later events. An expired cursor is not replaced, because no events can be read from
                // the subscriber's position.
                let mut errors = self.ending.clone()?;
                for error in &mut errors {
                    if resume_from(error).is_some() && !is_expired(error) {
                        set_resume(error, from);
                    }
                }
                Some(Arc::new(Self::last(Response::from_errors(errors))))
            }
            _ => Some(self.clone()),
        }
    }
}

/// Returns true if the response has errors and no data.
pub fn failed(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty()
}

/// Number of responses of queries, mutations and replays that may wait for one connection at a time. A large response
/// takes several of these permits. The limit leaves the rest of the buffer to live subscriptions.
const SLOTS: u32 = 32;

/// A message of an operation to its client.
#[derive(Debug)]
pub struct OutboxItem {
    /// Number of the operation on its connection.
    pub operation: u64,
    /// The message.
    pub content: OutboxContent,
    /// Released when the connection takes the message.
    _turn: Option<OwnedSemaphorePermit>,
    _waiting: Option<PendingBytes>,
}

/// Bytes of live responses that wait for a connection. Subtracted again on drop.
#[derive(Debug)]
struct PendingBytes {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for PendingBytes {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The kinds of messages of an operation.
#[derive(Debug)]
pub enum OutboxContent {
    /// A response.
    Next(Arc<EncodedResponse>),
    /// The request was rejected before it ran. No further message follows.
    Refused(Box<Response>),
    /// The operation ran and returned only errors. No further message follows.
    Failed(Box<Response>),
    /// The operation is complete. No further message follows.
    Complete,
}

/// The buffer for messages of all operations of one connection.
#[derive(Clone, Debug)]
pub struct Outbox {
    items: mpsc::Sender<OutboxItem>,
    turns: Arc<Semaphore>,
    /// Bytes of live responses in the buffer. Bounded by `bytes_max`.
    waiting: Arc<AtomicUsize>,
    bytes_max: usize,
}

/// The part of a connection's buffer that belongs to one operation.
#[derive(Clone, Debug)]
pub struct OutboxSender {
    operation: u64,
    outbox: Outbox,
}

/// The connection is closed.
#[derive(Debug)]
pub struct Disconnected;

impl Outbox {
    /// Creates a buffer for `buffer` responses of live subscriptions with `bytes_max` bytes in total.
    pub fn of(buffer: usize, bytes_max: usize) -> (Self, mpsc::Receiver<OutboxItem>) {
        let (items, receiver) = mpsc::channel(buffer + SLOTS as usize);
        let outbox = Self {
            items,
            turns: Arc::new(Semaphore::new(SLOTS as usize)),
            waiting: Arc::default(),
            bytes_max,
        };
        (outbox, receiver)
    }

    /// Returns the number of permits for a response of this size.
    fn turns(&self, bytes: usize) -> u32 {
        let each = (self.bytes_max / SLOTS as usize).max(1);
        u32::try_from(bytes / each).unwrap_or(SLOTS).clamp(1, SLOTS)
    }

    /// Reserves bytes in the buffer. `None` if too few are free. A response larger than the whole buffer is accepted
    /// only while no other live response waits.
    fn wait(&self, bytes: usize) -> Option<PendingBytes> {
        let order = Ordering::Relaxed;
        let add = |waiting: usize| {
            let sum = waiting.saturating_add(bytes);
            (waiting == 0 || sum <= self.bytes_max).then_some(sum)
        };
        self.waiting.fetch_update(order, order, add).ok()?;
        let all = self.waiting.clone();
        Some(PendingBytes { all, bytes })
    }

    /// Returns the buffer of one operation, by its number on the connection.
    pub fn sender(&self, operation: u64) -> OutboxSender {
        let outbox = self.clone();
        OutboxSender { operation, outbox }
    }
}

impl OutboxSender {
    /// Waits for permits and sends a message.
    pub async fn send(&self, content: OutboxContent) -> Result<(), Disconnected> {
        let bytes = match &content {
            OutboxContent::Next(response) => response.json.len(),
            OutboxContent::Refused(_) | OutboxContent::Failed(_) | OutboxContent::Complete => 0,
        };
        // The semaphore is never closed.
        let turns = self.outbox.turns(bytes);
        let turn = self.outbox.turns.clone().acquire_many_owned(turns).await.ok();
        let item = OutboxItem {
            operation: self.operation,
            content,
            _turn: turn,
            _waiting: None,
        };
        self.outbox.items.send(item).await.map_err(|_| Disconnected)
    }

    /// Sends a live response if the buffer has space now. Otherwise returns whether the buffer is full or the
    /// connection closed.
    pub fn try_next(&self, response: Arc<EncodedResponse>) -> Result<(), TrySendError<()>> {
        let waiting = self
            .outbox
            .wait(response.json.len())
            .ok_or(TrySendError::Full(()))?;
        let item = OutboxItem {
            operation: self.operation,
            content: OutboxContent::Next(response),
            _turn: None,
            _waiting: Some(waiting),
        };
        self.outbox.items.try_send(item).map_err(|error| match error {
            TrySendError::Full(_) => TrySendError::Full(()),
            TrySendError::Closed(_) => TrySendError::Closed(()),
        })
    }
}

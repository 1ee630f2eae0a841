//! An answer as it is sent, and the way to whoever carries it.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::{
    events::ChangeCursor,
    graphql::error::{move_resume, resume_from},
};

/// An answer, written once for all who get it.
#[derive(Debug)]
pub struct Answer {
    /// As JSON.
    pub json: String,
    /// From where whoever has got it goes on; none for answers that have no place in the change log.
    pub cursor: Option<ChangeCursor>,
    /// It tells the cursor as an error, with which the subscription ends.
    ending: Option<Vec<ServerError>>,
}

impl Answer {
    /// From what was executed. `last` is the position of the event that it is about.
    pub fn of(response: Response, last: Option<ChangeCursor>) -> Self {
        // What GraphQL answers can be written as JSON.
        let json = serde_json::to_string(&response).unwrap_or_default();
        // An error tells by itself, from before the event that it is about.
        let told = response.errors.iter().find_map(resume_from);
        Self {
            json,
            cursor: told.or(last),
            ending: told.map(|_| response.errors),
        }
    }

    /// The same for one who was given everything up to a position. None when it was given this too.
    pub fn behind(self: &Arc<Self>, position: i64) -> Option<Arc<Self>> {
        match self.cursor {
            Some(cursor) if cursor.position <= position => {
                // An error is news all the same; going on from its position would repeat what is behind that.
                let mut errors = self.ending.clone()?;
                move_resume(&mut errors, ChangeCursor { position, ..cursor });
                Some(Arc::new(Self::of(Response::from_errors(errors), None)))
            }
            _ => Some(self.clone()),
        }
    }
}

/// Whether an operation was refused: nothing of it was executed.
pub fn is_refusal(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty()
}

/// What an operation has to say.
#[derive(Debug)]
pub struct Said {
    /// The operation's number on its connection.
    pub operation: u64,
    /// What it says.
    pub what: What,
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

/// Where an operation says it. Several operations of one connection share its room.
#[derive(Clone, Debug)]
pub struct Outbox {
    operation: u64,
    room: mpsc::Sender<Said>,
}

/// The connection is gone.
#[derive(Debug)]
pub struct Gone;

impl Outbox {
    /// That of an operation, by its number on the connection.
    pub fn new(operation: u64, room: mpsc::Sender<Said>) -> Self {
        Self { operation, room }
    }

    /// Says something as soon as there is room.
    pub async fn say(&self, what: What) -> Result<(), Gone> {
        let operation = self.operation;
        self.room.send(Said { operation, what }).await.map_err(|_| Gone)
    }

    /// Says something if there is room for it now; otherwise tells that there is none, or nobody.
    pub fn try_next(&self, answer: Arc<Answer>) -> Result<(), TrySendError<()>> {
        let (operation, what) = (self.operation, What::Next(answer));
        let sent = self.room.try_send(Said { operation, what });
        sent.map_err(|error| match error {
            TrySendError::Full(_) => TrySendError::Full(()),
            TrySendError::Closed(_) => TrySendError::Closed(()),
        })
    }
}

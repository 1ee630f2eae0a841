//! Those who get the same answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tokio::{sync::mpsc::error::TrySendError, task::AbortHandle};

use super::answer::{Answer, Outbox};
use crate::events::ChangeCursor;

/// Answers that wait for a subscriber who still reads what the log holds. With more, it reads on.
const WAITING: usize = 256;

/// Those who get the same answers.
#[derive(Debug)]
pub struct Group {
    state: Mutex<State>,
    /// Executes for all of them.
    publisher: OnceLock<AbortHandle>,
}

#[derive(Debug)]
struct State {
    /// Everything up to here was given to those who were there.
    position: i64,
    members: HashMap<u64, Member>,
    joined: u64,
    ended: bool,
}

#[derive(Debug)]
struct Member {
    outbox: Outbox,
    /// It was given everything up to here before it came.
    from: i64,
    /// Answers behind that, as long as something before them is missing.
    waiting: Option<Vec<Arc<Answer>>>,
}

/// How somebody joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// By which it leaves.
    pub number: u64,
    /// The group is further: what lies between must be read first. Otherwise it gets everything from its position on.
    pub is_behind: bool,
}

/// Somebody who is no member any more.
#[derive(Debug)]
pub struct Left {
    /// Where it is told.
    pub outbox: Outbox,
    /// Everything up to here was given to it.
    pub position: i64,
}

impl Group {
    /// One with its first member, who was given everything up to a position. The answer has the member's number.
    pub fn begin(outbox: Outbox, position: i64) -> (Self, u64) {
        let first = Member {
            outbox,
            from: position,
            waiting: None,
        };
        let state = State {
            position,
            members: HashMap::from([(0, first)]),
            joined: 0,
            ended: false,
        };
        let group = Self {
            state: Mutex::new(state),
            publisher: OnceLock::new(),
        };
        (group, 0)
    }

    /// Says who executes.
    pub fn published_by(&self, publisher: AbortHandle) {
        // Said once, when the group is made.
        let _ = self.publisher.set(publisher);
    }

    /// Adds one who was given everything up to a position; none when the group has ended.
    pub fn join(&self, outbox: Outbox, from: i64) -> Option<Joined> {
        let mut state = self.state();
        if state.ended {
            return None;
        }
        state.joined += 1;
        let number = state.joined;
        let is_behind = from < state.position;
        let member = Member {
            outbox,
            from,
            waiting: is_behind.then(Vec::new),
        };
        state.members.insert(number, member);
        Some(Joined { number, is_behind })
    }

    /// Gives one who was behind and has come to a position what waits for it. Tells how far it was given when it must
    /// read on: it is no member any more then.
    pub fn catch_up(&self, number: u64, reached: ChangeCursor) -> Result<(), ChangeCursor> {
        let mut state = self.state();
        let Some(member) = state.members.get_mut(&number) else {
            return Err(reached);
        };
        let mut given = reached;
        member.from = reached.position;
        for answer in member.waiting.take().unwrap_or_default() {
            let Some(answer) = answer.behind(given.position) else {
                continue;
            };
            if member.outbox.try_next(answer.clone()).is_err() {
                state.members.remove(&number);
                return Err(given);
            }
            given = answer.cursor.unwrap_or(given);
        }
        Ok(())
    }

    /// Removes one. True when nobody is left.
    pub fn leave(&self, number: u64) -> bool {
        let mut state = self.state();
        state.members.remove(&number);
        state.members.is_empty()
    }

    /// Ends it when nobody is there: whoever comes from now on begins another one.
    pub fn end_if_empty(&self) -> bool {
        let mut state = self.state();
        state.ended |= state.members.is_empty();
        state.ended
    }

    /// Ends the execution for a group that nobody is left in.
    pub fn stop(&self) {
        if let Some(publisher) = self.publisher.get() {
            publisher.abort();
        }
    }

    /// Gives an answer to all, and tells who had no room for it.
    pub fn publish(&self, answer: &Arc<Answer>) -> Vec<Left> {
        let mut state = self.state();
        let before = state.position;
        if let Some(cursor) = answer.cursor {
            state.position = before.max(cursor.position);
        }
        // Whoever comes from now on begins another group.
        state.ended |= answer.is_ending();
        let mut slow = Vec::new();
        state.members.retain(|_, member| {
            let given = before.max(member.from);
            match member.give(answer) {
                Given::Yes => true,
                Given::Gone => false,
                Given::NoRoom => {
                    slow.push(Left {
                        outbox: member.outbox.clone(),
                        position: given,
                    });
                    false
                }
            }
        });
        slow
    }

    /// Ends it, and tells who was there to the end. Those who are still behind find out for themselves.
    pub fn end(&self) -> Vec<Left> {
        let mut state = self.state();
        state.ended = true;
        let position = state.position;
        let members = std::mem::take(&mut state.members).into_values();
        members
            .filter(|member| member.waiting.is_none())
            .map(|member| Left {
                position: position.max(member.from),
                outbox: member.outbox,
            })
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Given {
    Yes,
    NoRoom,
    Gone,
}

impl Member {
    fn give(&mut self, answer: &Arc<Answer>) -> Given {
        if let Some(waiting) = &mut self.waiting {
            if waiting.len() == WAITING {
                // It reads them from the log.
                return Given::Gone;
            }
            waiting.push(answer.clone());
            return Given::Yes;
        }
        let Some(answer) = answer.behind(self.from) else {
            return Given::Yes;
        };
        match self.outbox.try_next(answer) {
            Ok(()) => Given::Yes,
            Err(TrySendError::Full(())) => Given::NoRoom,
            Err(TrySendError::Closed(())) => Given::Gone,
        }
    }
}

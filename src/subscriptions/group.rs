//! Groups of subscribers that receive the same responses.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;
use tokio::{sync::mpsc::error::TrySendError, task::AbortHandle};

use super::outbox::{EncodedResponse, OutboxSender};
use crate::events::ChangeCursor;

/// Maximum number of responses that wait for a subscriber during its replay. A subscriber with more reads the rest
/// from the log.
const BACKLOG_MAX: usize = 256;

/// Subscribers that receive the same responses.
#[derive(Debug)]
pub struct Group {
    state: Mutex<State>,
    /// Handle of the task that executes events for the group.
    publisher: OnceLock<AbortHandle>,
}

#[derive(Debug)]
struct State {
    /// Position up to which the group has received all events.
    position: i64,
    /// Epoch of the newest response, or of the start.
    epoch: i64,
    /// Epochs that ended before the newest response, in order.
    past: Vec<i64>,
    members: HashMap<u64, Member>,
    joined: u64,
    ended: bool,
}

#[derive(Debug)]
struct Member {
    sender: OutboxSender,
    /// Cursor up to which the member has received all events.
    from: ChangeCursor,
    /// Responses after that position, while earlier ones are still missing. `None` when the member is up to date.
    waiting: Option<Vec<Arc<EncodedResponse>>>,
}

/// Result of joining a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinOutcome {
    /// Number of the member in the group.
    pub number: u64,
    /// True if the group is ahead of the member: the events in between must be replayed first. Otherwise the member
    /// receives everything after its position.
    pub is_behind: bool,
}

/// A subscriber that is no longer a member.
#[derive(Debug)]
pub struct FormerMember {
    /// Buffer for its last message.
    pub sender: OutboxSender,
    /// Cursor up to which it has received all events.
    pub reached: ChangeCursor,
}

impl Group {
    /// Creates a group with its first member, which has received all events up to `from`. Returns the group and the
    /// number of the member.
    pub fn begin(sender: OutboxSender, from: ChangeCursor) -> (Self, u64) {
        let first = Member {
            sender,
            from,
            waiting: None,
        };
        let state = State {
            position: from.position,
            epoch: from.epoch,
            past: Vec::new(),
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

    /// Sets the handle of the task that executes events.
    pub fn published_by(&self, publisher: AbortHandle) {
        // Called once, when the group is created.
        let _ = self.publisher.set(publisher);
    }

    /// Adds a member that has received all events up to `from`. `None` if the group has ended.
    pub fn join(&self, sender: OutboxSender, from: ChangeCursor) -> Option<JoinOutcome> {
        let mut state = self.state.lock();
        if state.ended {
            return None;
        }
        state.joined += 1;
        let number = state.joined;
        // A position of an ended epoch is checked by a replay, because its events may be lost.
        let is_behind = from.position < state.position || state.past.contains(&from.epoch);
        let member = Member {
            sender,
            from,
            waiting: is_behind.then(Vec::new),
        };
        state.members.insert(number, member);
        Some(JoinOutcome { number, is_behind })
    }

    /// Sends the waiting responses to a member whose replay has reached a position. `Err` if the replay must
    /// continue, with the position that the member has reached: it is then no longer a member.
    pub fn catch_up(&self, number: u64, reached: ChangeCursor) -> Result<(), ChangeCursor> {
        let mut state = self.state.lock();
        let State { members, past, .. } = &mut *state;
        let Some(member) = members.get_mut(&number) else {
            return Err(reached);
        };
        member.from = reached;
        for response in member.waiting.take().unwrap_or_default() {
            let Some(response) = response.after(member.from, past) else {
                continue;
            };
            if member.sender.try_next(response.clone()).is_err() {
                let reached = member.from;
                members.remove(&number);
                return Err(reached);
            }
            member.from = response.cursor.unwrap_or(member.from);
        }
        Ok(())
    }

    /// Removes a member. Returns true if the group is empty.
    pub fn leave(&self, number: u64) -> bool {
        let mut state = self.state.lock();
        state.members.remove(&number);
        state.members.is_empty()
    }

    /// Ends the group if it is empty. Returns true if the group has ended: later subscribers create another group.
    pub fn end_if_empty(&self) -> bool {
        let mut state = self.state.lock();
        state.ended |= state.members.is_empty();
        state.ended
    }

    /// Aborts the task that executes events.
    pub fn stop(&self) {
        if let Some(publisher) = self.publisher.get() {
            publisher.abort();
        }
    }

    /// Sends a response to all members. Removes and returns the members whose buffer is full.
    pub fn publish(&self, response: &Arc<EncodedResponse>) -> Vec<FormerMember> {
        let mut state = self.state.lock();
        state.reach(response.cursor);
        // Later subscribers create another group.
        state.ended |= response.is_ending();
        let State { members, past, .. } = &mut *state;
        let mut slow = Vec::new();
        members.retain(|_, member| match member.deliver(response, past) {
            Delivery::Yes => true,
            Delivery::Disconnected => false,
            Delivery::NoRoom => {
                slow.push(FormerMember {
                    sender: member.sender.clone(),
                    reached: member.from,
                });
                false
            }
        });
        slow
    }

    /// Ends the group and returns its members. Members that still replay are not returned: `catch_up` reports the end
    /// to them.
    pub fn end(&self) -> Vec<FormerMember> {
        let mut state = self.state.lock();
        state.ended = true;
        let members = std::mem::take(&mut state.members).into_values();
        members
            .filter(|member| member.waiting.is_none())
            .map(|member| FormerMember {
                reached: member.from,
                sender: member.sender,
            })
            .collect()
    }
}

impl State {
    /// Records the cursor of a response.
    fn reach(&mut self, cursor: Option<ChangeCursor>) {
        let Some(cursor) = cursor else { return };
        self.position = self.position.max(cursor.position);
        if cursor.epoch != self.epoch {
            let ended = std::mem::replace(&mut self.epoch, cursor.epoch);
            self.past.push(ended);
        }
    }
}

enum Delivery {
    Yes,
    NoRoom,
    Disconnected,
}

impl Member {
    fn deliver(&mut self, response: &Arc<EncodedResponse>, past: &[i64]) -> Delivery {
        if let Some(waiting) = &mut self.waiting {
            if waiting.len() == BACKLOG_MAX {
                // The member leaves and reads the responses from the log.
                return Delivery::Disconnected;
            }
            waiting.push(response.clone());
            return Delivery::Yes;
        }
        let Some(response) = response.after(self.from, past) else {
            return Delivery::Yes;
        };
        let reached = response.cursor.unwrap_or(self.from);
        match self.sender.try_next(response) {
            Ok(()) => {
                self.from = reached;
                Delivery::Yes
            }
            Err(TrySendError::Full(())) => Delivery::NoRoom,
            Err(TrySendError::Closed(())) => Delivery::Disconnected,
        }
    }
}

//! The listeners of one workspace's log, indexed by the object that they follow.

use std::collections::HashMap;

use entity::change::Model;
use tokio::sync::mpsc::{self, error::TrySendError};
use uuid::Uuid;

use super::event::SharedEvent;
use crate::{auth::Scope, store::change::ChangeFilter};

/// Capacity of a listener's queue in events. A listener whose queue is full continues from the log.
const BUFFER: usize = 256;

/// The object that a listener follows. `None` for the whole workspace.
type Target = Option<Uuid>;

/// The listeners, and the position up to which events were delivered.
#[derive(Debug)]
pub struct Audience {
    /// All events up to this position were delivered.
    position: i64,
    listeners: HashMap<Target, HashMap<u64, ListenerEntry>>,
    begun: u64,
}

#[derive(Debug)]
struct ListenerEntry {
    filter: ChangeFilter,
    scope: Scope,
    events: mpsc::Sender<SharedEvent>,
}

/// Identifies a listener, to remove it.
#[derive(Clone, Copy, Debug)]
pub struct ListenerHandle {
    target: Target,
    number: u64,
}

impl Audience {
    /// An audience without listeners, at a position of the log.
    pub fn at(position: i64) -> Self {
        Self {
            position,
            listeners: HashMap::new(),
            begun: 0,
        }
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    /// Adds a listener. It receives every later event that is in the scope and matches the filter. Its
    /// channel closes when its queue is full.
    pub fn join(
        &mut self,
        filter: ChangeFilter,
        scope: Scope,
    ) -> (ListenerHandle, mpsc::Receiver<SharedEvent>) {
        let (events, received) = mpsc::channel(BUFFER);
        self.begun += 1;
        let place = ListenerHandle {
            target: target(&filter),
            number: self.begun,
        };
        let listening = ListenerEntry {
            filter,
            scope,
            events,
        };
        self.listeners
            .entry(place.target)
            .or_default()
            .insert(place.number, listening);
        (place, received)
    }

    /// Removes a listener.
    pub fn leave(&mut self, place: ListenerHandle) {
        if let Some(those) = self.listeners.get_mut(&place.target) {
            those.remove(&place.number);
            if those.is_empty() {
                self.listeners.remove(&place.target);
            }
        }
    }

    /// Closes the channels of all listeners. They continue from the log.
    pub fn dismiss(&mut self) {
        self.listeners.clear();
    }

    /// Continues from a position of a different log. Closes the channels of all listeners.
    pub fn begin_at(&mut self, position: i64) {
        self.dismiss();
        self.position = position;
    }

    /// Delivers an event. Only listeners that follow an object of the event, or the whole workspace, are
    /// checked.
    pub fn give(&mut self, event: &SharedEvent) {
        // Positions are dense. A gap means that events were deleted before they were delivered, so listeners
        // read the log.
        if event.position != self.position + 1 {
            self.dismiss();
        }
        self.position = event.position;
        for target in targets(event) {
            let Some(those) = self.listeners.get_mut(&target) else {
                continue;
            };
            those.retain(|_, listening| listening.give(event));
            if those.is_empty() {
                self.listeners.remove(&target);
            }
        }
    }
}

impl ListenerEntry {
    /// Returns whether the listener remains.
    fn give(&self, event: &SharedEvent) -> bool {
        let is_seen = self
            .scope
            .sees_part(&event.workspace_id, &event.customer_id, event.internal);
        let wanted = is_seen && self.filter.takes(event);
        if !wanted {
            return true;
        }
        match self.events.try_send(event.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
        }
    }
}

/// The object that a filter names, if any.
fn target(filter: &ChangeFilter) -> Target {
    let ticket = filter.ticket.map(|id| id.0);
    let conversation = filter.conversation.map(|id| id.0);
    ticket.or(conversation).or_else(|| filter.customer.map(|id| id.0))
}

/// The objects that an event is about.
fn targets(event: &Model) -> impl Iterator<Item = Target> {
    let things = [
        event.ticket_id.map(|id| id.0),
        event.conversation_id.map(|id| id.0),
        Some(event.customer_id.0),
    ];
    std::iter::once(None).chain(things.into_iter().flatten().map(Some))
}

//! Who listens to one workspace's log, by what they listen to.

use std::collections::HashMap;

use entity::change::Model;
use tokio::sync::mpsc::{self, error::TrySendError};
use uuid::Uuid;

use super::event::SharedEvent;
use crate::{auth::Scope, store::change::ChangeFilter};

/// Events that wait for one listener. Whoever has no room for the next reads the log from there.
const ROOM: usize = 256;

/// The thing that somebody listens to; none for the whole workspace.
type Target = Option<Uuid>;

/// Who listens, and how far the log was given to them.
#[derive(Debug)]
pub struct Audience {
    /// Everything up to here was given to whoever wanted it.
    position: i64,
    listeners: HashMap<Target, HashMap<u64, Listening>>,
    begun: u64,
}

#[derive(Debug)]
struct Listening {
    filter: ChangeFilter,
    scope: Scope,
    events: mpsc::Sender<SharedEvent>,
}

/// A listener's place, to leave it by.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    target: Target,
    number: u64,
}

impl Audience {
    /// Nobody yet, at a position of the log.
    pub fn at(position: i64) -> Self {
        Self {
            position,
            listeners: HashMap::new(),
            begun: 0,
        }
    }

    /// How far the log was given.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Adds one who gets every event behind [`Self::position`] that the scope holds and that fits. When there was no
    /// room for one, its channel ends.
    pub fn join(&mut self, filter: ChangeFilter, scope: Scope) -> (Place, mpsc::Receiver<SharedEvent>) {
        let (events, received) = mpsc::channel(ROOM);
        self.begun += 1;
        let place = Place {
            target: target(&filter),
            number: self.begun,
        };
        let listening = Listening {
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

    /// Removes one.
    pub fn leave(&mut self, place: Place) {
        if let Some(those) = self.listeners.get_mut(&place.target) {
            those.remove(&place.number);
            if those.is_empty() {
                self.listeners.remove(&place.target);
            }
        }
    }

    /// Lets everybody go: they read the log from where they are.
    pub fn dismiss(&mut self) {
        self.listeners.clear();
    }

    /// Goes on from a position of another log. All listeners are let go.
    pub fn begin_at(&mut self, position: i64) {
        self.dismiss();
        self.position = position;
    }

    /// Gives an event to whoever wants it. Only those who listen to what it is about are looked at.
    pub fn give(&mut self, event: &SharedEvent) {
        // Positions are dense: what is missing was given up before it could be given. The log tells each of them.
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

impl Listening {
    /// Whether it goes on listening.
    fn give(&self, event: &SharedEvent) -> bool {
        let seen =
            self.scope.sees(&event.workspace_id, &event.customer_id) && (self.scope.notes || !event.internal);
        let wanted = seen && self.filter.takes(event);
        if !wanted {
            return true;
        }
        match self.events.try_send(event.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
        }
    }
}

/// What a filter is about: the one thing that it names, if it names one.
fn target(filter: &ChangeFilter) -> Target {
    let ticket = filter.ticket.map(|id| id.0);
    let conversation = filter.conversation.map(|id| id.0);
    ticket.or(conversation).or_else(|| filter.customer.map(|id| id.0))
}

/// What an event is about.
fn targets(event: &Model) -> impl Iterator<Item = Target> {
    let things = [
        event.ticket_id.map(|id| id.0),
        event.conversation_id.map(|id| id.0),
        Some(event.customer_id.0),
    ];
    std::iter::once(None).chain(things.into_iter().flatten().map(Some))
}

//! A followed log: how far it was read, and its readers.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use entity::{Timestamp, change::Model};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, mpsc, watch};
use uuid::Uuid;

use super::{
    audience::{Audience, ListenerHandle},
    event::SharedEvent,
};
use crate::{
    auth::Scope,
    store::change::{ChangeFilter, LogPosition},
};

/// The state that the follower of a log shares with its readers.
#[derive(Debug)]
pub struct FollowedLog {
    pub nudge: Notify,
    pub progress: watch::Sender<Progress>,
    pub audience: Mutex<Audience>,
    /// The newest position that another node has announced and that was not checked yet.
    pub told: Mutex<Option<LogPosition>>,
    /// How often the log was replaced by one that has at least as many events.
    pub partings: AtomicU32,
}

/// How far the follower of a log has read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    pub position: i64,
    /// Number of attempts to read the log to its end.
    pub passes: u64,
    pub has_ended: bool,
}

/// The position that was reached in a log, and the identity of the event there.
#[derive(Debug)]
pub struct LogTip {
    pub reached: LogPosition,
    /// `None` if the log has no event there.
    pub event: Option<(Uuid, Timestamp, i64)>,
}

impl LogTip {
    /// The tip of a log whose newest event this is.
    pub fn at(newest: Option<&Model>) -> Self {
        Self {
            reached: newest.map(LogPosition::from).unwrap_or_default(),
            event: newest.map(Self::identity),
        }
    }

    pub fn identity(event: &Model) -> (Uuid, Timestamp, i64) {
        (event.object_id, event.at, event.epoch)
    }

    /// Whether a page that begins with the last reached event belongs to the followed log. If so, records the
    /// end of the page.
    pub fn leads_to(&mut self, page: &[Model]) -> bool {
        let of = Self::identity;
        let position = self.reached.position;
        let is_same = match page.first() {
            Some(first) if first.position == position => self.event.is_none_or(|event| event == of(first)),
            // The newest event is never deleted, but earlier ones may be.
            Some(_) => true,
            None => self.event.is_none(),
        };
        if is_same && let Some(last) = page.last() {
            self.event = Some(of(last));
            self.reached = last.into();
        }
        is_same
    }
}

impl FollowedLog {
    /// Records the newest position that another node has announced.
    pub fn tell(&self, told: LogPosition) {
        let mut furthest = self.told.lock();
        if furthest.is_none_or(|furthest| furthest.position < told.position) {
            *furthest = Some(told);
        }
    }

    pub fn take_told(&self) -> Option<LogPosition> {
        self.told.lock().take()
    }

    pub fn audience(&self) -> MutexGuard<'_, Audience> {
        self.audience.lock()
    }
}

/// A reader of a log. Its follower runs until the reader is dropped.
#[derive(Debug)]
pub struct LogWatch {
    followed: Arc<FollowedLog>,
    /// Counts as a reader of the log.
    progress: watch::Receiver<Progress>,
    /// Value of `FollowedLog::partings` when the reader joined.
    partings: u32,
}

impl LogWatch {
    pub fn of(followed: &Arc<FollowedLog>) -> Self {
        Self {
            followed: followed.clone(),
            progress: followed.progress.subscribe(),
            partings: followed.partings.load(Ordering::SeqCst),
        }
    }

    /// Whether the log was replaced and positions do not show it.
    pub fn is_parted(&self) -> bool {
        self.followed.partings.load(Ordering::SeqCst) != self.partings
    }

    /// Position up to which the follower has read the log.
    pub fn position(&self) -> i64 {
        self.followed.audience().position()
    }

    /// Lets the follower read the log now instead of at the next poll.
    pub fn nudge(&self) {
        self.followed.nudge.notify_one();
    }

    /// Waits until the follower has reached a position. Returns earlier if it has ended, or has read the log to its
    /// end without reaching the position, but not before the next poll.
    pub async fn wait_for(&self, position: i64) {
        let mut progress = self.progress.clone();
        // The attempt that is running may have read the log before the position was written.
        let enough = progress.borrow().passes + 2;
        self.nudge();
        let is_over = |now: &Progress| now.position >= position || now.passes >= enough || now.has_ended;
        // The sender lives as long as this reader.
        let _ = progress.wait_for(is_over).await;
    }
}

/// A listener. Leaves the audience on drop.
#[derive(Debug)]
pub struct LiveEvents {
    /// Every event after this position is delivered until the queue is full.
    pub from: i64,
    /// The log of the events.
    pub watch: LogWatch,
    events: mpsc::Receiver<SharedEvent>,
    place: ListenerHandle,
}

impl LiveEvents {
    pub fn join(followed: &Arc<FollowedLog>, filter: &ChangeFilter, scope: &Scope) -> Self {
        let mut audience = followed.audience();
        let (place, events) = audience.join(filter.clone(), scope.clone());
        Self {
            from: audience.position(),
            watch: LogWatch::of(followed),
            events,
            place,
        }
    }

    /// The next event. `None` when the queue was full or the follower has ended.
    pub async fn next(&mut self) -> Option<SharedEvent> {
        self.events.recv().await
    }
}

impl Drop for LiveEvents {
    fn drop(&mut self) {
        self.watch.followed.audience().leave(self.place);
    }
}

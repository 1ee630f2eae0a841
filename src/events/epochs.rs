//! Epochs of each log. They show which cursors belong to the history of this database.
//!
//! A database that was restored, copied or promoted begins a new epoch at its newest position. Each event
//! stores the id of its epoch, and its cursor contains the id. Two databases that stem from one begin epochs
//! with different ids, so that a cursor of one is never taken for a position of the other. Positions up to
//! the beginning of an epoch are shared, and their cursors remain valid.
//!
//! The counter of a log contains the current epoch and is read before a cursor is checked. A node therefore
//! reloads the epochs exactly when a new one has begun, on this node or on another.

use std::{collections::HashMap, sync::Arc};

use entity::{Timestamp, WorkspaceId, epoch::Model};
use parking_lot::Mutex;

use super::ChangeCursor;
use crate::{
    clock::Clock,
    store::{
        Db, StoreError,
        change::{self as log, LogPosition},
        epoch as rows,
    },
};

/// Maximum number of epochs per workspace and hour that cursors can cause. Every client that may subscribe
/// can forge such a cursor.
const EPOCHS_MAX: u32 = 6;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The epochs that this node has loaded. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Epochs {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Epochs of workspaces whose current epoch is not the first.
    known: HashMap<WorkspaceId, Arc<[EpochStart]>>,
    epoch_counts: HashMap<WorkspaceId, EpochCount>,
}

/// The beginning of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EpochStart {
    /// The last position before the epoch.
    position: i64,
    id: i64,
}

/// Number of epochs that cursors have caused since a time.
#[derive(Clone, Copy, Debug)]
struct EpochCount {
    since: Timestamp,
    count: u32,
}

/// The end of a log, and its epochs.
#[derive(Clone, Debug)]
pub struct End {
    workspace: WorkspaceId,
    /// The newest position.
    pub position: i64,
    /// The epochs after the first. `None` if there are none.
    epochs: Option<Arc<[EpochStart]>>,
}

/// Relation of a cursor to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorStatus {
    /// The cursor is a position of this history.
    Held,
    /// The cursor belongs to a history that has diverged. Contains the last shared position.
    Parted(i64),
    /// The cursor belongs to an epoch that this history does not contain.
    Unknown,
    /// The cursor belongs to the current epoch and is after the end of the log.
    Beyond,
}

impl End {
    pub fn cursor(&self, position: i64) -> ChangeCursor {
        let epochs = self.epochs.as_deref().unwrap_or_default();
        let behind = epochs.iter().rev().find(|epoch| epoch.position < position);
        let epoch = behind.map_or(0, |epoch| epoch.id);
        ChangeCursor::at(self.workspace, LogPosition { position, epoch })
    }

    pub fn cursor_status(&self, cursor: ChangeCursor) -> CursorStatus {
        let ChangeCursor { position, epoch, .. } = cursor;
        // All histories are equal before the first event.
        if position == 0 {
            return CursorStatus::Held;
        }
        let epochs = self.epochs.as_deref().unwrap_or_default();
        let is_replaced = epochs.first().is_some_and(|first| first.position == 0);
        let next = if epoch == 0 && !is_replaced {
            epochs.first()
        } else if let Some(place) = epochs.iter().position(|one| one.id == epoch) {
            epochs.get(place + 1)
        } else {
            return CursorStatus::Unknown;
        };
        match next {
            Some(next) if position > next.position => CursorStatus::Parted(next.position),
            None if position > self.position => CursorStatus::Beyond,
            _ => CursorStatus::Held,
        }
    }

    fn current(&self) -> i64 {
        let epochs = self.epochs.as_deref().unwrap_or_default();
        epochs.last().map_or(0, |epoch| epoch.id)
    }
}

impl Epochs {
    /// An empty cache of epochs.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Arc::default(),
        }
    }

    /// The end of a workspace's log. Takes one statement, and a second one when an epoch has begun since the
    /// last call.
    pub async fn end(&self, db: &Db, workspace: WorkspaceId) -> Result<End, StoreError> {
        let LogPosition { position, epoch } = log::newest_unscoped(db, workspace).await?;
        let epochs = self.known(db, workspace, epoch).await?;
        Ok(End {
            workspace,
            position,
            epochs,
        })
    }

    /// The epochs of a workspace whose current epoch is `current`.
    async fn known(
        &self,
        db: &Db,
        workspace: WorkspaceId,
        current: i64,
    ) -> Result<Option<Arc<[EpochStart]>>, StoreError> {
        if current == 0 {
            return Ok(None);
        }
        let known = self.state.lock().known.get(&workspace).cloned();
        if let Some(known) = known
            && known.last().is_some_and(|last| last.id == current)
        {
            return Ok(Some(known));
        }
        let found = rows::list_unscoped(db, workspace).await?;
        let found: Arc<[EpochStart]> = found
            .into_iter()
            .map(|Model { position, id, .. }| EpochStart { position, id })
            .collect();
        self.state.lock().known.insert(workspace, found.clone());
        Ok(Some(found))
    }

    /// Begins an epoch because a cursor of the current epoch is after the end of the log: a database with
    /// more events has issued it. Only one epoch begins, even if several nodes detect this.
    ///
    /// Does nothing when cursors have caused too many epochs recently, because such a cursor can be forged.
    pub async fn suspect(&self, db: &Db, end: &End) -> Result<(), StoreError> {
        if !self.may_suspect(end.workspace) {
            return Ok(());
        }
        let writing = db.begin().await?;
        let (next, now) = (rows::new_id(&self.clock), self.clock.now());
        let begun = rows::begin(&writing, end.workspace, end.current(), next, now).await?;
        writing.commit().await?;
        if let Some(position) = begun {
            tracing::warn!(
                workspace = %end.workspace,
                position,
                "a client sent a position that the change log does not contain; the database was restored or promoted, or the \
                 position is invalid. A new epoch starts"
            );
        }
        Ok(())
    }

    fn may_suspect(&self, workspace: WorkspaceId) -> bool {
        let now = self.clock.now();
        let mut state = self.state.lock();
        let fresh = EpochCount { since: now, count: 0 };
        let epoch_counts = state.epoch_counts.entry(workspace).or_insert(fresh);
        if now.0 - epoch_counts.since.0 >= HOUR_MS {
            *epoch_counts = fresh;
        }
        epoch_counts.count = epoch_counts.count.saturating_add(1);
        epoch_counts.count <= EPOCHS_MAX
    }
}

#[cfg(test)]
mod tests {
    use entity::WorkspaceId;
    use uuid::Uuid;

    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(7));

    fn end(position: i64, epochs: &[(i64, i64)]) -> End {
        let epochs: Arc<[EpochStart]> = epochs
            .iter()
            .map(|&(position, id)| EpochStart { position, id })
            .collect();
        End {
            workspace: WORKSPACE,
            position,
            epochs: Some(epochs).filter(|epochs| !epochs.is_empty()),
        }
    }

    fn cursor_status(end: &End, position: i64, epoch: i64) -> CursorStatus {
        end.cursor_status(ChangeCursor::at(WORKSPACE, LogPosition { position, epoch }))
    }

    #[test]
    fn the_first_epoch_holds_every_position_of_the_log() {
        let end = end(100, &[]);
        assert_eq!(cursor_status(&end, 0, 0), CursorStatus::Held);
        assert_eq!(cursor_status(&end, 100, 0), CursorStatus::Held);
        assert_eq!(cursor_status(&end, 101, 0), CursorStatus::Beyond);
        assert_eq!(cursor_status(&end, 5, 9), CursorStatus::Unknown);
    }

    #[test]
    fn earlier_epochs_hold_positions_until_the_next_begins() {
        let end = end(300, &[(100, 8), (200, 9)]);
        for (position, epoch, expected) in [
            (100, 0, CursorStatus::Held),
            (101, 0, CursorStatus::Parted(100)),
            (301, 0, CursorStatus::Parted(100)),
            (200, 8, CursorStatus::Held),
            (201, 8, CursorStatus::Parted(200)),
            (300, 9, CursorStatus::Held),
            (301, 9, CursorStatus::Beyond),
            (50, 7, CursorStatus::Unknown),
            (0, 7, CursorStatus::Held),
        ] {
            assert_eq!(
                cursor_status(&end, position, epoch),
                expected,
                "{position} {epoch}"
            );
        }
    }

    #[test]
    fn an_epoch_that_starts_at_zero_replaces_the_first() {
        let end = end(10, &[(0, 8)]);
        assert_eq!(cursor_status(&end, 5, 0), CursorStatus::Unknown);
        assert_eq!(cursor_status(&end, 5, 8), CursorStatus::Held);
    }

    #[test]
    fn a_position_belongs_to_the_epoch_that_wrote_it() {
        let end = end(300, &[(100, 8), (300, 9)]);
        for (position, epoch) in [(0, 0), (1, 0), (100, 0), (101, 8), (300, 8), (301, 9)] {
            assert_eq!(end.cursor(position).epoch, epoch, "{position}");
        }
    }
}

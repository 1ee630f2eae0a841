//! Events, shared by all listeners of this node.

use std::{collections::HashMap, ops::Deref, sync::Arc};

use entity::{
    change::{Model, Name},
    message,
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::ChangeCursor;
use crate::{
    auth::Scope,
    store::{Db, StoreError, change::LogPosition, list, message::MessageRow},
};

/// Number of messages that one statement reads. Texts can be large, and a listener that reads the log holds
/// all of them.
const MESSAGES: usize = 50;

/// A row of the change log. The message of the event is read at most once for all listeners.
#[derive(Debug)]
pub struct Event {
    row: Model,
    batch: Arc<Batch>,
}

pub type SharedEvent = Arc<Event>;

/// The messages of some consecutive events.
#[derive(Debug, Default)]
struct Batch {
    ids: Vec<Uuid>,
    found: OnceCell<HashMap<Uuid, Arc<MessageRow>>>,
}

impl Deref for Event {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.row
    }
}

impl Event {
    pub fn cursor(&self) -> ChangeCursor {
        ChangeCursor::at(self.row.workspace_id, self.place())
    }

    /// The position and the epoch of the event.
    pub fn place(&self) -> LogPosition {
        LogPosition::from(&self.row)
    }

    /// Turns the rows of a page of the log into events.
    pub(super) fn of_page(rows: Vec<Model>) -> impl Iterator<Item = SharedEvent> {
        let is_message = |row: &&Model| row.name == Name::MessageCreated;
        let ids: Vec<_> = rows.iter().filter(is_message).map(|row| row.object_id).collect();
        let batches: Vec<_> = ids
            .chunks(MESSAGES)
            .map(|ids| {
                Arc::new(Batch {
                    ids: ids.to_vec(),
                    found: OnceCell::new(),
                })
            })
            .collect();
        let none = Arc::<Batch>::default();
        let mut seen = 0;
        rows.into_iter().map(move |row| {
            let batch = if row.name == Name::MessageCreated {
                seen += 1;
                batches.get((seen - 1) / MESSAGES).unwrap_or(&none).clone()
            } else {
                none.clone()
            };
            Arc::new(Self { row, batch })
        })
    }

    /// The message that was created, or `None` if it has been deleted since. The caller must check whether a
    /// viewer may see it.
    pub async fn message_unscoped(&self, db: &Db) -> Result<Option<Arc<MessageRow>>, StoreError> {
        let everyone = Scope {
            workspaces: [self.row.workspace_id].into(),
            customer: None,
            notes: true,
        };
        let read = async || {
            let rows = list::find_many::<message::Entity>(db, &everyone, &self.batch.ids).await?;
            let by_id = rows.into_iter().map(|row| (row.id.0, Arc::new(row)));
            Ok::<_, StoreError>(by_id.collect())
        };
        let found = self.batch.found.get_or_try_init(read).await?;
        Ok(found.get(&self.row.object_id).cloned())
    }
}

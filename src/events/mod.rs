//! The change log and its listeners.
//!
//! Layer 4. [`append()`] writes events inside the transaction that causes them, with dense positions in
//! commit order. [`Hub`] follows the log of each workspace that has listeners and delivers each event to the
//! listeners of its objects. [`stream()`] delivers every event after a position to one listener, once and in
//! order, first from the log and then live. [`replay`] delivers only events that the log contains.
//!
//! Invariants: the last statements before a commit advance the counter of the workspace, so that no position
//! becomes visible after a higher one. No subscriber receives an event that the follower of the log has not
//! read, because only the follower notices that events were lost or replaced. A cursor is valid in the history
//! that issued it. [`epochs`] distinguishes this history from those of other copies of the database. The nudge
//! after a commit is a hint. Its loss delays an event until the next poll, but loses no event.

mod append;
mod audience;
mod bus;
mod cursor;
mod epochs;
mod event;
mod fields;
mod followed;
mod hub;
mod prune;
mod read;
mod stream;

pub use append::{DeletedObject, NewEvent, append};
pub use bus::run as share;
pub use cursor::{ChangeCursor, CursorError};
pub use event::{Event, SharedEvent};
pub use fields::{FieldChanges, Recorded};
pub(crate) use fields::{recorded, recorded_as_word};
pub use hub::Hub;
pub use prune::{prune, prune_periodically};
pub use read::{LogPage, read};
pub use stream::{EventSelection, StreamError, replay, stream};

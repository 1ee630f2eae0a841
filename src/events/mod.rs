//! The change log, and following it.
//!
//! Layer 4. [`append()`] writes events inside the transaction that causes them, with dense positions in commit order.
//! [`Hub`] follows the log once for each workspace that somebody listens to, and hands each event to those who listen
//! to what it is about; [`stream()`] gives one listener every event behind a position, each once and in order, first
//! from the log, then live. [`replay`] gives only what the log holds.
//!
//! What must stay true: the counter of a workspace is advanced by the last statements before the commit, so that no
//! number can appear late behind a reader. A cursor is good in the history in which it was given out: [`epochs`] tells it from
//! those of other copies of the database. The nudge after a commit is a hint; losing it costs a second, not an event.

mod append;
mod audience;
mod bus;
mod cursor;
mod epochs;
mod event;
mod fields;
mod hub;
mod prune;
mod read;
mod stream;

pub use append::{Gone, NewEvent, append};
pub use bus::run as share;
pub use cursor::{ChangeCursor, CursorError};
pub use event::{Event, SharedEvent};
pub use fields::{FieldChanges, Recorded};
pub use hub::Hub;
pub use prune::{prune, prune_from_time_to_time};
pub use read::{LogPage, read};
pub use stream::{StreamError, Wanted, replay, stream};

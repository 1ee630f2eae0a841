//! Use cases on conversations.

mod create;
mod open;
mod snooze;
mod update;
mod wake;

pub use create::{CreateConversation, create, open};
pub use open::reopen;
pub use update::{ConversationFields, UpdateConversation, update};
pub use wake::{Woken, wake, wake_from_time_to_time};

use entity::conversation;

use crate::events::ChangeCursor;

/// A conversation as a use case leaves it.
#[derive(Clone, Debug)]
pub struct Written {
    /// The row.
    pub conversation: conversation::Model,
    /// Whether its customer was made for it.
    pub customer_created: bool,
    /// Where the change log stands; none when nothing changed.
    pub cursor: Option<ChangeCursor>,
}

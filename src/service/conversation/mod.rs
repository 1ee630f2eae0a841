//! Use cases on conversations.

mod create;
mod fields;
mod open;
mod snooze;
mod update;
mod wake;

pub use create::{CreateConversation, create, open};
pub use fields::ConversationFields;
pub use open::reopen;
pub use update::{UpdateConversation, update};
pub use wake::{WakeReport, wake, wake_periodically};

use entity::conversation;

use crate::events::ChangeCursor;

/// Result of a use case on a conversation.
#[derive(Clone, Debug)]
pub struct Written {
    pub conversation: conversation::Model,
    pub customer_created: bool,
    /// Cursor in the change log. `None` if nothing changed.
    pub cursor: Option<ChangeCursor>,
}

//! Use cases on messages.

mod add;
mod compose;

pub use add::{AddMessage, Added, MessageTarget, add};
pub use compose::{Draft, Place, Ready, Sender, compose};

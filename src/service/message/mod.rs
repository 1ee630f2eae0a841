//! Use cases on messages.

mod add;
mod compose;
mod html;
mod prepare;

pub use add::{AddMessage, Added, MessageTarget, add};
pub use compose::{Place, Sender, compose};
pub use prepare::{Draft, Ready};

//! Use cases on messages.

mod add;
mod attachment;
mod compose;
mod html;
mod prepare;
mod sent_by;
mod thread;

pub use add::{AddMessage, Added, MessageTarget, add};
pub use attachment::{ATTACHMENTS_MAX, content_id, file_name, media_type};
pub use compose::{MessageLocation, Sender, compose};
pub use prepare::{Cleaned, Draft, PreparedText};

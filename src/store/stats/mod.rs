//! Figures of tickets, grouped by keys.

mod key;
mod zone;

pub use key::{Key, KeyValue};
pub use zone::{Period, Zone};

//! Converts values from the spellings of other systems.

mod address;
mod instant;
mod zone;
mod zones;

pub use address::address;
pub use instant::instant;
pub use zone::zone;

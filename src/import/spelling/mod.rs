//! Values as other systems spell them, brought into the form that is kept here.

mod address;
mod instant;
mod zone;
mod zones;

pub use address::address;
pub use instant::instant;
pub use zone::zone;

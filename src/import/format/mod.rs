//! The formats of imported data, one module per source.
//!
//! A reader converts the fields of one object to a row, or returns all its faults. It does not depend on the
//! origin of the object, file or network, and writes nothing.

mod cstar;
mod keva;
mod kustomer;
pub(super) mod table;

pub use cstar::CSTAR;
pub use keva::KEVA;
pub use kustomer::KUSTOMER;

//! The shapes in which data comes: one file for each source.
//!
//! A reader takes the fields of one object and answers the row that they make, or everything that is wrong with them. It
//! neither knows whether the object stood in a file or came over the network, nor writes anything.

mod cstar;
mod keva;
mod kustomer;
pub(super) mod table;

pub use cstar::CSTAR;
pub use keva::KEVA;
pub use kustomer::KUSTOMER;

//! Imports helpdesk data from files and over the network.
//!
//! Layer 6. A [`Vendor`] defines the record types of another system and their conversion to rows. For every
//! source, one intake converts objects to rows, passes them to [`service::import`](crate::service::import) in
//! batches, and records the outcomes in a [`Report`]. [`run()`] reads files, [`remote::sync()`] reads REST
//! APIs, and [`copy::run()`] reads exports of Deskgraph. This module contains no SQL and holds only one batch
//! in memory, so the number of objects is unlimited. The size of a record and of a page is bounded.

mod bounded;
pub mod copy;
mod document;
mod envelope;
mod fields;
mod format;
mod intake;
mod kinds;
mod lines;
mod memory;
mod numbers;
mod refused;
pub mod remote;
mod report;
mod run;
mod spelling;
mod surrogates;
mod table;
mod vendor;

use std::hash::{DefaultHasher, Hash, Hasher};

pub use format::{CSTAR, KEVA, KUSTOMER, table::field as table_field};
pub use report::{Fault, FileReport, Report};
pub use run::{ImportError, Input, Progress, run};
pub use table::{Table, run_table};
pub use vendor::{Step, Vendor};

/// Hashes a value to eight bytes, because the ids of millions of lines must be remembered.
fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

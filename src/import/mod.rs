//! Bringing helpdesk data in: from files, and over the network.
//!
//! Layer 6. A [`Vendor`] says which nouns another system has and how its objects become rows. Wherever objects come from,
//! one intake makes rows of them, hands these over to [`service::import`](crate::service::import) in batches, and writes
//! down what became of each in a [`Report`]. [`run()`] reads files, [`remote::sync()`] reads REST APIs, [`copy::run()`] reads our own exports. Nothing here knows SQL, and nothing is held but one
//! batch, so that there may be any number of objects. What comes from outside is read under a bound: one record, one page.

mod bounded;
pub mod copy;
mod document;
mod envelope;
mod fields;
mod format;
mod halves;
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
mod table;
mod vendor;

pub use format::{CSTAR, KEVA, KUSTOMER, table::field as table_field};
pub use report::{Fault, FileReport, Report};
pub use run::{ImportError, Input, Progress, run};
pub use table::{Table, run_table};
pub use vendor::{Step, Vendor};

//! Bringing helpdesk data in from files.
//!
//! Floor 6. A source turns lines into rows; [`run()`] reads files line by line and hands the rows over to
//! [`service::import`](crate::service::import) in batches; a [`Report`] says what became of every line. Nothing here
//! knows SQL, and nothing is held but one batch, so that files may be of any size.

mod fields;
pub mod keva;
mod lines;
mod report;
mod run;

pub use report::{Fault, FileReport, Report};
pub use run::{ImportError, Input, Progress, run};

//! Exports all data of a workspace that a viewer can see, as lines of JSON.
//!
//! Layer 6. Used by the command line and tests. [`run()`] reads page by page in the scope of the viewer, so
//! memory use does not depend on the size of the workspace. It writes each row as a [`Line`](line::Line) with
//! the fields, names and formats of the GraphQL type with the same name.
//!
//! Invariant: the position of the change log is read before the first row and written in the last line.
//! Changes during the export are delivered again from this position. A change can therefore appear twice, but
//! is never missed.

mod history;
mod line;
mod people;
mod reader;
mod run;
mod threads;

pub use history::MARK;
pub use run::{Export, ExportError, PAGE, Progress, Report, run};

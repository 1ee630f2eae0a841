//! Everything that a viewer may see of one workspace, as lines of JSON.
//!
//! Layer 6. Called by the command line and by tests. [`run()`] reads page after page in the viewer's scope, so that it
//! takes no more memory for a large workspace than for a small one, and writes each row as a [`Line`](line::Line) with
//! the fields, names and forms that the GraphQL type of that name has.
//!
//! What must stay true: the position of the change log is read before the first row, and stands in the last line. So
//! whatever is written meanwhile comes again from there: something may be seen twice, nothing can be missed.

mod history;
mod line;
mod people;
mod reader;
mod run;
mod threads;

pub use history::MARK;
pub use run::{Export, ExportError, PAGE, Progress, Report, run};

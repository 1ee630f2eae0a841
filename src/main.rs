//! The one binary, `deskgraph`.

use std::process::ExitCode;

/// Measured against the system's: a third less time in the process for a list of tickets with messages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskgraph::cli::run()
}

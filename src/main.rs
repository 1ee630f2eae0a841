//! The one binary, `deskgraph`.

use std::process::ExitCode;

/// Chosen for answers that are built of many small pieces; not compared with others here yet.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskgraph::cli::run()
}

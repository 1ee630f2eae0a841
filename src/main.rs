//! The one binary, `deskgraph`.

use std::process::ExitCode;

/// An answer is built of many small pieces, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskgraph::cli::run()
}

//! The binary `deskgraph`.

use std::process::ExitCode;

/// Chosen because responses are built from many small allocations. It has not been compared with other
/// allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deskgraph::cli::run()
}

//! Measures the cost of subscribers, compared with a server that only sends.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use deskgraph_bench::{
    failure::{Done, Trying},
    listeners::{self, Settings, broadcast},
};

/// The same allocator as in the gateway, so that the comparison does not measure allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
Examples:
  listeners                                   all measurements on PostgreSQL, about five minutes
  listeners --database sqlite --report sqlite.md
  listeners --listeners 500 --events 10       a quick check

Each socket needs an open file: ulimit -n 20000.";

/// Measures the cost of subscribers, compared with a server that only sends.
#[derive(Debug, Parser)]
#[command(name = "listeners", after_help = HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Also write the report to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Run the broadcast server at this address. Used internally.
    #[arg(long, value_name = "ADDRESS", hide = true)]
    serve_broadcast: Option<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("listeners: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(address) = arguments.serve_broadcast {
        return runtime.block_on(broadcast::serve(&address));
    }
    let report = runtime.block_on(listeners::run(&arguments.settings))?;
    print!("{report}");
    if let Some(file) = arguments.report {
        std::fs::write(&file, &report).trying(file.display())?;
    }
    Ok(())
}

//! Measures what listeners cost, beside a server that does nothing but send.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use deskgraph_bench::{
    failure::{Done, Trying},
    fanout::{self, Settings, broadcast},
};

/// That of the gateway: the comparison is of servers, not of allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
Examples:
  listeners                                   all of it on PostgreSQL, some five minutes
  listeners --database sqlite --report sqlite.md
  listeners --listeners 500 --events 10       a quick look

Thousands of sockets need as many open files: ulimit -n 20000.";

/// Measures what listeners cost, beside a server that does nothing but send.
#[derive(Debug, Parser)]
#[command(name = "listeners", after_help = HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Write the report into this file too.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Be the bare broadcast.
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
    let report = runtime.block_on(fanout::run(&arguments.settings))?;
    print!("{report}");
    if let Some(file) = arguments.report {
        std::fs::write(&file, &report).trying(file.display())?;
    }
    Ok(())
}

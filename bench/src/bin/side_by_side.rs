//! Measures the gateway, its alternatives, and a lower bound of the cost (the limit).

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use deskgraph_bench::{
    failure::{Done, Failure, Trying},
    limit,
    side_by_side::{self, Outcome, Settings},
};
use tokio::signal::{
    ctrl_c,
    unix::{SignalKind, signal},
};

/// The same allocator as in the gateway, so that the comparison does not measure allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
Examples:
  side_by_side                                            all measurements, about twenty minutes
  side_by_side --scale 0.05 --seconds 1 --rounds 1        a quick check
  side_by_side --subjects limit,gateway --only q1,q3      the effect of a change
  side_by_side --binary /tmp/deskgraph --report table.md

Exit code: 0 on success, 1 if the responses of servers differ, 2 if the run failed.
Mercurius and PostGraphile need npm, Seaography needs cargo. Missing packages are installed and built first.";

/// Measures the gateway, Mercurius, PostGraphile, Seaography, and a lower bound of the cost (the limit).
#[derive(Debug, Parser)]
#[command(name = "side_by_side", after_help = HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Also write the tables to this file.
    #[arg(long, value_name = "FILE", default_value = "side-by-side.md")]
    report: PathBuf,
    /// Run the limit at this address. Used internally.
    #[arg(long, value_name = "ADDRESS", hide = true, requires = "database_url")]
    serve_limit: Option<String>,
    /// Database of the limit.
    #[arg(long, value_name = "URL", hide = true)]
    database_url: Option<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("side_by_side: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Done<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some((address, url)) = arguments.serve_limit.zip(arguments.database_url) {
        runtime.block_on(limit::serve(&address, &url, arguments.settings.connections))?;
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = runtime.block_on(async {
        let mut told = signal(SignalKind::terminate())?;
        // On an interrupt, dropping the run also ends the servers and the database.
        tokio::select! {
            outcome = side_by_side::run(&arguments.settings) => outcome,
            _ = told.recv() => Err(Failure("terminated".to_owned())),
            _ = ctrl_c() => Err(Failure("interrupted".to_owned())),
        }
    });
    // Does not wait for an import that is still running.
    runtime.shutdown_background();
    match outcome? {
        Outcome::Report(report) => {
            print!("{report}");
            std::fs::write(&arguments.report, &report).trying(arguments.report.display())?;
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Differences(sentences) => {
            for sentence in sentences {
                eprintln!("{sentence}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

//! Injects faults into running gateways and reports lost events.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use deskgraph_bench::{
    chaos::{self, settings::Settings},
    failure::{Done, Trying},
};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
Examples:
  chaos                                             a minute on PostgreSQL, with three gateways
  chaos --database sqlite --seconds 20
  chaos --binary target/debug/deskgraph --seconds 20 --writers 10 --listeners 20
  chaos --mistake --seconds 10                      must find losses and exit with 1
  chaos --seed 7 --report chaos.md

Exit code: 0 if nothing was lost, 1 if something was, 2 if the run failed.";

/// Injects faults into running gateways and reports lost events.
///
/// Writers send mutations to several gateways with one database, and listeners subscribe to the changes. The harness
/// cuts connections of listeners, kills gateways, crashes the database, and pauses and rolls back transactions. At
/// the end it compares the events of each listener with the change log.
#[derive(Debug, Parser)]
#[command(name = "chaos", after_help = HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Also write the report to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("chaos: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Returns true if nothing was lost.
fn run(arguments: Arguments) -> Done<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        // On an interrupt, dropping the run ends all processes that it started.
        tokio::select! {
            report = chaos::run(arguments.settings) => report.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
            _ = terminate.recv() => Ok(None),
        }
    });
    // Nodes and servers end when the last task that holds them ends.
    runtime.shutdown_timeout(Duration::from_secs(20));
    let Some(report) = report? else {
        return Err(deskgraph_bench::failure::Failure("interrupted".to_owned()));
    };
    let text = report.to_string();
    print!("{text}");
    if let Some(file) = arguments.report {
        std::fs::write(&file, &text).trying(file.display())?;
    }
    Ok(report.verdict.is_whole())
}

//! Attacks the gateway as one viewer and measures the effect on another one.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use deskgraph_bench::{
    failure::{Done, Trying},
    hostile::{self, settings::Settings},
};

const HELP: &str = "\
Examples:
  hostile                                    every attack, four seconds each, on PostgreSQL
  hostile --database sqlite --seconds 10
  hostile --only escapes,unread-events
  hostile --unbounded --only escapes         the attack without its limit
  hostile --list

Exit code: 0 if the node survived every attack and responded to the honest viewer, 1 if not, 2 if the run failed.";

/// Attacks the gateway as one viewer and measures the effect on another one.
///
/// Each attack runs against a new node. A customer attacks, while an agent repeats a small query and a supervisor
/// requests the node's health. The report lists the latencies of both and the growth of the node's memory.
#[derive(Debug, Parser)]
#[command(name = "hostile", after_help = HELP, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// List the attacks.
    #[arg(long)]
    list: bool,
    /// Also write the report to this file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for attack in hostile::attacks() {
            println!("{:16} {}", attack.name, attack.about);
        }
        return ExitCode::SUCCESS;
    }
    match run(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("hostile: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Returns true if every attack failed.
fn run(arguments: Arguments) -> Done<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(hostile::run(&arguments.settings))?;
    let text = report.to_string();
    print!("{text}");
    if let Some(file) = arguments.report {
        std::fs::write(&file, &text).trying(file.display())?;
    }
    Ok(report.is_held())
}

//! Writes a large, realistic helpdesk as NDJSON, for benchmarks and for tests at scale.
//!
//! The output is four files in the format of `deskgraph import`: `agents`, `customers`, `tickets` and
//! `messages`. The computed fields of the customers agree with the tickets, so an import can be
//! checked: the values that the gateway computes must equal those in the file.
//!
//! The same seed and scale give the same bytes on every machine. Therefore this program does not read
//! the clock, iterate over a hash map or use floating point, because logarithms differ between
//! platforms in the last digit.

// Cargo treats files in this folder as separate examples, so the modules are in a subfolder with explicit paths.
#[path = "generate/output.rs"]
mod output;
#[path = "generate/people.rs"]
mod people;
#[path = "generate/rng.rs"]
mod rng;
#[path = "generate/text.rs"]
mod text;
#[path = "generate/threads.rs"]
mod threads;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;
use serde::Serialize;

use self::output::NdjsonFile;
use self::rng::Rng;

const CUSTOMERS: u64 = 10_000;
const TICKETS: u64 = 100_000;
const MESSAGES: u64 = 500_000;

/// Write a helpdesk of any size as NDJSON files. The same seed and scale give the same bytes.
#[derive(Parser)]
#[command(
    name = "generate",
    after_help = "Examples:
  generate --out data                        10 000 customers, 100 000 tickets, 500 000 messages
  generate --out data/small --scale 0.01     100 customers, 1 000 tickets, 5 000 messages
  generate --out data/other --seed 42        the first example with other people and texts

Progress is written to stderr, one line of JSON with the counts to stdout."
)]
pub struct Args {
    /// Folder for the files. It is created if it is missing; files with the same names are overwritten
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Size relative to the first example, from 0.0001 to 100, with up to six decimals
    #[arg(long, default_value = "1.0")]
    pub scale: Scale,
    /// Seed, an integer from 0 to 2^64 - 1. Another seed gives another helpdesk of the same size
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// The size in millionths. It is an exact integer, because a float would have to be rounded and cast.
#[derive(Clone, Copy)]
pub struct Scale(u64);

impl Scale {
    const ONE: u64 = 1_000_000;

    fn of(self, count: u64) -> u64 {
        ((count * self.0 + Self::ONE / 2) / Self::ONE).max(1)
    }
}

impl FromStr for Scale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PROBLEM: &str = "expected a number from 0.0001 to 100 with up to six decimals, such as 0.25";
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
            return Err(PROBLEM);
        }
        let millionths = format!("{whole}{decimals:0<6}").parse().map_err(|_| PROBLEM)?;
        if (100..=100 * Self::ONE).contains(&millionths) {
            Ok(Self(millionths))
        } else {
            Err(PROBLEM)
        }
    }
}

/// The number of rows in each file, and the seed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    agents: u64,
    customers: u64,
    tickets: u64,
    messages: u64,
    inbound_messages: u64,
    max_tickets_per_customer: u64,
    seed: u64,
}

fn main() -> ExitCode {
    let result = run(&Args::parse()).and_then(|summary| {
        let line = serde_json::to_string(&summary).map_err(|error| error.to_string())?;
        writeln!(std::io::stdout(), "{line}").map_err(|error| format!("cannot write the summary: {error}"))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("generate: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the files. Tests also call this function.
pub fn run(args: &Args) -> Result<Summary, String> {
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("cannot create the folder {}: {error}", args.out.display()))?;
    // All files are opened first, so that a folder that is not writable is reported before any work.
    let mut agents_file = NdjsonFile::create(&args.out, "agents")?;
    let mut customers_file = NdjsonFile::create(&args.out, "customers")?;
    let mut tickets_file = NdjsonFile::create(&args.out, "tickets")?;
    let mut messages_file = NdjsonFile::create(&args.out, "messages")?;

    let agents = people::agents(&mut Rng::new(args.seed, "agents"));
    for agent in &agents {
        agents_file.write(agent)?;
    }
    let mut customers = people::customers(
        &mut Rng::new(args.seed, "customers"),
        args.scale.of(CUSTOMERS),
        args.seed,
    );
    let plan = threads::Plan {
        seed: args.seed,
        tickets: args.scale.of(TICKETS),
        messages: args.scale.of(MESSAGES),
    };
    let inbound_messages = threads::write(
        &plan,
        &mut customers,
        &agents,
        &mut tickets_file,
        &mut messages_file,
    )?;
    // Customers are written last, because their computed fields depend on all tickets.
    for customer in &mut customers {
        customer.finish();
        customers_file.write(customer)?;
    }

    Ok(Summary {
        agents: agents_file.finish()?,
        customers: customers_file.finish()?,
        tickets: tickets_file.finish()?,
        messages: messages_file.finish()?,
        inbound_messages,
        max_tickets_per_customer: customers
            .iter()
            .map(|customer| customer.total_tickets)
            .max()
            .unwrap_or(0),
        seed: args.seed,
    })
}

//! The command line: one subcommand in each file.
//!
//! Layer 9. Reads arguments, builds what it needs from [`app`](crate::app), prints for people, and ends with 0 when
//! all went well, 1 when something did not, 2 when the arguments are wrong. What a program may want to read goes to
//! the standard output, everything else to the standard error.

mod agent;
mod api_key;
mod backup;
mod connect;
mod copy;
mod demo;
mod epoch;
mod export;
mod import;
mod migrate;
mod output;
mod recount;
mod reindex;
mod rescore;
mod schema;
mod serve;
mod sync;
mod token;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Overrides, Settings, unknown_in_environment};

const EXAMPLES: &str = "\
Examples:
  deskgraph demo                                   try it: a small helpdesk, the explorer, a token
  deskgraph workspace create \"Acme Support\"        begin for real
  deskgraph import keva ./export                   bring in what Keva wrote
  deskgraph sync keva --url https://app.keva.support --api-key KEY
  deskgraph api-key create --name site --grant read
  deskgraph serve --listen 0.0.0.0:8080

Every setting has one name: --database-url as a flag, DESKGRAPH_DATABASE_URL in the
environment, database_url in deskgraph.toml. Flags win over the environment, which
wins over the file.";

/// A GraphQL gateway over helpdesk data: customers, tickets, conversations and messages as one typed graph.
#[derive(Debug, Parser)]
#[command(name = "deskgraph", version, after_help = EXAMPLES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Overrides,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(serve::Serve),
    /// Serve a small demo helpdesk, with the explorer and a token.
    Demo(demo::Demo),
    /// Bring the tables up to date.
    Migrate(migrate::Migrate),
    /// Bring in helpdesk data from files.
    #[command(subcommand)]
    Import(import::Import),
    /// Write everything that a viewer may see, one JSON object on each line.
    Export(export::Export),
    /// Copy a SQLite database into a file, while it is served.
    Backup(backup::Backup),
    /// Look whether stored figures are exact, and put them right.
    Recount(recount::Recount),
    /// Write the words under which customers are found anew.
    Reindex(reindex::Reindex),
    /// Score stored messages anew, after the way of scoring changed.
    Rescore(rescore::Rescore),
    /// Bring in helpdesk data from a vendor's REST API.
    #[command(subcommand, after_help = sync::HELP)]
    Sync(sync::Sync),
    /// Make and list workspaces.
    #[command(subcommand)]
    Workspace(workspace::Workspace),
    /// Begin and list epochs of change logs, after a restore.
    #[command(subcommand)]
    Epoch(epoch::Epoch),
    /// Make agents.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Issue tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Make, list, rotate and revoke API keys.
    #[command(subcommand)]
    ApiKey(api_key::ApiKey),
    /// Print the schema.
    Schema(schema::Schema),
}

/// Why a command did not do what it was asked to: a sentence, and what to do next.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

type Done = Result<(), Failure>;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = match Settings::load(&arguments.settings) {
        Ok(settings) => settings,
        Err(error) => return refuse(&Failure(error.to_string())),
    };
    let log = match crate::telemetry::start(&settings) {
        Ok(log) => log,
        Err(sentence) => return refuse(&Failure(sentence)),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error.into()),
    };
    for sentence in unknown_in_environment() {
        tracing::warn!("{sentence}");
    }
    runtime.spawn(log.tell_left_out());
    match runtime.block_on(dispatch(arguments.command, settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => refuse(&failure),
    }
}

async fn dispatch(command: Command, settings: Settings) -> Done {
    match command {
        Command::Serve(serve) => serve.run(&settings).await,
        Command::Demo(demo) => demo.run(settings).await,
        Command::Migrate(migrate) => migrate.run(&settings).await,
        Command::Import(import) => import.run(&settings).await,
        Command::Export(export) => export.run(&settings).await,
        Command::Backup(backup) => backup.run(&settings).await,
        Command::Recount(recount) => recount.run(&settings).await,
        Command::Reindex(reindex) => reindex.run(&settings).await,
        Command::Rescore(rescore) => rescore.run(&settings).await,
        Command::Sync(sync) => sync.run(&settings).await,
        Command::Workspace(workspace) => workspace.run(&settings).await,
        Command::Epoch(epoch) => epoch.run(&settings).await,
        Command::Agent(agent) => agent.run(&settings).await,
        Command::Token(token) => token.run(&settings).await,
        Command::ApiKey(api_key) => api_key.run(&settings).await,
        Command::Schema(schema) => schema.run(),
    }
}

fn refuse(failure: &Failure) -> ExitCode {
    eprintln!("deskgraph: {}", failure.0);
    ExitCode::FAILURE
}

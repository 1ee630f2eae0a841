//! The command line, one subcommand per file.
//!
//! Layer 10. Parses arguments, builds the required parts from [`app`](crate::app), and prints results. Exits
//! with 0 on success, 1 on failure, and 2 for invalid arguments. Results go to standard output, messages to
//! standard error.

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
mod stats;
mod sync;
mod token;
mod workspace;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{Overrides, Settings, unknown_in_environment},
    service,
    store::StoreError,
};

/// Stack of each thread in bytes. The deepest documents that the limits allow take 2 to 3 MiB in a build without
/// optimization.
const STACK: usize = 8 * 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  deskgraph demo                                   start a demo helpdesk with explorer and token
  deskgraph workspace create \"Acme Support\"        create a workspace
  deskgraph import keva ./export                   import files exported from Keva
  SYNC_API_KEY=… deskgraph sync keva --url https://app.keva.support
  deskgraph api-key create --name site --grant read
  deskgraph serve --listen 0.0.0.0:8080

Settings:
A setting has the same name everywhere: the flag --database-url, the environment variable
DESKGRAPH_DATABASE_URL and the key database_url in deskgraph.toml. A flag overrides the
environment. The environment overrides the file.

Exit codes: 0 success, 1 failure, 2 invalid arguments.";

/// A GraphQL gateway for helpdesk data: customers, tickets, conversations and messages in one typed graph.
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
    /// Serves the GraphQL API over HTTP and WebSocket.
    Serve(serve::Serve),
    /// Serves a demo helpdesk with sample data, the explorer and a token.
    Demo(demo::Demo),
    /// Creates the database tables or migrates them to this version.
    Migrate(migrate::Migrate),
    /// Imports helpdesk data from files.
    #[command(subcommand)]
    Import(import::Import),
    /// Exports a workspace as NDJSON, one JSON object on each line.
    Export(export::Export),
    /// Copies a SQLite database into a file. The server can stay online.
    Backup(backup::Backup),
    /// Checks stored counts and times against the rows, and optionally corrects them.
    Recount(recount::Recount),
    /// Rebuilds the search index of customers.
    Reindex(reindex::Reindex),
    /// Recalculates the sentiment scores of stored messages.
    Rescore(rescore::Rescore),
    /// Prints figures of tickets, grouped by status, agent, period and others.
    Stats(stats::Stats),
    /// Imports helpdesk data from a vendor's REST API.
    #[command(subcommand, after_help = sync::HELP)]
    Sync(sync::Sync),
    /// Creates and lists workspaces.
    #[command(subcommand)]
    Workspace(workspace::Workspace),
    /// Starts and lists epochs of the change logs, for use after a restore.
    #[command(subcommand)]
    Epoch(epoch::Epoch),
    /// Creates agents.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Issues access tokens (JWT).
    #[command(subcommand)]
    Token(token::Token),
    /// Creates, lists, rotates and revokes API keys.
    #[command(subcommand)]
    ApiKey(api_key::ApiKey),
    /// Prints the GraphQL schema.
    Schema(schema::Schema),
}

/// Reason why a command failed, and the next step.
#[derive(Debug)]
struct Failure(String);

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let dynamic: &(dyn Error + 'static) = &error;
        Self(match dynamic.downcast_ref() {
            Some(service::Error::Refused(errors)) => {
                let each = errors.iter().map(|error| error.message.as_str());
                each.collect::<Vec<_>>().join(" ")
            }
            Some(service::Error::Store(StoreError::Failed(cause) | StoreError::Unreachable(cause))) => {
                format!("The database reported an error: {cause}.")
            }
            _ => error.to_string(),
        })
    }
}

type Done = Result<(), Failure>;

/// The failure of a command that a further run resumes.
fn resumable(error: service::Error) -> Failure {
    let Failure(cause) = error.into();
    Failure(format!(
        "{cause}\nRows written before the failure are kept. Run the same command again to resume."
    ))
}

/// A progress bar without a length.
fn bar(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Restarts a progress bar when its title changes.
fn retitle(bar: &ProgressBar, title: &str) {
    if bar.message() != title {
        bar.reset();
        bar.set_message(title.to_owned());
    }
}

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
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().thread_stack_size(STACK).build() {
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
        Command::Stats(stats) => stats.run(&settings).await,
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

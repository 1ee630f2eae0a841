//! Rebuilds the search index of customers.

use clap::Args;

use super::{
    Done, Failure, bar,
    connect::{one_connection, services},
};
use crate::{
    config::Settings,
    service::{word_index::reindex, wording::plural},
};

/// Arguments of `reindex`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph reindex

The index stores the words by which a search finds a customer, and the form of the name that is
used for sorting and comparison. After an upgrade that changes the index, a node updates it in
the background. This command rebuilds the complete index. Run it:
  - after the last node of a version without this index has stopped;
  - after manual changes to the tables.

Reads 500 customers at a time in the order of their ids. Changes no version and writes no event.
The server can stay online.")]
pub struct Reindex {}

impl Reindex {
    pub async fn run(&self, settings: &Settings) -> Done {
        let settings = &one_connection(settings, settings.statement_timeout_ms);
        let services = services(settings).await?;
        let bar = bar("{human_pos:>10} customers  {per_sec}");
        let mut customers = 0;
        let mut show = |done| {
            customers = done;
            bar.set_position(done);
        };
        let ended = tokio::select! {
            done = reindex(&services, &mut show) => done.map_err(Failure::from),
            _ = tokio::signal::ctrl_c() => Err(Failure("The rebuild was interrupted. Run the command again; it starts from the beginning.".to_owned())),
        };
        bar.finish_and_clear();
        ended?;
        println!(
            "{customers} {} indexed.",
            plural(customers, "customer", "customers")
        );
        Ok(())
    }
}

//! Writes the words under which customers are found anew.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services},
};
use crate::{config::Settings, service::word_index::reindex};

/// Arguments of `reindex`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph reindex

Every customer is stored with the words under which a search finds it, and with the form of its name in which names are
compared. What an upgrade changes about them, a node writes anew after its start, while it serves. This command writes all of
them anew: run it after the last node of a version without this index has stopped, for what that one wrote meanwhile, or
after rows were written into the tables by hand.

Customers are read in the order of their ids, 500 at a time: no version, no event. Serving may go on meanwhile.")]
pub struct Reindex {}

impl Reindex {
    pub async fn run(&self, settings: &Settings) -> Done {
        let settings = &Settings {
            database_connections: 1,
            ..settings.clone()
        };
        let services = services(settings).await?;
        let bar = bar();
        let mut customers = 0;
        let mut tell = |done| {
            customers = done;
            bar.set_position(done);
        };
        let ended = tokio::select! {
            done = reindex(&services, &mut tell) => done.map_err(explain),
            _ = tokio::signal::ctrl_c() => Err(Failure("stopped. Run it again: it begins anew.".to_owned())),
        };
        bar.finish_and_clear();
        ended?;
        println!("{customers} customers indexed.");
        Ok(())
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{human_pos:>10} customers  {per_sec}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

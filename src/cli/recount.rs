//! Looks whether stored figures are what the rows say, and puts them right.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services, services_to_look, workspace},
};
use crate::{
    config::Settings,
    service::recount::{Recount as Wanted, Told, recount},
};

/// Differences that are told one by one.
const TOLD_MAX: u64 = 100;
/// A customer may have any number of messages, and they are counted in one statement.
const STATEMENT_MS: u64 = 3_600_000;

/// Arguments of `recount`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph recount
  deskgraph recount --workspace \"Acme Support\"
  deskgraph recount --repair

Customers store what their tickets and messages add up to, tickets and conversations how many messages they have and when
the last came. Those who write keep these figures exact. After somebody wrote into the tables by hand they may not be.

Each figure that is not what the rows say is told on a line of the standard output, the first hundred of them; then come
the counts. Ends with 0 when every figure is exact or was put right, with 1 when one is not. Serving may go on meanwhile.
Nothing is written without --repair, which changes figures only: no version, no event.")]
pub struct Recount {
    /// Id or name of the workspace [default: all].
    #[arg(long)]
    workspace: Option<String>,
    /// Put right what is not.
    #[arg(long)]
    repair: bool,
}

impl Recount {
    pub async fn run(&self, settings: &Settings) -> Done {
        let settings = &Settings {
            database_connections: 1,
            statement_timeout_ms: STATEMENT_MS,
            ..settings.clone()
        };
        let services = if self.repair {
            services(settings).await?
        } else {
            services_to_look(settings).await?
        };
        let wanted = Wanted {
            workspace: match &self.workspace {
                Some(named) => Some(workspace(&services, Some(named)).await?.id),
                None => None,
            },
            repair: self.repair,
        };
        let bar = bar();
        let (mut looked, mut differed) = (0, 0);
        let mut tell = |told| match told {
            Told::Looked(holder, rows) => {
                if bar.message() != holder.table() {
                    bar.reset();
                    bar.set_message(holder.table());
                }
                looked += rows - bar.position();
                bar.set_position(rows);
            }
            Told::Differed(one) => {
                differed += 1;
                if differed <= TOLD_MAX {
                    bar.suspend(|| println!("{one}"));
                }
            }
        };
        let done = recount(&services, wanted, &mut tell).await;
        bar.finish_and_clear();
        done.map_err(explain)?;
        if differed > TOLD_MAX {
            println!("and {} more", differed - TOLD_MAX);
        }
        match (differed, self.repair) {
            (0, _) => println!("{looked} rows, every figure is exact."),
            (_, true) => println!("{looked} rows, {differed} figures put right."),
            (_, false) => {
                return Err(Failure(format!(
                    "of {looked} rows, {differed} figures are not what they should be. Run it again with --repair."
                )));
            }
        }
        Ok(())
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:12} {human_pos:>10} rows  {per_sec}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

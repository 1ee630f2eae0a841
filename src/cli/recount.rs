//! Compares stored totals with the rows, and optionally corrects them.

use clap::Args;

use super::{
    Done, Failure, bar,
    connect::{one_connection, services, services_to_look, workspace_if_named},
    retitle,
};
use crate::{
    config::Settings,
    service::{
        recount::{RecountEvent, RecountOptions, recount},
        wording::plural,
    },
};

/// Maximum number of differences that are printed.
const PRINTED_MAX: u64 = 100;
/// Statement timeout in milliseconds. One statement counts all messages of a customer, which can be any
/// number.
const STATEMENT_MS: u64 = 3_600_000;

/// Arguments of `recount`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph recount
  deskgraph recount --workspace \"Acme Support\"
  deskgraph recount --repair

A customer row stores totals of its tickets and messages. Ticket and conversation rows store the
number of messages and the time of the last message. Deskgraph keeps these values exact; manual
changes to the tables can make them wrong.

Prints the first 100 values that differ from the rows, one on each line, then the totals. The
command only writes with --repair, which corrects the stored values without changing a version
and without an event. The server can stay online.

Exit codes: 0 every value is correct or was corrected, 1 values differ or the command failed.")]
pub struct Recount {
    /// Id or name of the workspace [default: all workspaces].
    #[arg(long)]
    workspace: Option<String>,
    /// Corrects the values that differ.
    #[arg(long)]
    repair: bool,
}

impl Recount {
    pub async fn run(&self, settings: &Settings) -> Done {
        let settings = &one_connection(settings, STATEMENT_MS);
        let services = if self.repair {
            services(settings).await?
        } else {
            services_to_look(settings).await?
        };
        let wanted = RecountOptions {
            workspace: workspace_if_named(&services, self.workspace.as_deref()).await?,
            repair: self.repair,
        };
        let bar = bar("{msg:12} {human_pos:>10} rows  {per_sec}");
        let (mut looked, mut differed) = (0, 0);
        let mut show = |event| match event {
            RecountEvent::Looked(holder, rows) => {
                retitle(&bar, holder.table());
                looked += rows - bar.position();
                bar.set_position(rows);
            }
            RecountEvent::Differed(one) => {
                differed += 1;
                if differed <= PRINTED_MAX {
                    bar.suspend(|| println!("{one}"));
                }
            }
        };
        let done = recount(&services, wanted, &mut show).await;
        bar.finish_and_clear();
        done?;
        if differed > PRINTED_MAX {
            println!("… and {} more.", differed - PRINTED_MAX);
        }
        let checked = format!("{looked} {} checked", plural(looked, "row", "rows"));
        match (differed, self.repair) {
            (0, _) => println!("{checked}, every stored value is correct."),
            (_, true) => {
                let values = plural(differed, "value", "values");
                println!("{checked}, {differed} stored {values} corrected.");
            }
            (_, false) => {
                let are = plural(differed, "value is", "values are");
                return Err(Failure(format!(
                    "{checked}, {differed} stored {are} wrong. Run the command with --repair to correct the stored values."
                )));
            }
        }
        Ok(())
    }
}

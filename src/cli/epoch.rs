//! Begins and lists epochs of change logs.

use clap::Subcommand;
use entity::epoch::Model;

use super::{
    Done,
    connect::{explain, services, services_to_look, workspace},
};
use crate::{config::Settings, service};

/// What to do with epochs.
#[derive(Debug, Subcommand)]
pub enum Epoch {
    /// Begin a new epoch at the newest position of the change log; prints workspace, position and epoch.
    #[command(after_help = "\
Examples:
  deskgraph epoch begin
  deskgraph epoch begin --workspace \"Acme Support\"

A change cursor is good in the history in which it was given out. Begin a new epoch when a database was restored from a
backup, copied to be used beside the original, or when a standby was promoted that may lack the last writes: before anything
is written to it. Cursors at or before the newest position stay good. Those of events that this database does not have are
refused with CURSOR_EXPIRED, and never taken for other events that get the same positions.

Deskgraph does this by itself when it finds that the database is held by another file or server than before. Doing it once
more does no harm. Serving may go on meanwhile: every node knows of it at once.")]
    Begin {
        /// Id or name of the workspace [default: all].
        #[arg(long)]
        workspace: Option<String>,
    },
    /// List the epochs: workspace, last position before it, id, and when it was begun. The first of each log is not listed.
    List,
}

impl Epoch {
    pub async fn run(&self, settings: &Settings) -> Done {
        match self {
            Self::Begin { workspace: named } => {
                let services = services(settings).await?;
                let workspace = match named {
                    Some(named) => Some(workspace(&services, Some(named)).await?.id),
                    None => None,
                };
                for Model {
                    workspace_id,
                    position,
                    id,
                    ..
                } in service::epoch::begin(&services, workspace)
                    .await
                    .map_err(explain)?
                {
                    println!("{workspace_id}\t{position}\t{id}");
                }
            }
            Self::List => {
                let services = services_to_look(settings).await?;
                for Model {
                    workspace_id,
                    position,
                    id,
                    begun_at,
                } in service::epoch::list(&services).await.map_err(explain)?
                {
                    println!("{workspace_id}\t{position}\t{id}\t{}", begun_at.to_rfc3339());
                }
            }
        }
        Ok(())
    }
}

//! Starts and lists epochs of change logs.

use clap::Subcommand;
use entity::epoch::Model;

use super::{
    Done,
    connect::{services, services_to_look, workspace_if_named},
};
use crate::{config::Settings, service};

/// Starts and lists epochs of the change logs.
#[derive(Debug, Subcommand)]
pub enum Epoch {
    /// Starts a new epoch at the newest position of the change log. Prints workspace, position and epoch.
    #[command(after_help = "\
Examples:
  deskgraph epoch begin
  deskgraph epoch begin --workspace \"Acme Support\"

A change cursor is valid only in the history that issued it. Start a new epoch after a restore
from a backup, after copying a database for use alongside the original, and after promoting a
standby that may lack the last writes. Start it before anything writes to the database.

Cursors at or before the newest position stay valid. Cursors of events that this database does not
contain fail with CURSOR_EXPIRED; they never match other events at the same positions.

Deskgraph starts a new epoch itself when it detects that another file or server holds the
database. Running this command in addition is safe. The server can stay online: every node
applies the new epoch immediately.")]
    Begin {
        /// Id or name of the workspace [default: all workspaces].
        #[arg(long)]
        workspace: Option<String>,
    },
    /// Lists the epochs: workspace, last position before the epoch, id and start time. The first epoch of each log is not
    /// listed.
    List,
}

impl Epoch {
    pub async fn run(&self, settings: &Settings) -> Done {
        match self {
            Self::Begin { workspace: named } => {
                let services = services(settings).await?;
                let workspace = workspace_if_named(&services, named.as_deref()).await?;
                for Model {
                    workspace_id,
                    position,
                    id,
                    ..
                } in service::epoch::begin(&services, workspace).await?
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
                } in service::epoch::list(&services).await?
                {
                    println!("{workspace_id}\t{position}\t{id}\t{}", begun_at.to_rfc3339());
                }
            }
        }
        Ok(())
    }
}

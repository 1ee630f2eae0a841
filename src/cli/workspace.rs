//! Creates and lists workspaces.

use clap::Subcommand;

use super::{
    Done,
    connect::{services, services_to_look},
};
use crate::{config::Settings, service, store};

/// Creates and lists workspaces.
#[derive(Debug, Subcommand)]
pub enum Workspace {
    /// Creates a workspace and prints its id.
    #[command(after_help = "Example:\n  deskgraph workspace create \"Acme Support\"")]
    Create {
        /// Name of the workspace.
        name: String,
    },
    /// Lists the id and name of each workspace, separated by a tab.
    List,
}

impl Workspace {
    pub async fn run(&self, settings: &Settings) -> Done {
        let services = match self {
            Self::Create { .. } => services(settings).await?,
            Self::List => services_to_look(settings).await?,
        };
        match self {
            Self::Create { name } => {
                println!("{}", service::workspace::create(&services, name).await?.id);
            }
            Self::List => {
                for row in store::workspace::list_unscoped(&services.db).await? {
                    println!("{}\t{}", row.id, row.name);
                }
            }
        }
        Ok(())
    }
}

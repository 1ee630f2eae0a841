//! Makes and lists workspaces.

use clap::Subcommand;

use super::{
    Done,
    connect::{explain, services, services_to_look},
};
use crate::{config::Settings, service, store};

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub enum Workspace {
    /// Make a workspace; prints its id.
    #[command(after_help = "Example:\n  deskgraph workspace create \"Acme Support\"")]
    Create {
        /// What people call it.
        name: String,
    },
    /// List the workspaces: id and name.
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
                println!(
                    "{}",
                    service::workspace::create(&services, name)
                        .await
                        .map_err(explain)?
                        .id
                );
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

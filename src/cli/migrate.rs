//! Brings the tables up to date.

use clap::Args;

use super::Done;
use crate::{config::Settings, store::Db};

/// Arguments of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph migrate
  deskgraph migrate --database-url postgres://deskgraph@db/deskgraph

Does nothing when the tables are up to date. `serve` does the same at its start unless --migrate false.")]
pub struct Migrate {}

impl Migrate {
    pub async fn run(&self, settings: &Settings) -> Done {
        let db = Db::open(settings).await.map_err(crate::app::StartError::from)?;
        db.migrate().await.map_err(crate::app::StartError::from)?;
        eprintln!("The tables are up to date.");
        Ok(())
    }
}

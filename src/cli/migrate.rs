//! Migrates the tables.

use clap::Args;

use super::Done;
use crate::{
    app::{StartError, open},
    config::Settings,
    store::connect::Tables,
};

/// Arguments of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph migrate
  deskgraph migrate --database-url postgres://deskgraph@db/deskgraph

Applies the migrations that the database lacks. Does nothing if the tables are up to date. `serve`
runs the same migrations at startup unless --migrate false is set.")]
pub struct Migrate {}

impl Migrate {
    pub async fn run(&self, settings: &Settings) -> Done {
        let db = open(settings).await?;
        db.check_rights(true).await.map_err(StartError::from)?;
        db.migrate().await.map_err(StartError::from)?;
        if db.tables().await.map_err(StartError::from)? == Tables::Newer {
            return Err(StartError::Newer.into());
        }
        eprintln!("The tables are up to date.");
        Ok(())
    }
}

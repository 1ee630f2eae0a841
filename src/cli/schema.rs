//! Prints the schema.

use std::path::PathBuf;

use clap::Args;

use super::{Done, Failure};
use crate::graphql;

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph schema
  deskgraph schema --write schema.graphql
  deskgraph schema --check schema.graphql")]
pub struct Schema {
    /// Write it to a file instead of printing it.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Compare it with a file, and fail when it is another.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Schema {
    pub fn run(&self) -> Done {
        let text = graphql::sdl();
        match (&self.write, &self.check) {
            (Some(path), _) => Ok(std::fs::write(path, text)?),
            (None, Some(path)) if std::fs::read_to_string(path)? == text => Ok(()),
            (None, Some(path)) => {
                let path = path.display();
                Err(Failure(format!(
                    "{path} is out of date: deskgraph schema --write {path}"
                )))
            }
            (None, None) => {
                print!("{text}");
                Ok(())
            }
        }
    }
}

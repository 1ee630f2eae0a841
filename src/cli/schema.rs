//! Prints the GraphQL schema.

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
    /// Writes the schema to this file instead of the standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    write: Option<PathBuf>,
    /// Compares the schema with this file. The exit code is 1 if they differ.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Schema {
    pub fn run(&self) -> Done {
        let text = graphql::sdl();
        match (&self.write, &self.check) {
            (Some(path), _) => {
                let written = std::fs::write(path, text);
                written.map_err(|error| Failure(format!("Cannot write {}: {error}.", path.display())))
            }
            (None, Some(path)) => {
                let there = std::fs::read_to_string(path);
                let path = path.display();
                let there = there.map_err(|error| {
                    Failure(format!(
                        "Cannot read {path}: {error}. Create the file with deskgraph schema --write {path}."
                    ))
                })?;
                if there == text {
                    return Ok(());
                }
                Err(Failure(format!(
                    "{path} is out of date. Update it with deskgraph schema --write {path}."
                )))
            }
            (None, None) => {
                print!("{text}");
                Ok(())
            }
        }
    }
}

//! Brings a workspace over from another database.

use std::path::PathBuf;

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;

use super::{
    Done, Failure,
    connect::{explain, services},
    import::bar,
};
use crate::{
    config::Settings,
    import::copy::{self, BLOCK, Copy, CopyError},
};

/// What the subcommand tells of itself.
pub const HELP: &str = "\
Examples:
  deskgraph export --complete --output acme.ndjson --erasure-key acme.key
  deskgraph import deskgraph acme.ndjson --erasure-key acme.key --database-url postgres://deskgraph@db/deskgraph

Makes the workspace of a complete export as it was: ids, instants, versions, references to other systems with what these told,
the change log with its cursors, and marks of customers who were erased. API keys are not in an export: make new ones.

There must be no workspace of this id yet. A run that was cut off is finished by the same command. At the end rows are compared with
lines, type by type, and stored figures with what the rows add up to; the command ends with 1 when there are not as many.";

/// Arguments of `import deskgraph`.
#[derive(Debug, Args)]
pub struct Deskgraph {
    /// The file of an export that was made with --complete.
    file: PathBuf,
    /// File with the key of the marks of erased customers, which the export wrote; needed where there are such marks.
    #[arg(long, value_name = "FILE")]
    erasure_key: Option<PathBuf>,
}

impl Deskgraph {
    pub async fn run(&self, settings: &Settings) -> Done {
        let wanted = Copy {
            file: self.file.clone(),
            key: self.key()?,
            block: BLOCK,
        };
        // Before a database is made for nothing.
        std::fs::File::open(&self.file)
            .map_err(|error| Failure(format!("{}: {error}", self.file.display())))?;
        let services = services(settings).await?;
        let bar = bar();
        bar.set_message(self.file.display().to_string());
        let show = |read, total| {
            bar.set_length(total);
            bar.set_position(read);
        };
        let copied = copy::run(&services, &wanted, &show).await;
        bar.finish_and_clear();
        let copied = copied.map_err(|error| match error {
            CopyError::Store(error) => {
                let Failure(cause) = explain(error);
                Failure(format!(
                    "{cause}\nWhat was written stays; run the same command again to go on."
                ))
            }
            other => Failure(other.to_string()),
        })?;
        print!("{copied}");
        if copied.is_whole() {
            return Ok(());
        }
        let reason = "there are not as many rows as lines: others wrote into the workspace meanwhile, or rows were lost";
        Err(Failure(reason.to_owned()))
    }

    fn key(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.erasure_key else {
            return Ok(None);
        };
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let key = BASE64_STANDARD
            .decode(text.trim())
            .ok()
            .filter(|key| key.len() == 32);
        key.map(Some)
            .ok_or_else(|| Failure(format!("{}: is no key of marks", path.display())))
    }
}

//! Copies a workspace from another database.

use std::path::PathBuf;

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;

use super::{Done, Failure, bar, connect::services, import::BYTES, resumable};
use crate::{
    config::Settings,
    import::copy::{self, BLOCK, Copy, CopyError},
};

/// Help text of the subcommand.
pub const HELP: &str = "\
Examples:
  deskgraph export --complete --output acme.ndjson --erasure-key acme.key
  deskgraph import deskgraph acme.ndjson --erasure-key acme.key --database-url postgres://deskgraph@db/deskgraph

Recreates the workspace of a complete export with the same ids, timestamps, versions, references
to other systems, change log, cursors and records of erased customers. An export does not
contain API keys: create new ones.

The workspace id must not exist in the database. Run the same command again to resume an
interrupted run. At the end, the command compares the number of rows with the number of lines of
each type, and corrects stored counts that do not match the rows.

Exit codes: 0 all rows are present, 1 the copy failed or the numbers of rows and lines differ.";

/// Arguments of `import deskgraph`.
#[derive(Debug, Args)]
pub struct Deskgraph {
    /// File written by deskgraph export --complete.
    file: PathBuf,
    /// File with the erasure key, written by deskgraph export --erasure-key. Required when the export contains records of
    /// erased customers.
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
        // Check the file before the database is created.
        std::fs::File::open(&self.file)
            .map_err(|error| Failure(format!("Cannot read {}: {error}.", self.file.display())))?;
        let services = services(settings).await?;
        let bar = bar(BYTES);
        bar.set_message(self.file.display().to_string());
        let show = |read, total| {
            bar.set_length(total);
            bar.set_position(read);
        };
        let copied = copy::run(&services, &wanted, &show).await;
        bar.finish_and_clear();
        let copied = copied.map_err(|error| match error {
            CopyError::Store(error) => resumable(error),
            other => Failure(other.to_string()),
        })?;
        print!("{copied}");
        if copied.is_whole() {
            return Ok(());
        }
        let reason = "The numbers of rows and lines differ: another process wrote to the workspace during the copy, or rows \
                      were lost.";
        Err(Failure(reason.to_owned()))
    }

    fn key(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.erasure_key else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure(format!("Cannot read {}: {error}.", path.display())))?;
        let key = BASE64_STANDARD
            .decode(text.trim())
            .ok()
            .filter(|key| key.len() == 32);
        key.map(Some).ok_or_else(|| {
            Failure(format!(
                "{}: The file does not contain an erasure key.",
                path.display()
            ))
        })
    }
}

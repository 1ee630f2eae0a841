//! Brings in helpdesk data from files.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services, workspace},
};
use crate::{
    auth::Viewer,
    config::Settings,
    import::{self, ImportError, Input, KEVA, Progress},
    service::import::Source,
};

/// Where the data comes from.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Keva: customers.ndjson, tickets.ndjson and messages.ndjson, one object of its REST answers on each line.
    Keva(Keva),
}

/// Arguments of `import keva`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph import keva ./export
  deskgraph import keva ./export --workspace \"Acme Support\"

A second run changes nothing, and a run that was cut off is finished by another. A line that cannot be used is told
with its file, number, field and reason; the others go on, and the command ends with 1.")]
pub struct Keva {
    /// The folder with the files.
    folder: PathBuf,
    /// Id or name of the workspace [default: the only one there is].
    #[arg(long)]
    workspace: Option<String>,
}

impl Import {
    pub async fn run(&self, settings: &Settings) -> Done {
        let Self::Keva(keva) = self;
        keva.run(settings).await
    }
}

impl Keva {
    async fn run(&self, settings: &Settings) -> Done {
        if !self.folder.is_dir() {
            return Err(Failure(format!("{} is no folder", self.folder.display())));
        }
        let services = services(settings).await?;
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = Source {
            viewer: &viewer,
            workspace: workspace.id,
            system: KEVA.system,
        };
        let bar = bar();
        let input = Input::Folder(self.folder.clone());
        let report = import::run(&services, &source, &KEVA, &input, &|progress| {
            show(&bar, progress)
        })
        .await;
        bar.finish_and_clear();
        let report = report.map_err(|error| match error {
            ImportError::Store(error) => {
                let Failure(cause) = explain(error);
                Failure(format!(
                    "{cause}\nWhat was written stays; run the same command again to go on."
                ))
            }
            other => Failure(other.to_string()),
        })?;
        print!("{report}");
        match report.failed() {
            0 => Ok(()),
            failed => {
                let next = "Mend them and run the same command again: the other lines stay as they are.";
                Err(Failure(format!("{failed} lines could not be used. {next}")))
            }
        }
    }
}

fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:18} {bar:40} {percent:>3} %  {binary_bytes_per_sec}  {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: Progress<'_>) {
    if bar.message() != progress.file {
        bar.reset();
        bar.set_message(progress.file.to_owned());
    }
    bar.set_length(progress.total);
    bar.set_position(progress.read);
}

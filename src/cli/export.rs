//! Exports all data that a viewer can see.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Args;
use entity::WorkspaceId;

use super::{
    Done, Failure, bar,
    connect::{choose, one_connection, services_to_look, workspace},
    output::WholeFile,
    retitle,
    serve::signal,
};
use crate::{
    auth::Viewer,
    config::Settings,
    export::{self, ExportError, MARK, PAGE, Progress, Report},
    keyring::Keyring,
    service::{self, CredentialError, Services},
    store,
};

/// Size of the output buffer in bytes.
const BUFFER: usize = 1 << 18;

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph export --output acme.ndjson
  EXPORT_TOKEN=dk_… deskgraph export --workspace \"Acme Support\" | zstd > acme.ndjson.zst

Writes one JSON object on each line: Export, Workspace, then every Agent, Team, Queue, Customer,
Conversation, Ticket and Message with the fields of the GraphQL type of the same name, and Cursor
last. An export without the Cursor line is incomplete.

The cursor marks the change log before the first row was read. Pass it to a subscription as
`after`. Events of writes during the export are delivered again: an event can appear twice, but
none is missing. Agents, teams, queues and workspaces have no events; export again to get their
changes.

Without a token the export contains the complete workspace. With a token it contains the rows
that the viewer can see: a customer gets its own rows, and internalNotes require the grant
customer:notes.

With --complete the export contains everything that another database needs to continue as this
one. See deskgraph import deskgraph --help.

Exit codes: 0 the export is complete, 1 the export failed.")]
pub struct Export {
    /// File to write. The file appears only when the export is complete. - is the standard output.
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    output: PathBuf,
    /// Id or name of the workspace [default: the only workspace].
    #[arg(long)]
    workspace: Option<String>,
    /// Token or API key of the viewer whose data is exported [default: the operator, who can see all data]. Other users of
    /// the machine can read flags in the process list; use the environment variable instead.
    #[arg(long, env = "EXPORT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Includes the change log and the data that the API does not expose, for `import deskgraph`.
    #[arg(long)]
    complete: bool,
    /// File to write the erasure key to. `import deskgraph` requires it when the export contains records of erased
    /// customers.
    #[arg(long, value_name = "FILE", requires = "complete")]
    erasure_key: Option<PathBuf>,
}

impl Export {
    pub async fn run(&self, settings: &Settings) -> Done {
        // Only one statement runs at a time, and each SQLite connection has its own cache.
        let settings = &one_connection(settings, settings.statement_timeout_ms);
        let services = services_to_look(settings).await?;
        let named = self.workspace.as_deref();
        let (viewer, workspace) = match &self.token {
            None => {
                let row = workspace(&services, named).await?;
                (Viewer::operator(row.id), row)
            }
            Some(token) => {
                let viewer = viewer(&services, settings, token).await?;
                let seen = store::workspace::list(&services.db, &viewer.scope())
                    .await
                    .map_err(service::Error::from)?;
                let hint = opened(&seen);
                (viewer, choose(seen, named, &hint)?)
            }
        };
        let wanted = export::Export {
            viewer: &viewer,
            workspace: workspace.id,
            page_size: PAGE,
            complete: self.complete,
        };
        let report = if self.output.as_os_str() == "-" {
            write(&services, &wanted, io::stdout()).await
        } else {
            let file =
                WholeFile::create(&self.output, &services.clock).map_err(|error| self.failed(&error))?;
            // An interrupted export leaves no partial file.
            let report = tokio::select! {
                report = write(&services, &wanted, file.writer()) => report,
                () = signal() => return Err(Failure("The export was interrupted. The output file was not written.".to_owned())),
            };
            match report {
                Ok(report) => file.finish().map(|()| report).map_err(ExportError::Output),
                Err(error) => Err(error),
            }
        };
        let report = report.map_err(|error| match error {
            ExportError::Output(error) => self.failed(&error),
            ExportError::Store(error) => service::Error::from(error).into(),
            other => Failure(other.to_string()),
        })?;
        eprint!("{report}");
        let marks = report.rows.iter().any(|(kind, rows)| *kind == MARK && *rows > 0);
        match &self.erasure_key {
            Some(file) => write_key(&services, workspace.id, file).await,
            None if marks => {
                eprintln!(
                    "deskgraph: The export contains records of erased customers. deskgraph import deskgraph requires the \
                     erasure key: export again with --erasure-key FILE."
                );
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn failed(&self, error: &io::Error) -> Failure {
        let name = if self.output.as_os_str() == "-" {
            "the standard output".to_owned()
        } else {
            self.output.display().to_string()
        };
        Failure(match error.kind() {
            io::ErrorKind::BrokenPipe => format!("The reader closed {name} before the export was complete."),
            _ => format!("Cannot write to {name}: {error}. The export is incomplete."),
        })
    }
}

/// Writes the erasure key of a workspace to a separate file that only its owner can read.
async fn write_key(services: &Services, workspace: WorkspaceId, path: &Path) -> Done {
    let key = store::erased::key(services.db.connection(), workspace)
        .await
        .map_err(service::Error::from)?;
    let Some(key) = key else {
        eprintln!("deskgraph: The workspace has no erased customers, so no erasure key was written.");
        return Ok(());
    };
    let failed = |error: io::Error| Failure(format!("Cannot write {}: {error}.", path.display()));
    let file = WholeFile::create(path, &services.clock).map_err(failed)?;
    writeln!(file.writer(), "{}", BASE64_STANDARD.encode(key)).map_err(failed)?;
    file.finish().map_err(failed)
}

async fn viewer(services: &Services, settings: &Settings, token: &str) -> Result<Viewer, Failure> {
    let keyring = Keyring::new(settings, services.clock.clone())?;
    keyring.turn(false).await;
    service::authenticate(services, &keyring, token)
        .await
        .map_err(|refused| match refused {
            CredentialError::Failed(error) => error.into(),
            refused => Failure(format!("The token was rejected: {refused}.")),
        })
}

/// A sentence that lists the valid values of `--workspace`.
fn opened(seen: &[entity::workspace::Model]) -> String {
    let each: Vec<_> = seen
        .iter()
        .map(|row| format!("{} ({:?})", row.id, row.name))
        .collect();
    if each.is_empty() {
        "The token gives access to no workspace.".to_owned()
    } else {
        format!("The token gives access to {}.", each.join(", "))
    }
}

async fn write(
    services: &Services,
    wanted: &export::Export<'_>,
    out: impl Write,
) -> Result<Report, ExportError> {
    let bar = bar("{msg:12} {human_pos:>10} rows  {per_sec}");
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let report = export::run(services, wanted, &mut out, &|progress: Progress| {
        retitle(&bar, progress.kind);
        bar.set_position(progress.rows);
    })
    .await;
    bar.finish_and_clear();
    // Discards buffered output, because dropping the buffer after a failure would try to write it again.
    let _ = out.into_parts();
    report
}

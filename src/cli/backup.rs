//! Copies a `SQLite` database into a file, while nodes serve it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Done, Failure, output::WholeFile, serve::signal};
use crate::{
    app::StartError,
    clock::Clock,
    config::Settings,
    store::{
        Db,
        backup::{self, Defect},
        connect::missing_file,
        dialect::Dialect,
    },
};

/// A large database takes as long as the disk needs.
const STATEMENT_MS: u64 = 24 * 3_600_000;
/// How often it is looked how far the copy is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph backup /backups/deskgraph-monday.db
  deskgraph backup --database-url sqlite:///var/lib/deskgraph/deskgraph.db monday.db

For SQLite. The copy holds one state of the database; serving may go on, and no writer waits. It is checked (the pages, the
references between rows, the change logs), gets its name when it is whole, and is for its owner alone. A file that is there
already is not replaced. Nothing lies beside a backup: it is that one file.

To restore it: end the node, move deskgraph.db, deskgraph.db-wal and deskgraph.db-shm away, copy the backup to deskgraph.db,
and start. The restored database begins a new epoch by itself, so that no cursor of what was lost is taken for a place in it.

PostgreSQL is backed up with its own tools:
  pg_dump --format=custom --file=monday.dump \"$DESKGRAPH_DATABASE_URL\"")]
pub struct Backup {
    /// File to write to, which must not be there yet.
    file: PathBuf,
}

impl Backup {
    pub async fn run(&self, settings: &Settings) -> Done {
        let target = &self.file;
        if fs::symlink_metadata(target).is_ok() {
            return Err(Failure(format!(
                "{} is there already: name a file that is not, or move it away.",
                target.display()
            )));
        }
        if let Some(missing) = missing_file(settings.database_url.reveal()) {
            return Err(Failure(format!(
                "database_url: there is no file {}. Name the database with --database-url.",
                missing.display()
            )));
        }
        // One statement runs at a time. The tables are left as they are, also those of an earlier version.
        let settings = &Settings {
            database_connections: 1,
            statement_timeout_ms: STATEMENT_MS,
            ..settings.clone()
        };
        let db = Db::open(settings).await.map_err(StartError::from)?;
        if db.dialect() == Dialect::Postgres {
            return Err(Failure(format!(
                "database_url: PostgreSQL is backed up with its own tools: pg_dump --format=custom --file={} \
                 \"$DESKGRAPH_DATABASE_URL\". docs/operating.md tells how to restore that.",
                target.display()
            )));
        }
        if !backup::is_ours(&db).await.map_err(StartError::from)? {
            return Err(Failure(
                "database_url: the file holds no tables of Deskgraph. Name the database with --database-url."
                    .to_owned(),
            ));
        }
        let file = WholeFile::create(target, &Clock::system())
            .map_err(|error| Failure(format!("{} cannot be written: {error}", target.display())))?;
        let copied = tokio::select! {
            copied = copy(&db, file.path()) => copied?,
            () = signal() => return Err(Failure("stopped; no backup was left.".to_owned())),
        };
        file.finish_new()
            .map_err(|error| Failure(format!("{} cannot be written: {error}", target.display())))?;
        db.close().await.map_err(StartError::from)?;
        for (table, rows) in copied {
            eprintln!("{table:12} {rows:>10}");
        }
        eprintln!("The backup {} is whole.", target.display());
        Ok(())
    }
}

/// Copies, and looks whether the copy is whole.
async fn copy(db: &Db, partial: &Path) -> Result<Vec<(&'static str, i64)>, Failure> {
    let name = partial
        .to_str()
        .ok_or_else(|| Failure("the name of the file is not in UTF-8.".to_owned()))?;
    let bar = bar(backup::size_unscoped(db).await.map_err(StartError::from)?);
    let copying = backup::copy_unscoped(db, name);
    let mut copying = std::pin::pin!(copying);
    loop {
        tokio::select! {
            copied = &mut copying => {
                copied.map_err(StartError::from)?;
                break;
            }
            () = tokio::time::sleep(LOOK_EVERY) => {
                bar.set_position(fs::metadata(partial).map_or(0, |file| file.len()));
            }
        }
    }
    bar.set_message("checking the copy");
    let checked = backup::check(partial).await;
    bar.finish_and_clear();
    checked.map_err(|defect| {
        let defect = match defect {
            Defect::Store(error) => StartError::from(error).to_string(),
            other => other.to_string(),
        };
        Failure(format!(
            "the copy cannot be used, and no backup was left: {defect}. Look at the database itself: \
             sqlite3 FILE 'PRAGMA integrity_check'."
        ))
    })
}

fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bytes:>12} of {total_bytes}  {bytes_per_sec}  {msg}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

//! Copies a `SQLite` database to a file while nodes serve it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{Done, Failure, bar, connect::one_connection, output::WholeFile, serve::signal};
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

/// Statement timeout in milliseconds. The copy of a large database takes as long as the disk needs.
const STATEMENT_MS: u64 = 24 * 3_600_000;
/// Interval of progress updates.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskgraph backup /backups/deskgraph-monday.db
  deskgraph backup --database-url sqlite:///var/lib/deskgraph/deskgraph.db monday.db

Works with SQLite only. The backup is a consistent snapshot in one file. The server can stay
online, and writers do not wait. The command checks the pages, the references between rows and
the change logs of the backup, and gives the file its name only after these checks. The file is
readable by its owner only. The command does not overwrite an existing file.

To restore a backup:
  1. Stop the server.
  2. Move deskgraph.db, deskgraph.db-wal and deskgraph.db-shm to another folder.
  3. Copy the backup to deskgraph.db.
  4. Start the server. It starts a new epoch of the change logs, so cursors of lost events expire.

Exit codes: 0 the backup is complete, 1 the backup failed and no file was left.

Use the tools of PostgreSQL to back up a PostgreSQL database:
  pg_dump --format=custom --file=monday.dump \"$DESKGRAPH_DATABASE_URL\"")]
pub struct Backup {
    /// Path of the backup. The file must not exist.
    file: PathBuf,
}

impl Backup {
    pub async fn run(&self, settings: &Settings) -> Done {
        let target = &self.file;
        if fs::symlink_metadata(target).is_ok() {
            return Err(Failure(format!(
                "{} already exists. Specify another file, or move the existing one.",
                target.display()
            )));
        }
        if let Some(missing) = missing_file(settings.database_url.reveal()) {
            return Err(Failure(format!(
                "database_url: The file {} does not exist. Specify the database with --database-url.",
                missing.display()
            )));
        }
        // Only one statement runs at a time. The tables are not migrated, so backups of earlier versions work
        // too.
        let settings = &one_connection(settings, STATEMENT_MS);
        let db = Db::open(settings).await.map_err(StartError::from)?;
        if db.dialect() == Dialect::Postgres {
            return Err(Failure(format!(
                "database_url: This command backs up SQLite databases only. For PostgreSQL, run: \
                 pg_dump --format=custom --file={} \"$DESKGRAPH_DATABASE_URL\". See docs/operating.md for the \
                 restore.",
                target.display()
            )));
        }
        if !backup::is_ours(&db).await.map_err(StartError::from)? {
            return Err(Failure(
                "database_url: The file is not a Deskgraph database. Specify the database with --database-url."
                    .to_owned(),
            ));
        }
        let file = WholeFile::create(target, &Clock::system())
            .map_err(|error| Failure(format!("Cannot write {}: {error}.", target.display())))?;
        let copied = tokio::select! {
            copied = copy(&db, file.path()) => copied?,
            () = signal() => return Err(Failure("The backup was interrupted. No file was left.".to_owned())),
        };
        file.finish_new()
            .map_err(|error| Failure(format!("Cannot write {}: {error}.", target.display())))?;
        db.close().await.map_err(StartError::from)?;
        for (table, rows) in copied {
            eprintln!("{table:12} {rows:>10}");
        }
        eprintln!("The backup {} is complete.", target.display());
        Ok(())
    }
}

/// Copies the database and checks the copy.
async fn copy(db: &Db, partial: &Path) -> Result<Vec<(&'static str, i64)>, Failure> {
    let name = partial
        .to_str()
        .ok_or_else(|| Failure("The file name is not valid UTF-8. Specify another name.".to_owned()))?;
    let bar = bar("{bytes:>12} of {total_bytes}  {bytes_per_sec}  {msg}");
    bar.set_length(backup::size_unscoped(db).await.map_err(StartError::from)?);
    let copying = backup::copy_unscoped(db, name);
    let mut copying = std::pin::pin!(copying);
    loop {
        tokio::select! {
            copied = &mut copying => {
                copied.map_err(StartError::from)?;
                break;
            }
            () = tokio::time::sleep(CHECK_INTERVAL) => {
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
            "The backup failed its checks, and no file was left: {defect}. Check the database itself: \
             sqlite3 FILE 'PRAGMA integrity_check'."
        ))
    })
}

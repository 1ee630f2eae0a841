//! Lock that limits a `SQLite` file to one serving process.
//!
//! Change events reach only subscribers in the process that wrote them, and writers queue in one process.
//! Command-line programs may write to the file at the same time.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, Statement};

use super::{Db, StoreError};

/// Suffix of the lock file after the name of the database.
const SUFFIX: &str = "-serve";

/// Right to serve a file, released on drop. It is a lock of the operating system, which also ends with the
/// process in any case. The lock file is never removed, because two processes could then lock two different
/// files.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

/// Reason why a file cannot be served, as a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another process serves the file.
    #[error(
        "database_url: Another process already serves {}. Only one process can serve a SQLite database. Use \
         PostgreSQL to run several nodes.",
        .0.display()
    )]
    Taken(PathBuf),
    /// The lock file cannot be locked.
    #[error(
        "database_url: Cannot lock {}, the file that reserves the database for one process: {}.",
        .0.display(), .1
    )]
    Lock(PathBuf, #[source] io::Error),
}

impl Claim {
    /// Takes the lock of this database.
    pub fn of(database: &Path) -> Result<Self, ClaimError> {
        let mut path = database.as_os_str().to_owned();
        path.push(SUFFIX);
        let path = PathBuf::from(path);
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let locked = opened.map_err(TryLockError::Error).and_then(|file| {
            file.try_lock()?;
            Ok(file)
        });
        match locked {
            Ok(file) => Ok(Self { _lock: file }),
            Err(TryLockError::WouldBlock) => Err(ClaimError::Taken(database.to_owned())),
            Err(TryLockError::Error(error)) => Err(ClaimError::Lock(path, error)),
        }
    }
}

impl Db {
    /// Returns the canonical path of the database file. `None` for a server or a database in memory.
    pub async fn file(&self) -> Result<Option<PathBuf>, StoreError> {
        let Some(question) = self.dialect().file() else {
            return Ok(None);
        };
        let question = Statement::from_string(self.dialect().backend(), question);
        let Some(row) = self.connection().query_one_raw(question).await? else {
            return Ok(None);
        };
        let name: Option<String> = row.try_get_by_index(0)?;
        Ok(name.filter(|name| !name.is_empty()).map(PathBuf::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, Settings};

    #[test]
    fn a_file_has_at_most_one_claim() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, two) = (folder.path().join("one.db"), folder.path().join("two.db"));
        let claim = Claim::of(&one).expect("free");
        let sentence = Claim::of(&one).expect_err("taken").to_string();
        assert!(
            sentence.starts_with("database_url: ")
                && sentence.contains("Another process already serves ")
                && sentence.contains("one.db")
        );
        Claim::of(&two).expect("another file");
        drop(claim);
        Claim::of(&one).expect("free again");
    }

    #[test]
    fn an_unavailable_lock_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("one.db-serve")).expect("in the way");
        let error = Claim::of(&folder.path().join("one.db")).expect_err("no lock");
        assert!(matches!(error, ClaimError::Lock(..)));
        assert!(
            error.to_string().contains("one.db-serve, the file that reserves"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_database_url_resolves_to_one_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().canonicalize().expect("a path").join("one.db");
        let open = async |url: &str| {
            let database_url = Secret::new(url);
            let settings = Settings {
                database_url,
                ..Settings::default()
            };
            let db = Db::open(&settings).await.expect("a database");
            db.file().await.expect("an answer")
        };
        let plain = format!("sqlite://{}/one.db", folder.path().display());
        let other = format!("sqlite:{}/./one.db?mode=rwc", folder.path().display());
        assert_eq!(open(&plain).await.as_deref(), Some(&*real));
        assert_eq!(open(&other).await.as_deref(), Some(&*real));
        assert_eq!(open("sqlite::memory:").await, None);
    }
}

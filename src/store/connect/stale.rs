//! Detects a `SQLite` log that was left next to a file that has been replaced.
//!
//! `SQLite` keeps the latest commits in a `-wal` file next to the database file. When a process is killed,
//! the log stays, and the next process that opens the file applies the pages of the log. If a backup was
//! copied over the file and the `-wal` file was left, the backup is mixed with pages of another state, which
//! `SQLite` does not detect. The gateway therefore does not open a file that was changed well after its log,
//! if the log holds pages that the file does not have.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, File, Metadata},
    io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

/// Longest time between the change of the log and the change of the file when `SQLite` makes both: a
/// checkpoint follows the commit that triggers it. Without a checkpoint, the file is never changed after the
/// log.
const MARGIN: Duration = Duration::from_secs(30);
/// First bytes of a `-wal` file, without the last bit, and of a `-journal` file.
const WAL: u32 = 0x377f_0682;
const JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// Size in bytes of the header of a `-wal` file and of the header of each page in it.
const HEADER: usize = 32;
const FRAME: usize = 24;
/// Bytes of a `-shm` file up to the end of the number of pages whose checkpoint was attempted.
const INDEX: usize = 132;

/// Returns a problem with the files next to a database file: a message with the next step.
pub fn complaint(file: &Path) -> Option<String> {
    look(file, MARGIN)
}

fn look(file: &Path, margin: Duration) -> Option<String> {
    // A file that cannot be read is reported when it is opened.
    let changed = fs::metadata(file).ok().as_ref().and_then(changed)?;
    for suffix in ["-wal", "-journal"] {
        let beside = beside(file, suffix);
        let Some(log) = fs::metadata(&beside).ok().as_ref().and_then(self::changed) else {
            continue;
        };
        let margin = if suffix == "-wal" && was_never_copied(&beside, file).unwrap_or(false) {
            Duration::ZERO
        } else {
            margin
        };
        let Some(later) = changed.checked_sub(log).filter(|later| *later > margin) else {
            continue;
        };
        let is_stale = if suffix == "-wal" {
            holds_other_pages(&beside, file)
        } else {
            is_hot(&beside)
        };
        if is_stale.unwrap_or(false) {
            return Some(sentence(file, &beside, suffix, later));
        }
    }
    None
}

fn sentence(file: &Path, beside: &Path, suffix: &str, later: Duration) -> String {
    let away = beside.with_extension(format!(
        "{}.old",
        beside.extension().unwrap_or_default().to_string_lossy()
    ));
    let (file, beside, away) = (file.display(), beside.display(), away.display());
    let seconds = later.as_secs();
    let index = if suffix == "-wal" {
        format!(" (and remove {file}-shm)")
    } else {
        String::new()
    };
    format!(
        "{file} was changed {seconds} s after {beside}, which contains pages of another state of the database. This happens \
         when a backup is copied over the file. Opening both would corrupt the database. If you restored the file, move \
         {beside} away: mv '{beside}' '{away}'{index}. If you did not, {beside} contains the latest commits: \
         run touch '{beside}' and start again."
    )
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Time of the last change of the file, including its permissions and name, because a copy can keep the
/// modification time.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<Duration> {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).ok()?;
    let nanoseconds = u64::try_from(metadata.ctime_nsec()).ok()?;
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds))
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> Option<Duration> {
    let changed = metadata.modified().ok()?;
    changed.duration_since(std::time::UNIX_EPOCH).ok()
}

/// Whether `SQLite` would roll a transaction back with this journal. The journal begins with zeros after the
/// end of a transaction.
fn is_hot(journal: &Path) -> io::Result<bool> {
    let mut begin = [0; JOURNAL.len()];
    File::open(journal)?.read_exact(&mut begin)?;
    Ok(begin == JOURNAL)
}

/// Whether no page of a `-wal` file has been moved into the database file, according to the index file. If
/// so, `SQLite` has not changed the file since the start of the log.
fn was_never_copied(wal: &Path, file: &Path) -> io::Result<bool> {
    let (mut header, mut index) = ([0; HEADER], [0; INDEX]);
    File::open(wal)?.read_exact(&mut header)?;
    File::open(beside(file, "-shm"))?.read_exact(&mut index)?;
    let is_of_this_log = header[16..24] == index[32..40];
    Ok(is_of_this_log && index[INDEX - 4..] == [0; 4])
}

/// Whether a `-wal` file holds a committed page that differs from the page in the file.
fn holds_other_pages(wal: &Path, file: &Path) -> io::Result<bool> {
    let mut wal = BufReader::new(File::open(wal)?);
    let mut header = [0; HEADER];
    wal.read_exact(&mut header)?;
    if number(&header, 0) & !1 != WAL {
        return Ok(false);
    }
    let page_size = usize::try_from(number(&header, 8)).unwrap_or(0);
    if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
        return Ok(false);
    }
    let (mut committed, mut open) = (HashMap::new(), HashMap::new());
    let mut place = HEADER as u64;
    loop {
        let mut frame = [0; FRAME];
        match wal.read_exact(&mut frame) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        // Frames after the end belong to an earlier generation of the log.
        if frame[8..16] != header[16..24] {
            break;
        }
        open.insert(number(&frame, 0), place + FRAME as u64);
        if number(&frame, 4) != 0 {
            committed.extend(open.drain());
        }
        wal.seek_relative(i64::try_from(page_size).unwrap_or(i64::MAX))?;
        place += (FRAME + page_size) as u64;
    }
    let (mut file, mut wal) = (File::open(file)?, wal.into_inner());
    let (mut one, mut other) = (vec![0; page_size], vec![0; page_size]);
    for (page, place) in committed {
        wal.seek(SeekFrom::Start(place))?;
        if let Err(error) = wal.read_exact(&mut one) {
            // A truncated page was not committed.
            return if error.kind() == ErrorKind::UnexpectedEof {
                Ok(false)
            } else {
                Err(error)
            };
        }
        file.seek(SeekFrom::Start(
            u64::from(page.saturating_sub(1)) * page_size as u64,
        ))?;
        match file.read_exact(&mut other) {
            Ok(()) if one == other => {}
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
            _ => return Ok(true),
        }
    }
    Ok(false)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_be_bytes(four)
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::{
        config::{Secret, Settings},
        store::Db,
    };

    const NONE: Duration = Duration::ZERO;

    /// Writes a file until its change time is later than that of its log, because the file system rounds
    /// times.
    fn write_later(file: &Path, suffix: &str, content: &[u8]) {
        let at = |path: &Path| changed(&fs::metadata(path).expect("a file")).expect("a time");
        loop {
            fs::write(file, content).expect("written");
            if at(file) > at(&beside(file, suffix)) {
                return;
            }
        }
    }

    /// Creates the files that a killed process leaves: a file and its log with the table `later`, next to
    /// `before`, a backup without that table.
    async fn killed(folder: &Path) -> PathBuf {
        let (served, left) = (folder.join("served.db"), folder.join("left.db"));
        let settings = Settings {
            database_url: Secret::new(format!("sqlite://{}", served.display())),
            database_connections: 1,
            ..Settings::default()
        };
        let db = Db::open(&settings).await.expect("a database");
        let run = async |sql: &str| {
            db.connection().execute_unprepared(sql).await.expect("done");
        };
        run("CREATE TABLE early (n INTEGER)").await;
        run(&format!("VACUUM INTO '{}'", folder.join("before").display())).await;
        run("CREATE TABLE later (n INTEGER)").await;
        fs::copy(&served, &left).expect("copied");
        let wal = |path: &Path| beside(path, "-wal");
        fs::copy(beside(&served, "-shm"), beside(&left, "-shm")).expect("copied");
        fs::copy(wal(&served), wal(&left)).expect("copied");
        db.close().await.expect("closed");
        left
    }

    #[tokio::test]
    async fn a_stale_log_of_a_replaced_file_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = killed(folder.path()).await;
        assert_eq!(look(&left, NONE), None, "the log is the newest");
        let backup = fs::read(folder.path().join("before")).expect("a backup");
        write_later(&left, "-wal", &backup);
        let said = look(&left, NONE).expect("a sentence");
        assert!(said.contains("left.db-wal") && said.contains("mv '"), "{said}");
        assert_eq!(look(&left, MARGIN), Some(said), "SQLite has not done it");
        fs::remove_file(beside(&left, "-shm")).expect("removed");
        assert_eq!(
            look(&left, MARGIN),
            None,
            "as soon after it, a checkpoint may do it"
        );
        fs::rename(beside(&left, "-wal"), folder.path().join("away")).expect("moved");
        assert_eq!(look(&left, NONE), None);
    }

    #[tokio::test]
    async fn a_checkpointed_log_is_not_stale() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = killed(folder.path()).await;
        let wal = fs::read(beside(&left, "-wal")).expect("a log");
        // After one open and close, the file has the pages of its log.
        let settings = Settings {
            database_url: Secret::new(format!("sqlite://{}", left.display())),
            database_connections: 1,
            ..Settings::default()
        };
        let db = Db::open(&settings).await.expect("a database");
        db.connection()
            .execute_unprepared("SELECT * FROM later")
            .await
            .expect("it is there");
        db.close().await.expect("closed");
        fs::write(beside(&left, "-wal"), wal).expect("as before");
        let content = fs::read(&left).expect("a file");
        write_later(&left, "-wal", &content);
        assert_eq!(look(&left, NONE), None);
    }

    #[test]
    fn only_a_hot_journal_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("one.db");
        let journal = beside(&file, "-journal");
        for (content, is_hot) in [
            (&JOURNAL[..], true),
            (&[0; 512][..], false),
            (b"".as_slice(), false),
        ] {
            fs::write(&journal, content).expect("written");
            fs::write(beside(&file, "-wal"), content).expect("written");
            write_later(&file, "-wal", b"x");
            assert_eq!(look(&file, NONE).is_some(), is_hot, "{content:?}");
        }
    }
}

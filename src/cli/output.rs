//! An output file that appears only when it is complete.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use crate::clock::Clock;

/// A file that is written under a temporary name in the target folder and renamed when it is complete.
/// Dropping it earlier removes the temporary file. A killed process leaves a file whose name ends in
/// `.partial`.
#[derive(Debug)]
pub struct WholeFile {
    file: File,
    /// Path of the temporary file. `None` if the target is not a regular file but a pipe or a device.
    partial: Option<PathBuf>,
    target: PathBuf,
}

impl WholeFile {
    /// Creates the temporary file.
    pub fn create(path: &Path, clock: &Clock) -> io::Result<Self> {
        // A symbolic link stays in place, and its target is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(&target)?;
            return Ok(Self {
                file,
                partial: None,
                target,
            });
        }
        let mut partial = target.clone().into_os_string();
        let [first, second, third, fourth, ..] = clock.random();
        partial.push(format!(
            ".{:08x}.partial",
            u32::from_be_bytes([first, second, third, fourth])
        ));
        let partial = PathBuf::from(partial);
        let file = private().write(true).create_new(true).open(&partial)?;
        Ok(Self {
            file,
            partial: Some(partial),
            target,
        })
    }

    /// Path of the file while it is written.
    pub fn path(&self) -> &Path {
        self.partial.as_deref().unwrap_or(&self.target)
    }

    /// The file to write to.
    pub fn writer(&self) -> &File {
        &self.file
    }

    /// Completes a file that must not replace an existing one. Fails if the target was created in the
    /// meantime.
    pub fn finish_new(mut self) -> io::Result<()> {
        let Some(partial) = self.partial.take() else {
            return Ok(());
        };
        self.file.sync_all()?;
        let linked = fs::hard_link(&partial, &self.target);
        fs::remove_file(&partial)?;
        linked?;
        sync_folder_of(&self.target)
    }

    /// Completes the file: syncs its content to the disk, then renames it.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(partial) = &self.partial else {
            return Ok(());
        };
        self.file.sync_all()?;
        fs::rename(partial, &self.target)?;
        self.partial = None;
        sync_folder_of(&self.target)
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // A failure cannot be handled here.
            let _ = fs::remove_file(partial);
        }
    }
}

/// Syncs the folder of a file. Only then is the new name durable.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Creates files that only the owner can read, because exports contain customer data.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_file_gets_its_name_when_it_is_complete() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let file = WholeFile::create(&path, &Clock::system()).expect("a file");
        file.writer().write_all(b"half").expect("written");
        assert!(!path.exists());
        assert!(names(folder.path())[0].ends_with(".partial"));
        drop(file);
        assert!(names(folder.path()).is_empty());

        fs::write(&path, "before").expect("written");
        let file = WholeFile::create(&path, &Clock::system()).expect("a file");
        file.writer().write_all(b"whole").expect("written");
        assert_eq!(fs::read(&path).expect("a file"), b"before");
        file.finish().expect("finished");
        assert_eq!(fs::read(&path).expect("a file"), b"whole");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn a_file_created_during_the_write_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let file = WholeFile::create(&path, &Clock::system()).expect("a file");
        file.writer().write_all(b"whole").expect("written");
        assert!(file.path().exists());
        fs::write(&path, "meanwhile").expect("written");
        file.finish_new().expect_err("in the way");
        assert_eq!(fs::read(&path).expect("a file"), b"meanwhile");
        assert_eq!(names(folder.path()), ["out"]);

        fs::remove_file(&path).expect("removed");
        let file = WholeFile::create(&path, &Clock::system()).expect("a file");
        file.writer().write_all(b"whole").expect("written");
        file.finish_new().expect("finished");
        assert_eq!(fs::read(&path).expect("a file"), b"whole");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_kept_and_folders_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        fs::write(&path, "before").expect("written");
        symlink(&path, &link).expect("a link");
        let file = WholeFile::create(&link, &Clock::system()).expect("a file");
        file.finish().expect("finished");
        assert!(link.is_symlink());
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        WholeFile::create(folder.path(), &Clock::system()).expect_err("no file");
        assert_eq!(names(folder.path()).len(), 2);
    }
}

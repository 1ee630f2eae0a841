//! The output: one buffered file for each type of row, and the format of times.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat};
use serde::ser::{Error, Serialize, Serializer};

/// A time in whole seconds since 1970, written as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub i64);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment =
            DateTime::from_timestamp(self.0, 0).ok_or_else(|| S::Error::custom("a time out of range"))?;
        serializer.serialize_str(&moment.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A file with one JSON object per line. Every error names the file.
pub struct NdjsonFile {
    path: PathBuf,
    file: BufWriter<File>,
    lines: u64,
}

impl NdjsonFile {
    pub fn create(folder: &Path, name: &str) -> Result<Self, String> {
        let path = folder.join(format!("{name}.ndjson"));
        match File::create(&path) {
            Ok(file) => Ok(Self {
                path,
                file: BufWriter::with_capacity(1 << 20, file),
                lines: 0,
            }),
            Err(error) => Err(format!("cannot write {}: {error}", path.display())),
        }
    }

    pub fn write(&mut self, row: &impl Serialize) -> Result<(), String> {
        let written = serde_json::to_writer(&mut self.file, row).map_err(std::io::Error::from);
        written
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| self.problem(&error))?;
        self.lines += 1;
        Ok(())
    }

    /// Writes the rest of the buffer and returns the number of lines. Without this call, a full disk can go unnoticed.
    pub fn finish(mut self) -> Result<u64, String> {
        self.file.flush().map_err(|error| self.problem(&error))?;
        Ok(self.lines)
    }

    fn problem(&self, error: &std::io::Error) -> String {
        format!("cannot write {}: {error}", self.path.display())
    }
}

//! Reads files in the order in which they depend on one another, and hands their rows over in batches.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

use tokio::io::{AsyncBufRead, BufReader};

use super::{
    FileReport, Report, keva,
    lines::{Line, Lines},
};
use crate::service::{
    Error, Services,
    import::{self, Outcome, Source},
};

/// Rows that are written in one transaction.
const BATCH: usize = 500;

/// Where the files are.
#[derive(Clone, Debug)]
pub enum Input {
    /// In a folder.
    Folder(PathBuf),
    /// In the program: names and texts.
    Embedded(&'static [(&'static str, &'static str)]),
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file that is read.
    pub file: &'a str,
    /// Bytes of it that were read.
    pub read: u64,
    /// Bytes that it has.
    pub total: u64,
}

/// Why an import ended early. What was written before stays; another run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(String, #[source] std::io::Error),
    /// A file that must be there is not.
    #[error("{0}: there is no such file")]
    Missing(String),
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] Error),
}

/// Brings in what Keva wrote. Answers what became of every line.
pub async fn run(
    services: &Services,
    source: &Source<'_>,
    input: &Input,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    // Agents are seldom in an export: tickets name them, and an unknown one is made then.
    let mut import = Import {
        input,
        progress,
        report: &mut report,
    };
    import
        .file("agents.ndjson", false, keva::agent, async |rows| {
            import::agents(services, source, rows).await
        })
        .await?;
    import
        .file("customers.ndjson", true, keva::customer, async |rows| {
            import::customers(services, source, rows).await
        })
        .await?;
    import
        .file("tickets.ndjson", true, keva::ticket, async |rows| {
            import::tickets(services, source, rows).await
        })
        .await?;
    import
        .file("messages.ndjson", true, keva::message, async |rows| {
            import::messages(services, source, rows).await
        })
        .await?;
    if report.files.iter().any(|file| file.created > 0) {
        services
            .db
            .analyze()
            .await
            .map_err(|error| ImportError::Store(error.into()))?;
    }
    Ok(report)
}

struct Import<'a> {
    input: &'a Input,
    progress: &'a (dyn Fn(Progress<'_>) + Sync),
    report: &'a mut Report,
}

type Opened = (Box<dyn AsyncBufRead + Unpin + Send>, u64);

impl Import<'_> {
    /// Reads one file to its end.
    async fn file<T>(
        &mut self,
        name: &str,
        needed: bool,
        read: impl Fn(&[u8]) -> keva::Read<T>,
        write: impl AsyncFn(&[T]) -> Result<Vec<Outcome>, Error>,
    ) -> Result<(), ImportError> {
        let failed = |error| ImportError::File(name.to_owned(), error);
        let (opened, total) = match open(self.input, name).await.map_err(failed)? {
            Some(opened) => opened,
            None if needed => return Err(ImportError::Missing(name.to_owned())),
            None => return Ok(()),
        };
        let mut lines = Lines::new(opened);
        let mut file = FileReport {
            name: name.to_owned(),
            ..FileReport::default()
        };
        let (mut numbers, mut rows) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        loop {
            let line = lines.next().await.map_err(failed)?;
            let ended = line.is_none();
            match line {
                None => {}
                Some(Line::TooLong(number)) => {
                    file.fail(number, [(String::new(), "is too long".to_owned())]);
                }
                Some(Line::Text(number, text)) => match read(&text) {
                    Ok((row, unknown)) => {
                        numbers.push(number);
                        rows.push(row);
                        for field in unknown {
                            *file.unknown_fields.entry(field).or_default() += 1;
                        }
                    }
                    Err(faults) => file.fail(number, faults),
                },
            }
            if rows.len() == BATCH || (ended && !rows.is_empty()) {
                let outcomes = write(&rows).await.map_err(ImportError::Store)?;
                numbers
                    .drain(..)
                    .zip(outcomes)
                    .for_each(|(number, outcome)| file.note(number, outcome));
                rows.clear();
                (self.progress)(Progress {
                    file: name,
                    read: lines.bytes(),
                    total,
                });
            }
            if ended {
                file.faults.sort_by_key(|fault| fault.line);
                self.report.files.push(file);
                return Ok(());
            }
        }
    }
}

async fn open(input: &Input, name: &str) -> Result<Option<Opened>, std::io::Error> {
    match input {
        Input::Folder(folder) => {
            let path: &Path = &folder.join(name);
            match tokio::fs::File::open(path).await {
                Ok(file) => {
                    let total = file.metadata().await?.len();
                    Ok(Some((Box::new(BufReader::with_capacity(1 << 18, file)), total)))
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        }
        Input::Embedded(files) => Ok(files.iter().find(|(other, _)| *other == name).map(|(_, text)| {
            let opened: Box<dyn AsyncBufRead + Unpin + Send> = Box::new(Cursor::new(text.as_bytes()));
            (opened, text.len() as u64)
        })),
    }
}

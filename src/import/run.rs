//! Reads files in the order in which they depend on one another.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncReadExt, BufReader};

use super::{
    FileReport, Report,
    envelope::{self, Opened},
    intake::{Intake, Twice},
    lines::{Line, Lines},
    vendor::{Step, Vendor},
};
use crate::service::{Error, Services, import::Source};

/// Largest document that is read whole, in bytes. Lines may come in any number.
const DOCUMENT_MAX: u64 = 64 << 20;

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
    #[error("{0}.ndjson: there is no such file, and no {0}.json")]
    Missing(String),
    /// The same things stand in two files.
    #[error("{0}.ndjson and {0}.json are both there: keep the one that is meant")]
    Both(String),
    /// A table cannot be read as it was asked for.
    #[error("{0}")]
    Table(String),
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] Error),
}

/// Brings in what a vendor's files hold. Answers what became of every line.
pub async fn run(
    services: &Services,
    source: &Source<'_>,
    vendor: &Vendor,
    input: &Input,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    for step in vendor.steps {
        let (name, opened) = match find(input, step).await? {
            Some(found) => found,
            None if step.needed => return Err(ImportError::Missing(step.name.to_owned())),
            None => continue,
        };
        let intake = Intake::new(services, source, step.batch(), &name, Twice::IsAFault);
        let told = |read| {
            progress(Progress {
                file: &name,
                read,
                total: opened.bytes,
            });
        };
        let file = if Path::new(&name).extension().is_some_and(|end| end == "json") {
            document(intake, opened.text, step, &name).await?
        } else {
            lines(intake, opened.text, step, &name, &told).await?
        };
        report.files.push(file);
    }
    report.settle(services).await.map_err(ImportError::Store)?;
    Ok(report)
}

/// One object, or one answer of a REST API, on each line.
async fn lines(
    mut intake: Intake<'_>,
    text: Text,
    step: &Step,
    name: &str,
    told: &(dyn Fn(u64) + Sync),
) -> Result<FileReport, ImportError> {
    let mut lines = Lines::new(text);
    loop {
        let line = lines
            .next()
            .await
            .map_err(|error| ImportError::File(name.to_owned(), error))?;
        let ended = line.is_none();
        match line {
            None => {}
            Some(Line::TooLong(number)) => {
                intake.fail(number, (String::new(), "is too long".to_owned()));
            }
            Some(Line::Text(number, text)) => match serde_json::from_slice(&text) {
                Ok(value) => {
                    let opened = envelope::open(value, step.name);
                    opened
                        .unknown
                        .into_iter()
                        .for_each(|field| intake.report().unknown(&field));
                    let bytes = text.len() / opened.objects.len().max(1);
                    for object in opened.objects {
                        intake.add(number, object, bytes);
                        // One line may hold a whole answer.
                        if intake.is_full() {
                            intake.write().await.map_err(ImportError::Store)?;
                        }
                    }
                }
                Err(error) => intake.fail(number, (String::new(), format!("is not JSON: {error}"))),
            },
        }
        if ended || intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
            told(lines.bytes());
        }
        if ended {
            return Ok(intake.finish());
        }
    }
}

/// One document: an answer of a REST API as it was kept.
async fn document(
    mut intake: Intake<'_>,
    text: Text,
    step: &Step,
    name: &str,
) -> Result<FileReport, ImportError> {
    let mut bytes = Vec::new();
    text.take(DOCUMENT_MAX + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| ImportError::File(name.to_owned(), error))?;
    if bytes.len() as u64 > DOCUMENT_MAX {
        let megabytes = DOCUMENT_MAX >> 20;
        let reason = format!(
            "the document has more than {megabytes} MiB: write one object on each line of {}.ndjson",
            step.name
        );
        intake.fail(1, (String::new(), reason));
        return Ok(intake.finish());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => {
            let line = u64::try_from(error.line()).unwrap_or(1).max(1);
            intake.fail(line, (String::new(), format!("is not JSON: {error}")));
            return Ok(intake.finish());
        }
    };
    let opened = match value {
        Value::Array(objects) => Opened {
            objects,
            unknown: Vec::new(),
        },
        value => envelope::open(value, step.name),
    };
    let each = bytes.len() / opened.objects.len().max(1);
    opened
        .unknown
        .into_iter()
        .for_each(|field| intake.report().unknown(&field));
    for (number, object) in (1..).zip(opened.objects) {
        intake.add(number, object, each);
        if intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
        }
    }
    intake.write().await.map_err(ImportError::Store)?;
    Ok(intake.finish())
}

type Text = Box<dyn AsyncBufRead + Unpin + Send>;

struct Found {
    text: Text,
    bytes: u64,
}

/// The file of a step: lines, or one document.
async fn find(input: &Input, step: &Step) -> Result<Option<(String, Found)>, ImportError> {
    let [lines, document] = ["ndjson", "json"].map(|end| format!("{}.{end}", step.name));
    let one = open(input, &lines).await?;
    let other = open(input, &document).await?;
    match (one, other) {
        (Some(_), Some(_)) => Err(ImportError::Both(step.name.to_owned())),
        (Some(opened), None) => Ok(Some((lines, opened))),
        (None, Some(opened)) => Ok(Some((document, opened))),
        (None, None) => Ok(None),
    }
}

async fn open(input: &Input, name: &str) -> Result<Option<Found>, ImportError> {
    let failed = |error| ImportError::File(name.to_owned(), error);
    match input {
        Input::Folder(folder) => match tokio::fs::File::open(folder.join(name)).await {
            Ok(file) => {
                let bytes = file.metadata().await.map_err(failed)?.len();
                let text = Box::new(BufReader::with_capacity(1 << 18, file));
                Ok(Some(Found { text, bytes }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        },
        Input::Embedded(files) => {
            let text = files.iter().find(|(other, _)| *other == name);
            Ok(text.map(|(_, text)| Found {
                text: Box::new(Cursor::new(text.as_bytes())),
                bytes: text.len() as u64,
            }))
        }
    }
}

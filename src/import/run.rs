//! Imports files in the order of their dependencies.

use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use tokio::io::{AsyncBufRead, BufReader};

use super::{
    FileReport, Report,
    document::{DocumentError, Elements, Outline},
    envelope,
    intake::{DuplicateIds, Intake},
    lines::{LINE_MAX, Line, Lines},
    memory::Memory,
    numbers,
    surrogates::{self, LoneSurrogates, SurrogateReplacer},
    vendor::{Step, Vendor},
};
use crate::service::{Error, Services, import::Source};

/// Maximum size in bytes of a line that is parsed at once. The objects of a longer line are read one by one.
const WHOLE_MAX: usize = 256 << 10;

/// Location of the files.
#[derive(Clone, Debug)]
pub enum Input {
    /// In a folder.
    Folder(PathBuf),
    /// Embedded in the program: names and texts.
    Embedded(&'static [(&'static str, &'static str)]),
}

#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub file: &'a str,
    /// Number of bytes of the file that were read.
    pub read: u64,
    /// Size of the file in bytes.
    pub total: u64,
}

/// Reason why an import ended early. Records that were written remain, and another run resumes.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error("Cannot read {0}: {1}.")]
    File(String, #[source] std::io::Error),
    /// A required file is missing.
    #[error("The folder contains neither {0}.ndjson nor {0}.json. One of them is required.")]
    Missing(String),
    /// Two files contain the same record type.
    #[error("The folder contains both {0}.ndjson and {0}.json. Keep only one of them.")]
    Both(String),
    /// A table cannot be read with the given options.
    #[error("{0}")]
    Table(String),
    #[error("The database failed.")]
    Store(#[source] Error),
}

/// Imports a vendor's files. Returns the outcome of every line.
pub async fn run(
    services: &Services,
    source: &Source<'_>,
    vendor: &Vendor,
    input: &Input,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    let (mut report, memory) = (Report::default(), Memory::default());
    for step in vendor.steps {
        let (name, opened) = match find(input, step).await? {
            Some(found) => found,
            None if step.needed => return Err(ImportError::Missing(step.name.to_owned())),
            None => continue,
        };
        let intake = Intake::new(services, source, step, &memory, &name, DuplicateIds::Refuse);
        let told = |read| {
            progress(Progress {
                file: &name,
                read,
                total: opened.bytes,
            });
        };
        let file = if Path::new(&name).extension().is_some_and(|end| end == "json") {
            document(intake, input, step, &name, &told).await?
        } else {
            lines(intake, opened.text, step, &name, &told).await?
        };
        report.files.push(file);
    }
    report.settle(services).await.map_err(ImportError::Store)?;
    Ok(report)
}

/// Reads a file with one object or one REST API response per line.
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
                let reason = format!("The line is larger than {} MiB.", LINE_MAX >> 20);
                intake.fail(number, (String::new(), reason));
            }
            Some(Line::Text(number, mut text)) => {
                let surrogates = surrogates::replace_surrogates(&mut text).before(u64::MAX);
                if surrogates > 0 {
                    let told = surrogates::describe(surrogates);
                    intake.report().leave_out(number, [(String::new(), told)]);
                }
                line_of_objects(&mut intake, &text, step, number).await?;
            }
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

/// Takes in the objects of one line. Parses short lines at once, and the objects of long lines one by one.
async fn line_of_objects(
    intake: &mut Intake<'_>,
    text: &[u8],
    step: &Step,
    number: u64,
) -> Result<(), ImportError> {
    // The reader for single objects also reports numbers that cannot be stored exactly.
    if text.len() > WHOLE_MAX || numbers::may_lose(text) {
        return long_line(intake, text, step, number).await;
    }
    let value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => {
            intake.fail(
                number,
                (String::new(), format!("The text is not valid JSON: {error}.")),
            );
            return Ok(());
        }
    };
    let opened = envelope::open(value, step.name);
    for field in &opened.unknown {
        intake.report().unknown(field);
    }
    let bytes = text.len() / opened.objects.len().max(1);
    for object in opened.objects {
        intake.add(number, object, bytes);
        // One line may contain a whole response.
        if intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
        }
    }
    Ok(())
}

/// Reads the objects of a line one by one.
async fn long_line(
    intake: &mut Intake<'_>,
    text: &[u8],
    step: &Step,
    number: u64,
) -> Result<(), ImportError> {
    let opened = Outline::of(text, step.name).and_then(|outline| {
        // As for short lines, a bare list is not an object.
        let elements = Elements::open(text, &outline)?;
        Ok((outline, elements))
    });
    let (outline, mut elements) = match opened {
        Ok((outline, elements)) if !outline.is_list() => (outline, elements),
        Ok(_) => {
            intake.fail(
                number,
                (String::new(), "The record is not a JSON object.".to_owned()),
            );
            return Ok(());
        }
        Err(trouble) => {
            intake.fail(number, (String::new(), trouble.to_string()));
            return Ok(());
        }
    };
    for field in &outline.unknown {
        intake.report().unknown(field);
    }
    loop {
        match elements.next() {
            Ok(None) => return Ok(()),
            Ok(Some(element)) => intake.add_element(number, element),
            Err(trouble) => {
                let reason = format!("{trouble} The rest of the line was not read.");
                intake.fail(number, (String::new(), reason));
                return Ok(());
            }
        }
        if intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
        }
    }
}

/// Reads one document: a stored REST API response or a list of objects. Imports nothing if the document is
/// not valid JSON.
async fn document(
    mut intake: Intake<'_>,
    input: &Input,
    step: &Step,
    name: &str,
    told: &(dyn Fn(u64) + Sync),
) -> Result<FileReport, ImportError> {
    let failed = |error| ImportError::File(name.to_owned(), error);
    let (looked_at, surrogates) = (LoneSurrogates::default(), LoneSurrogates::default());
    let whole = SurrogateReplacer::new(reader(input, name).map_err(failed)?, &looked_at);
    let outline = match Outline::of(whole, step.name) {
        Ok(outline) => outline,
        Err(DocumentError::Io(error)) => return Err(failed(error)),
        Err(trouble) => {
            intake.fail(trouble.line(), (String::new(), trouble.to_string()));
            return Ok(intake.finish());
        }
    };
    for field in &outline.unknown {
        intake.report().unknown(field);
    }
    let whole = SurrogateReplacer::new(reader(input, name).map_err(failed)?, &surrogates);
    let mut elements = match Elements::open(whole, &outline) {
        Ok(elements) => elements,
        Err(DocumentError::Io(error)) => return Err(failed(error)),
        Err(trouble) => {
            intake.fail(trouble.line(), (String::new(), trouble.to_string()));
            return Ok(intake.finish());
        }
    };
    for number in 1.. {
        match elements.next() {
            Ok(Some(element)) => {
                let surrogates = surrogates.before(elements.at());
                if surrogates > 0 {
                    let told = surrogates::describe(surrogates);
                    intake.report().leave_out(number, [(String::new(), told)]);
                }
                intake.add_element(number, element);
            }
            Ok(None) => break,
            Err(DocumentError::Io(error)) => return Err(failed(error)),
            Err(trouble) => {
                let reason = format!(
                    "{trouble} The record is on line {}. The rest of the file was not read.",
                    trouble.line()
                );
                intake.fail(number, (String::new(), reason));
                break;
            }
        }
        if intake.is_full() {
            intake.write().await.map_err(ImportError::Store)?;
            told(elements.at());
        }
    }
    intake.write().await.map_err(ImportError::Store)?;
    Ok(intake.finish())
}

/// Opens a document at its beginning. Blocking reads are acceptable, because the command does nothing else.
fn reader(input: &Input, name: &str) -> io::Result<Box<dyn Read + Send>> {
    match input {
        Input::Folder(folder) => Ok(Box::new(File::open(folder.join(name))?)),
        Input::Embedded(files) => {
            let text = files.iter().find(|(other, _)| *other == name);
            let text = text.map(|(_, text)| text.as_bytes()).unwrap_or_default();
            Ok(Box::new(text))
        }
    }
}

type Text = Box<dyn AsyncBufRead + Unpin + Send>;

struct InputFile {
    text: Text,
    bytes: u64,
}

/// Finds the file of a step, with one object per line or as one document.
async fn find(input: &Input, step: &Step) -> Result<Option<(String, InputFile)>, ImportError> {
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

async fn open(input: &Input, name: &str) -> Result<Option<InputFile>, ImportError> {
    let failed = |error| ImportError::File(name.to_owned(), error);
    match input {
        Input::Folder(folder) => match tokio::fs::File::open(folder.join(name)).await {
            Ok(file) => {
                let bytes = file.metadata().await.map_err(failed)?.len();
                let text = Box::new(BufReader::with_capacity(1 << 18, file));
                Ok(Some(InputFile { text, bytes }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        },
        Input::Embedded(files) => {
            let text = files.iter().find(|(other, _)| *other == name);
            Ok(text.map(|(_, text)| InputFile {
                text: Box::new(Cursor::new(text.as_bytes())),
                bytes: text.len() as u64,
            }))
        }
    }
}

//! Copies a workspace from a complete export of another Deskgraph database.
//!
//! Rows are written with the content and the ids of the lines, without matching or merging. The workspace
//! must not exist in the database, unless an interrupted run of the same copy created it.

mod cells;
mod form;
mod line;
mod rows;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use entity::{Timestamp, WorkspaceId};
use tokio::io::BufReader;

use self::line::Line;
use super::lines::{self, Lines};
use crate::{
    events::ChangeCursor,
    service::{
        Error, Services,
        copy::{self, Block, CopyState},
        recount::{self, RecountEvent, RecountOptions},
    },
};

/// The supported format version.
const VERSION: u32 = 1;
/// Number of lines per transaction.
pub const BLOCK: u64 = 500;
/// Size of the lines in bytes after which a block is written, even if it has few lines.
const BLOCK_BYTES: u64 = 8 << 20;

/// Options of a copy.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The file of a complete export.
    pub file: PathBuf,
    /// The key for the marks of erased customers.
    pub key: Option<Vec<u8>>,
    /// Number of lines per transaction.
    pub block: u64,
}

/// Reason why a workspace was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file cannot be read.
    #[error("Cannot read {0}: {1}.")]
    File(String, #[source] std::io::Error),
    /// The file is not a complete export, or is truncated.
    #[error("{0}")]
    Unfit(String),
    /// A line is not valid.
    #[error("Line {0} is not valid: {1}.")]
    Line(u64, String),
    #[error(
        "The workspace {0} already exists and is not an interrupted copy of this export. A copy needs a database without this workspace."
    )]
    Taken(WorkspaceId),
    #[error("The database failed.")]
    Store(#[from] Error),
}

#[derive(Clone, Debug)]
pub struct CopyReport {
    pub workspace: WorkspaceId,
    /// Number of lines that an interrupted run had written.
    pub before: u64,
    /// Per type: number of lines in the file, and of rows in the database.
    pub counts: Vec<(&'static str, u64, u64)>,
    /// Number of stored totals that did not match the rows and were corrected.
    pub figures: u64,
}

impl CopyReport {
    /// Whether the numbers of rows and lines match.
    pub fn is_whole(&self) -> bool {
        self.counts.iter().all(|(_, lines, rows)| lines == rows)
    }
}

impl fmt::Display for CopyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.workspace)?;
        if self.before > 0 {
            writeln!(
                f,
                "Resumed after line {}, where an earlier run was interrupted.",
                self.before
            )?;
        }
        for (kind, lines, rows) in &self.counts {
            let verdict = if lines == rows { "" } else { "  DIFFERS" };
            writeln!(f, "{kind:12} {lines:>10} lines {rows:>10} rows{verdict}")?;
        }
        if self.figures > 0 {
            writeln!(
                f,
                "{} stored values did not match the rows and were corrected.",
                self.figures
            )?;
        }
        Ok(())
    }
}

/// The content of the first, second and last lines.
struct Frame {
    workspace: entity::workspace::Model,
    exported_at: Timestamp,
    cursor: ChangeCursor,
    /// Number of lines per type.
    counts: BTreeMap<String, u64>,
    bytes: u64,
}

/// Copies the workspace. `progress` receives the number of bytes read and the total.
pub async fn run(
    services: &Services,
    wanted: &Copy,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<CopyReport, CopyError> {
    let frame = frame(&wanted.file).await?;
    let id = frame.workspace.id;
    let erased = frame.counts.get("Erased").copied().unwrap_or_default();
    if erased > 0 && wanted.key.is_none() {
        return Err(CopyError::Unfit(
            "The export contains records of erased customers. Pass its erasure key with --erasure-key FILE."
                .to_owned(),
        ));
    }
    // A different export of the same workspace is a different copy.
    let name = format!("{} {}", frame.exported_at.to_rfc3339(), frame.cursor);
    let before = match copy::copy_state(services, id, &name).await? {
        CopyState::New => {
            copy::begin(services, &name, frame.workspace.clone(), wanted.key.clone()).await?;
            0
        }
        CopyState::CutOff(lines) => lines,
        CopyState::Taken => return Err(CopyError::Taken(id)),
    };
    rows(services, wanted, &frame, &name, before, progress).await?;
    let mut figures = 0;
    let recounted = RecountOptions {
        workspace: Some(id),
        repair: true,
    };
    let mut tell = |told| figures += u64::from(matches!(told, RecountEvent::Differed(_)));
    recount::recount(services, recounted, &mut tell).await?;
    let rows = copy::counts(services, id).await?;
    // The last step, so that an interrupted run can be resumed.
    copy::finish(services, frame.cursor).await?;
    let count =
        |(kind, rows): (&'static str, u64)| (kind, frame.counts.get(kind).copied().unwrap_or_default(), rows);
    Ok(CopyReport {
        workspace: id,
        before,
        counts: rows.into_iter().map(count).collect(),
        figures,
    })
}

/// Writes the rows of the lines after `before`.
async fn rows(
    services: &Services,
    wanted: &Copy,
    frame: &Frame,
    name: &str,
    before: u64,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), CopyError> {
    let id = frame.workspace.id;
    let mut lines = open(&wanted.file).await?;
    let (mut block, mut begun, mut last) = (Block::default(), (before, 0), before);
    while let Some((number, text)) = next(&wanted.file, &mut lines).await? {
        if number <= before {
            begun.1 = lines.bytes();
            continue;
        }
        last = number;
        let line = read(number, &text)?;
        // The other lines were read by `frame`.
        let _ = rows::add(&mut block, id, line);
        if number - begun.0 >= wanted.block || lines.bytes() - begun.1 >= BLOCK_BYTES {
            copy::write(services, id, name, std::mem::take(&mut block), number).await?;
            begun = (number, lines.bytes());
            progress(lines.bytes(), frame.bytes);
        }
    }
    Ok(copy::write(services, id, name, block, last).await?)
}

/// Checks before any write that the file is a complete export and not truncated.
async fn frame(file: &Path) -> Result<Frame, CopyError> {
    let unfit = |why: &str| CopyError::Unfit(format!("{}: {why}", file.display()));
    let mut lines = open(file).await?;
    let mut counts = BTreeMap::new();
    let (mut workspace, mut exported_at, mut last) = (None, None, None);
    while let Some((number, text)) = next(file, &mut lines).await? {
        let kind = kind_of(&text).ok_or_else(|| unfit("The file is not a Deskgraph export."))?;
        if number == 1 && kind != "Export" {
            return Err(unfit("The file is not a Deskgraph export."));
        }
        match kind.as_str() {
            "Export" => match read(number, &text)? {
                Line::Export { version, .. } if version != VERSION => {
                    return Err(unfit(&format!(
                        "The file has the format version {version}. This version of Deskgraph reads {VERSION}."
                    )));
                }
                Line::Export { complete: false, .. } => {
                    return Err(unfit(
                        "The export is not complete. Create it with deskgraph export --complete.",
                    ));
                }
                Line::Export { exported_at: at, .. } => exported_at = Some(at.0),
                _ => {}
            },
            "Workspace" => workspace = rows::workspace(&read(number, &text)?),
            _ => {}
        }
        *counts.entry(kind).or_insert(0) += 1;
        last = Some((number, text));
    }
    let cursor = match last.map(|(number, text)| read(number, &text)).transpose()? {
        Some(Line::Cursor { cursor }) => cursor.0,
        _ => {
            return Err(unfit(
                "The file is truncated. The last line must be the Cursor line.",
            ));
        }
    };
    let (Some(workspace), Some(exported_at)) = (workspace, exported_at) else {
        return Err(unfit("The file is not a Deskgraph export."));
    };
    Ok(Frame {
        workspace,
        exported_at,
        cursor,
        counts,
        bytes: lines.bytes(),
    })
}

/// The type of a line. Does not parse the other fields.
fn kind_of(text: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_slice::<Typed>(text).ok().map(|line| line.kind)
}

fn read(number: u64, text: &[u8]) -> Result<Line, CopyError> {
    serde_json::from_slice(text).map_err(|error| CopyError::Line(number, error.to_string()))
}

type File = Lines<BufReader<tokio::fs::File>>;

async fn open(path: &Path) -> Result<File, CopyError> {
    let file = tokio::fs::File::open(path).await;
    let file = file.map_err(|error| CopyError::File(path.display().to_string(), error))?;
    Ok(Lines::new(BufReader::with_capacity(1 << 18, file)))
}

async fn next(path: &Path, lines: &mut File) -> Result<Option<(u64, Vec<u8>)>, CopyError> {
    let line = lines.next().await;
    match line.map_err(|error| CopyError::File(path.display().to_string(), error))? {
        None => Ok(None),
        Some(lines::Line::Text(number, text)) => Ok(Some((number, text))),
        Some(lines::Line::TooLong(number)) => {
            let reason = format!("it is larger than {} MiB", lines::LINE_MAX >> 20);
            Err(CopyError::Line(number, reason))
        }
    }
}

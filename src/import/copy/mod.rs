//! Reads a complete export of another Deskgraph, and makes the same workspace of it: the way from one database to another.
//!
//! What is written is what stands on the lines, under the same ids. There is nothing to be matched and nothing to be
//! decided: a workspace of that id must not be here, unless this very copy was cut off in it.

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
        copy::{self, Block, Standing},
        recount::{self, Recount, Told},
    },
};

/// The form of the lines that is read.
const VERSION: u32 = 1;
/// Lines that are written in one transaction.
pub const BLOCK: u64 = 500;
/// Bytes of lines after which a block is written, however few they are.
const BLOCK_BYTES: u64 = 8 << 20;

/// What is to be copied.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The file of a complete export.
    pub file: PathBuf,
    /// The key of the marks of customers who were erased.
    pub key: Option<Vec<u8>>,
    /// Lines that are written in one transaction.
    pub block: u64,
}

/// Why a workspace was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file cannot be read.
    #[error("Cannot read {0}: {1}.")]
    File(String, #[source] std::io::Error),
    /// It is none, or not whole.
    #[error("{0}")]
    Unfit(String),
    /// A line is not what an export writes.
    #[error("Line {0} is not valid: {1}.")]
    Line(u64, String),
    /// There is something in the workspace already.
    #[error(
        "The workspace {0} already exists and is not an interrupted copy of this export. A copy needs a database without this workspace."
    )]
    Taken(WorkspaceId),
    /// The database failed.
    #[error("The database failed.")]
    Store(#[from] Error),
}

/// What was copied.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Lines that an earlier run had written, if it was cut off.
    pub before: u64,
    /// By type: lines in the file, and rows in the database.
    pub counts: Vec<(&'static str, u64, u64)>,
    /// Figures that were not what the rows add up to, and were put right.
    pub figures: u64,
}

impl Copied {
    /// Whether there are as many rows as lines.
    pub fn is_whole(&self) -> bool {
        self.counts.iter().all(|(_, lines, rows)| lines == rows)
    }
}

impl fmt::Display for Copied {
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

/// What the first, the second and the last line say.
struct Frame {
    workspace: entity::workspace::Model,
    exported_at: Timestamp,
    cursor: ChangeCursor,
    /// Lines by type, and in all.
    counts: BTreeMap<String, u64>,
    bytes: u64,
}

/// Copies. `progress` is told how many bytes of how many were read.
pub async fn run(
    services: &Services,
    wanted: &Copy,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Copied, CopyError> {
    let frame = frame(&wanted.file).await?;
    let id = frame.workspace.id;
    let erased = frame.counts.get("Erased").copied().unwrap_or_default();
    if erased > 0 && wanted.key.is_none() {
        return Err(CopyError::Unfit(
            "The export contains records of erased customers. Pass its erasure key with --erasure-key FILE."
                .to_owned(),
        ));
    }
    // Another export of the same workspace is another copy.
    let name = format!("{} {}", frame.exported_at.to_rfc3339(), frame.cursor);
    let before = match copy::standing(services, id, &name).await? {
        Standing::New => {
            copy::begin(services, &name, frame.workspace.clone(), wanted.key.clone()).await?;
            0
        }
        Standing::CutOff(lines) => lines,
        Standing::Taken => return Err(CopyError::Taken(id)),
    };
    rows(services, wanted, &frame, &name, before, progress).await?;
    let mut figures = 0;
    let recounted = Recount {
        workspace: Some(id),
        repair: true,
    };
    let mut tell = |told| figures += u64::from(matches!(told, Told::Differed(_)));
    recount::recount(services, recounted, &mut tell).await?;
    let rows = copy::counts(services, id).await?;
    // Last, so that a run which was cut off before goes on.
    copy::finish(services, frame.cursor).await?;
    let count =
        |(kind, rows): (&'static str, u64)| (kind, frame.counts.get(kind).copied().unwrap_or_default(), rows);
    Ok(Copied {
        workspace: id,
        before,
        counts: rows.into_iter().map(count).collect(),
        figures,
    })
}

/// Writes the rows of all lines behind some of them.
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
        // The others were read before.
        let _ = rows::add(&mut block, id, line);
        if number - begun.0 >= wanted.block || lines.bytes() - begun.1 >= BLOCK_BYTES {
            copy::write(services, id, name, std::mem::take(&mut block), number).await?;
            begun = (number, lines.bytes());
            progress(lines.bytes(), frame.bytes);
        }
    }
    Ok(copy::write(services, id, name, block, last).await?)
}

/// Looks through the file before anything is written: whether it is a complete export, and whole.
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

/// The type of a line, without the rest of it.
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

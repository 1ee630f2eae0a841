//! Reads type after type, page after page, and writes the lines.

use std::{
    fmt,
    io::{self, Write},
};

use entity::{WorkspaceId, agent, conversation, customer, message, queue, team, ticket};
use serde::Serialize;

use super::{
    history,
    line::Line,
    people::{self, WORKSPACE},
    reader::{Exported, Reader},
};
use crate::{
    auth::{
        Identity, Scope, Viewer,
        policy::{self, Denied},
    },
    events::ChangeCursor,
    service::Services,
    store::{StoreError, change, erased, list, workspace},
};

/// Rows that are read at a time.
pub const PAGE: u32 = 500;
/// Of the form of the lines: a later form that readers of this one would misread gets another.
const VERSION: i32 = 1;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// As whom.
    pub viewer: &'a Viewer,
    /// Which workspace: a cursor lives in one.
    pub workspace: WorkspaceId,
    /// Rows that are read at a time.
    pub page_size: u32,
    /// With what only a copy needs: the change log, and what is no field of the API. For the operator alone.
    pub complete: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The type whose rows are written.
    pub kind: &'static str,
    /// How many of them are.
    pub rows: u64,
}

/// Why an export is not complete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The viewer may not see anything.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such workspace, or it is not the viewer's.
    #[error("The workspace does not exist.")]
    NoWorkspace,
    /// The viewer who asks for a copy does not see everything.
    #[error("Only the operator, who can see all data, can create a complete export.")]
    Incomplete,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line could not be written.
    #[error("Cannot write the output: {0}.")]
    Output(#[from] io::Error),
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Report {
    /// How many rows of each type, in the order in which they were written.
    pub rows: Vec<(&'static str, u64)>,
    /// From where the change log goes on.
    pub cursor: ChangeCursor,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows
            .iter()
            .try_for_each(|(kind, rows)| writeln!(f, "{kind:12} {rows:>10}"))
    }
}

/// Writes everything that the viewer sees of a workspace, and flushes.
pub async fn run(
    services: &Services,
    export: &Export<'_>,
    out: &mut impl Write,
    progress: &dyn Fn(Progress),
) -> Result<Report, ExportError> {
    policy::read(export.viewer)?;
    if export.complete && !matches!(export.viewer.identity, Identity::Operator) {
        return Err(ExportError::Incomplete);
    }
    let id = export.workspace;
    let seen = export.viewer.scope();
    if !seen.holds(id) {
        return Err(ExportError::NoWorkspace);
    }
    let reader = Reader {
        db: &services.db,
        workspace: id,
        scope: Scope {
            workspaces: [id].into(),
            customer: seen.customer,
            notes: seen.notes,
        },
        notes: policy::notes(export.viewer).is_ok(),
        complete: export.complete,
    };
    // Before the first row is read: what is written from here on comes again from this position.
    let cursor = services.hub.newest(id).await?;
    let found = workspace::find_many(&services.db, &reader.scope, &[id.0]).await?;
    let workspace = found.first().ok_or(ExportError::NoWorkspace)?;

    let head = Line::of("Export")
        .with("version", &VERSION)
        .with("workspaceId", &id)
        .with("exportedAt", &services.clock.now());
    let head = if export.complete {
        head.with("complete", &true)
    } else {
        head
    };
    write(out, &head)?;
    write(out, &people::workspace(workspace))?;
    let mut all = Running {
        reader,
        page_size: export.page_size.max(1),
        out,
        progress,
        rows: vec![(WORKSPACE, 1)],
    };
    all.write_all::<agent::Entity>().await?;
    all.write_all::<team::Entity>().await?;
    all.write_all::<queue::Entity>().await?;
    all.write_all::<customer::Entity>().await?;
    all.write_all::<conversation::Entity>().await?;
    all.write_all::<ticket::Entity>().await?;
    all.write_all::<message::Entity>().await?;
    if export.complete {
        all.write_marks().await?;
        all.write_log(cursor.position).await?;
    }
    let rows = all.rows;
    write(out, &Line::of("Cursor").with("cursor", &cursor))?;
    out.flush()?;
    Ok(Report { rows, cursor })
}

struct Running<'a, W> {
    reader: Reader<'a>,
    page_size: u32,
    out: &'a mut W,
    progress: &'a dyn Fn(Progress),
    rows: Vec<(&'static str, u64)>,
}

impl<W: Write> Running<'_, W> {
    /// Writes all rows of one type.
    async fn write_all<N: Exported>(&mut self) -> Result<(), ExportError> {
        let Reader {
            db,
            workspace,
            ref scope,
            ..
        } = self.reader;
        let (mut after, mut written) = (None, 0);
        loop {
            let rows = list::in_order_of_ids::<N>(db, scope, workspace, after, self.page_size).await?;
            let Some(last) = rows.last() else { break };
            after = Some(N::id(last));
            for line in N::lines(&self.reader, &rows).await? {
                write(self.out, &line)?;
            }
            written += rows.len() as u64;
            (self.progress)(Progress {
                kind: N::TYPE,
                rows: written,
            });
            if rows.len() < self.page_size as usize {
                break;
            }
        }
        self.rows.push((N::TYPE, written));
        Ok(())
    }

    /// Writes the marks of customers who were erased.
    async fn write_marks(&mut self) -> Result<(), ExportError> {
        let (mut last, mut written) = (None, 0);
        loop {
            let Reader { db, workspace, .. } = self.reader;
            let size = self.page_size.into();
            let rows = erased::list_behind_unscoped(db, workspace, last, size).await?;
            for row in &rows {
                write(self.out, &history::mark(row))?;
            }
            written += rows.len() as u64;
            last = rows.into_iter().last().map(|row| row.mark);
            if last.is_none() {
                self.rows.push((history::MARK, written));
                return Ok(());
            }
        }
    }

    /// Writes the change log up to a position.
    async fn write_log(&mut self, end: i64) -> Result<(), ExportError> {
        let (mut last, mut written) = (0, 0);
        loop {
            let Reader { db, workspace, .. } = self.reader;
            let rows = change::list_unscoped(db, workspace, last, self.page_size.into()).await?;
            let rows: Vec<_> = rows.into_iter().filter(|row| row.position <= end).collect();
            for row in &rows {
                write(self.out, &history::change(row))?;
            }
            written += rows.len() as u64;
            (self.progress)(Progress {
                kind: history::CHANGE,
                rows: written,
            });
            let Some(row) = rows.last() else {
                self.rows.push((history::CHANGE, written));
                return Ok(());
            };
            last = row.position;
        }
    }
}

fn write(out: &mut impl Write, line: &impl Serialize) -> Result<(), io::Error> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

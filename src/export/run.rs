//! Writes the lines of an export, type by type and page by page.

use std::{
    fmt,
    io::{self, Write},
};

use entity::{Fields, WorkspaceId, agent, conversation, customer, message, queue, team, ticket};
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

/// Default number of rows per page.
pub const PAGE: u32 = 500;
/// Version of the line format. Increased by each change that existing readers would misread.
const VERSION: i32 = 1;

/// Options of an export.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The viewer whose data is exported.
    pub viewer: &'a Viewer,
    /// The workspace. Only one, because a cursor belongs to one workspace.
    pub workspace: WorkspaceId,
    pub page_size: u32,
    /// Whether to include the data that only a copy needs: the change log, and data that the API does not
    /// expose. Only for the operator.
    pub complete: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The type whose rows are written.
    pub kind: &'static str,
    /// Number of rows written.
    pub rows: u64,
}

/// Reason why an export is incomplete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The viewer lacks the grant `read`.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The workspace does not exist or is not visible to the viewer.
    #[error("The workspace does not exist.")]
    NoWorkspace,
    /// Only the operator can create a complete export.
    #[error("Only the operator, who can see all data, can create a complete export.")]
    Incomplete,
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line could not be written.
    #[error("Cannot write the output: {0}.")]
    Output(#[from] io::Error),
}

#[derive(Clone, Debug)]
pub struct Report {
    /// Number of rows per type, in the order of writing.
    pub rows: Vec<(&'static str, u64)>,
    /// The cursor from which the change log continues.
    pub cursor: ChangeCursor,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows
            .iter()
            .try_for_each(|(kind, rows)| writeln!(f, "{kind:12} {rows:>10}"))
    }
}

/// Writes all data of a workspace that the viewer sees, and flushes the output.
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
        complete: export.complete,
    };
    // Read before the first row, so that all later changes are delivered after this position.
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
            after = Some(last.id());
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

    /// Writes the marks of erased customers.
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

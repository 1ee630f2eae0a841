//! Checks that stored figures match their rows, and corrects them.
//!
//! For operators, after manual changes of the tables or as a check. It writes no events, because figures are
//! not fields of their objects.

use entity::WorkspaceId;

use super::{Error, Services, transaction::with_tries};
use crate::store::figures::{self, Difference, FigureOwner};

/// Number of rows that one statement compares and, at most, one transaction locks for correction.
const BATCH: u64 = 500;
/// Maximum number of attempts for a batch, because other writers can lock its rows repeatedly.
const TRIES: usize = 20;

#[derive(Clone, Copy, Debug)]
pub struct RecountOptions {
    /// Workspace to check. If absent, all workspaces.
    pub workspace: Option<WorkspaceId>,
    /// Whether to correct wrong figures.
    pub repair: bool,
}

#[derive(Clone, Debug)]
pub enum RecountEvent {
    /// Number of rows of a kind that were checked.
    Looked(FigureOwner, u64),
    /// Wrong figure, or one that was wrong before its correction.
    Differed(Difference),
}

/// Compares every stored figure with its rows. Other writers can continue in the meantime. Only the rows of a
/// batch under correction are locked.
pub async fn recount(
    services: &Services,
    wanted: RecountOptions,
    tell: &mut impl FnMut(RecountEvent),
) -> Result<(), Error> {
    for holder in FigureOwner::ALL {
        let (mut last, mut looked) = (None, 0);
        loop {
            let ids = figures::ids_unscoped(&services.db, holder, wanted.workspace, last, BATCH).await?;
            last = ids.last().copied();
            if last.is_none() {
                break;
            }
            let mut found = figures::differences_unscoped(&services.db, holder, &ids).await?;
            if wanted.repair && !found.is_empty() {
                found = with_tries(services, TRIES, || repaired(services, holder, &found)).await?;
            }
            looked += ids.len() as u64;
            for one in found {
                tell(RecountEvent::Differed(one));
            }
            tell(RecountEvent::Looked(holder, looked));
        }
    }
    Ok(())
}

/// Compares again under locks, because the rows can have changed since the first comparison.
async fn repaired(
    services: &Services,
    holder: FigureOwner,
    seen: &[Difference],
) -> Result<Vec<Difference>, Error> {
    let mut ids: Vec<_> = seen.iter().map(|one| one.id).collect();
    ids.dedup();
    let writing = services.db.begin_alone().await?;
    let found = figures::repair_unscoped(&writing, holder, &ids).await?;
    writing.commit().await?;
    Ok(found)
}

//! Looks whether stored figures are what the rows say, and puts them right.
//!
//! For an operator: after somebody wrote into the tables by hand, or to know that nobody has to. No event tells of it:
//! figures are no fields of what holds them.

use entity::WorkspaceId;

use super::{Error, Services, transaction::with_tries};
use crate::store::figures::{self, Difference, Holder};

/// Rows that are compared in one statement, and held at most while they are put right.
const BATCH: u64 = 500;
/// How often a batch is tried: those who serve may hold its rows again and again.
const TRIES: usize = 20;

/// What is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Recount {
    /// One workspace; all when absent.
    pub workspace: Option<WorkspaceId>,
    /// Puts right what is not.
    pub repair: bool,
}

/// What came to light.
#[derive(Clone, Debug)]
pub enum Told {
    /// So many rows of a kind were looked at.
    Looked(Holder, u64),
    /// A figure is not what it should be, or was not until it was put right.
    Differed(Difference),
}

/// Compares every stored figure with the rows that it is made of. Those who write may go on meanwhile; nothing is held
/// but the rows of a batch that are put right.
pub async fn recount(services: &Services, wanted: Recount, tell: &mut impl FnMut(Told)) -> Result<(), Error> {
    for holder in Holder::ALL {
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
                tell(Told::Differed(one));
            }
            tell(Told::Looked(holder, looked));
        }
    }
    Ok(())
}

/// Looks again while the rows are held: what was seen before may have been changed since.
async fn repaired(
    services: &Services,
    holder: Holder,
    seen: &[Difference],
) -> Result<Vec<Difference>, Error> {
    let mut ids: Vec<_> = seen.iter().map(|one| one.id).collect();
    ids.dedup();
    let writing = services.db.begin_alone().await?;
    let found = figures::repair_unscoped(&writing, holder, &ids).await?;
    writing.commit().await?;
    Ok(found)
}

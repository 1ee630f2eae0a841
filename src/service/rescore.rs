//! Scores stored messages anew.
//!
//! For an operator: after the way of scoring changed, or while messages were written without it. No event tells of it:
//! scores are no fields of messages, and what they add up to are no fields of customers.

use entity::{MessageId, WorkspaceId};

use super::{Error, Services, sentiment::LOOKED_AT, transaction::with_tries};
use crate::store::scores::{self, Scored};

/// Messages that are read in one statement, and written at most in one transaction.
const BATCH: u64 = 500;
/// How often a batch is tried: those who serve may hold its customers again and again.
const TRIES: usize = 20;

/// What is to be scored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rescore {
    /// One workspace; all when absent.
    pub workspace: Option<WorkspaceId>,
    /// Those behind this message; all when absent.
    pub after: Option<MessageId>,
}

/// How far it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Messages that were looked at.
    pub looked: u64,
    /// Scores among them that were replaced.
    pub replaced: u64,
    /// Everything up to this message is done.
    pub last: MessageId,
}

/// Scores every inbound message anew, in the order of their ids, and sums the scores of customers anew where one is not
/// what it was. Those who write may go on meanwhile; the customers of a batch are held while its scores are written.
/// Nothing is done where messages are not scored.
pub async fn rescore(services: &Services, wanted: Rescore, tell: &mut impl FnMut(Told)) -> Result<(), Error> {
    let Some(scorer) = &services.scorer else {
        return Ok(());
    };
    let (mut after, mut looked, mut replaced) = (wanted.after, 0, 0);
    loop {
        let batch = scores::inbound_unscoped(&services.db, wanted.workspace, after, BATCH, LOOKED_AT).await?;
        let Some(last) = batch.last().map(|row| row.id) else {
            return Ok(());
        };
        looked += batch.len() as u64;
        let differing: Vec<Scored> = batch
            .into_iter()
            .filter_map(|row| {
                let score = scorer.score(&row.body);
                (score != row.sentiment_score).then_some(Scored {
                    sentiment_score: score,
                    ..row
                })
            })
            .collect();
        if !differing.is_empty() {
            with_tries(services, TRIES, || replace(services, &differing)).await?;
        }
        replaced += differing.len() as u64;
        after = Some(last);
        tell(Told {
            looked,
            replaced,
            last,
        });
    }
}

async fn replace(services: &Services, rows: &[Scored]) -> Result<(), Error> {
    let writing = services.db.begin_alone().await?;
    scores::replace_unscoped(&writing, rows).await?;
    Ok(writing.commit().await?)
}

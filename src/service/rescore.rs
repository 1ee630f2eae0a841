//! Scores stored messages anew.
//!
//! For an operator: after the way of scoring changed, or while messages were written without it. No event tells of it:
//! scores are no fields of messages, and what they add up to are no fields of customers.

use entity::{ConversationId, WorkspaceId};

use super::{
    Error, Services,
    sentiment::{LOOKED_AT, ThreadLanguage},
    transaction::with_tries,
};
use crate::store::scores::{self, After, Scored};

/// Messages that are read in one statement, and written at most in one transaction.
const BATCH: u64 = 500;
/// How often a batch is tried: those who serve may hold its customers again and again.
const TRIES: usize = 20;

/// What is to be scored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rescore {
    /// One workspace; all when absent.
    pub workspace: Option<WorkspaceId>,
    /// Those of conversations behind this one; all when absent.
    pub after: Option<ConversationId>,
}

/// How far it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Messages that were looked at.
    pub looked: u64,
    /// Scores among them that were replaced.
    pub replaced: u64,
    /// Every conversation up to this one is done.
    pub last: Option<ConversationId>,
}

/// Scores every inbound message anew, conversation by conversation in the order of their ids, and sums the scores of
/// customers anew where one is not what it was. Those who write may go on meanwhile; the customers of a batch are held
/// while its scores are written. Nothing is done where messages are not scored.
pub async fn rescore(services: &Services, wanted: Rescore, tell: &mut impl FnMut(Told)) -> Result<(), Error> {
    let Some(scorer) = &services.scorer else {
        return Ok(());
    };
    let mut told = Told {
        looked: 0,
        replaced: 0,
        last: wanted.after,
    };
    let mut after = wanted.after.map(After::Conversation);
    let mut thread = None;
    let mut language = ThreadLanguage::default();
    loop {
        let batch = scores::inbound_unscoped(&services.db, wanted.workspace, after, BATCH, LOOKED_AT).await?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(After::Message(last.conversation_id, last.created_at, last.id));
        told.looked += batch.len() as u64;
        let mut differing = Vec::new();
        for row in batch {
            if thread != Some(row.conversation_id) {
                told.last = thread.or(told.last);
                thread = Some(row.conversation_id);
                language = ThreadLanguage::default();
            }
            let sentiment_score = language.score(scorer.score(&row.body));
            if sentiment_score != row.sentiment_score {
                differing.push(Scored {
                    sentiment_score,
                    ..row
                });
            }
        }
        if !differing.is_empty() {
            with_tries(services, TRIES, || replace(services, &differing)).await?;
        }
        told.replaced += differing.len() as u64;
        tell(told);
    }
}

async fn replace(services: &Services, rows: &[Scored]) -> Result<(), Error> {
    let writing = services.db.begin_alone().await?;
    scores::replace_unscoped(&writing, rows).await?;
    Ok(writing.commit().await?)
}

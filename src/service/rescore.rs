//! Scores stored messages again.
//!
//! For operators, after a change of the scorer or a time without scores. It writes no events, because scores
//! are not fields of messages, and their sums are not fields of customers.

use entity::{ConversationId, WorkspaceId};

use super::{
    Error, Services,
    sentiment::{LOOKED_AT, ThreadLanguage},
    transaction::with_tries,
};
use crate::store::scores::{self, ScorePosition, Scored};

/// Number of messages that one statement reads and, at most, one transaction writes.
const BATCH: u64 = 500;
/// Maximum number of attempts for a batch, because other writers can lock its customers repeatedly.
const TRIES: usize = 20;

#[derive(Clone, Copy, Debug, Default)]
pub struct RescoreOptions {
    /// Workspace to score. If absent, all workspaces.
    pub workspace: Option<WorkspaceId>,
    /// Only conversations after this one. If absent, all conversations.
    pub after: Option<ConversationId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RescoreProgress {
    /// Number of messages that were checked.
    pub looked: u64,
    /// Number of scores that were replaced.
    pub replaced: u64,
    /// All conversations up to this one are done.
    pub last: Option<ConversationId>,
}

/// Scores every inbound message again, in the order of conversation ids, and sums the scores of customers
/// again where a score has changed. Other writers can continue in the meantime. The customers of a batch are
/// locked while its scores are written. Does nothing if sentiment is turned off.
pub async fn rescore(
    services: &Services,
    wanted: RescoreOptions,
    tell: &mut impl FnMut(RescoreProgress),
) -> Result<(), Error> {
    let Some(scorer) = &services.scorer else {
        return Ok(());
    };
    let mut told = RescoreProgress {
        looked: 0,
        replaced: 0,
        last: wanted.after,
    };
    let mut after = wanted.after.map(ScorePosition::Conversation);
    let mut thread = None;
    let mut language = ThreadLanguage::default();
    loop {
        let batch = scores::inbound_unscoped(&services.db, wanted.workspace, after, BATCH, LOOKED_AT).await?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(ScorePosition::Message(
            last.conversation_id,
            last.created_at,
            last.id,
        ));
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

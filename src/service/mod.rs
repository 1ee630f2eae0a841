//! The write path: one use case in each file.
//!
//! Layer 5. A use case asks [`policy`](crate::auth::policy) first, then opens one [`Transaction`], reads the rows it
//! changes in the viewer's scope and holds them, applies the rules, writes, and records what happened; the commit
//! appends the events last. What a caller can get wrong comes back as [`UserError`]s, all of them at once. Called by
//! GraphQL, by imports and by the command line, with the same rules for each. Requests that may come again go through
//! [`repeat::once`].

pub mod agent;
pub mod api_key;
mod authenticate;
pub mod conversation;
pub mod copy;
pub mod custom_fields;
pub mod customer;
pub mod epoch;
pub mod erasure;
mod error;
mod exist;
pub mod group;
pub mod import;
pub mod message;
mod moment;
mod outcome;
mod patch;
pub mod recount;
pub mod repeat;
pub mod rescore;
pub mod sentiment;
pub mod ticket;
mod transaction;
mod validate;
mod warning;
pub mod word_index;
mod workers;
pub mod workspace;

use std::{fmt, sync::Arc};

use entity::WorkspaceId;
use tokio::sync::Notify;

pub use authenticate::{Refused, authenticate};
pub use error::{Current, Error, UserError, UserErrorCode};
pub use exist::LIST_MAX;
pub use patch::Patch;
pub use transaction::Transaction;
pub use validate::{
    EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, SUBJECT_MAX, TAGS_MAX, URL_MAX, WORD_MAX, is_email,
};
pub use warning::{Warning, WarningCode};

use crate::{auth::Viewer, clock::Clock, config::Settings, events::Hub, store::Db};
use api_key::KnownKeys;
use repeat::Repeat;
use sentiment::{EnglishOnly, Scorer, Vader};
use workers::Workers;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// Who follows the change log.
    pub hub: Hub,
    /// Time and ids.
    pub clock: Clock,
    /// Keys that were looked up lately.
    keys: KnownKeys,
    /// Threads for work that takes long.
    workers: Workers,
    /// Told when a conversation is snoozed.
    snoozed: Arc<Notify>,
    /// Whether customers can be searched.
    indexed: Arc<word_index::Ready>,
    /// Scores inbound messages, when that is wanted.
    scorer: Option<Arc<dyn Scorer>>,
    /// Largest text of one message in bytes.
    message_bytes_max: usize,
    /// Hours for which a caller's key counts.
    idempotency_key_hours: u32,
    /// Told of each customer that was erased.
    erasures: Arc<Notify>,
    /// The request that is served, when it may come again.
    repeat: Option<Arc<Repeat>>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Services")
    }
}

impl Services {
    /// From the settings.
    pub fn new(db: Db, hub: Hub, clock: Clock, settings: &Settings) -> Self {
        let scorer = settings
            .sentiment
            .then(|| Arc::new(EnglishOnly(Vader::new())) as Arc<dyn Scorer>);
        Self {
            db,
            hub,
            clock,
            keys: KnownKeys::default(),
            workers: Workers::default(),
            snoozed: Arc::default(),
            indexed: Arc::default(),
            scorer,
            message_bytes_max: settings.message_bytes_max,
            idempotency_key_hours: settings.idempotency_key_hours,
            erasures: Arc::default(),
            repeat: None,
        }
    }
}

/// The workspace that a request means: the one it names, or the viewer's only one.
fn workspace_of(viewer: &Viewer, named: Option<WorkspaceId>, path: &[&str]) -> Result<WorkspaceId, Error> {
    match named {
        Some(id) if viewer.scope().holds(id) => Ok(id),
        Some(_) => Err(UserError::not_found("There is no such workspace.", path).into()),
        None => viewer.only_workspace().ok_or_else(|| {
            let message = "You can see several workspaces: say which one you mean.";
            UserError::new(UserErrorCode::WorkspaceRequired, message, path).into()
        }),
    }
}

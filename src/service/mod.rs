//! Write path, with one use case in each file.
//!
//! This is layer 5. A use case first checks [`policy`](crate::auth::policy). It then opens one
//! [`Transaction`], reads and locks the rows that it changes in the scope of the viewer, applies the rules,
//! writes, and records events, which the commit appends last. Errors in the input are returned as
//! [`UserError`]s, all of them at once. GraphQL, imports and the command line call use cases under the same
//! rules. Requests with an idempotency key run through [`idempotency::once`].

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
pub mod idempotency;
pub mod import;
pub mod message;
mod moment;
mod outcome;
mod patch;
pub mod recount;
pub mod rescore;
pub mod sentiment;
pub mod stats;
pub mod ticket;
mod transaction;
mod validate;
mod warning;
pub mod word_index;
pub mod wording;
mod workers;
pub mod workspace;

use std::{fmt, sync::Arc};

use entity::WorkspaceId;
use tokio::sync::Notify;

pub use authenticate::{CredentialError, authenticate};
pub use error::{Current, Error, UserError, UserErrorCode};
pub use exist::LIST_MAX;
pub use patch::Patch;
pub use transaction::Transaction;
pub use validate::{
    EXTERNAL_ID_MAX, LINE_MAX, NOTES_MAX, SUBJECT_MAX, TAGS_MAX, URL_MAX, WORD_MAX, is_email,
};
pub use warning::{Warning, WarningCode};

use crate::{auth::Viewer, clock::Clock, config::Settings, events::Hub, store::Db};
use api_key::CredentialCache;
use idempotency::IdempotentRequest;
use sentiment::{EnglishOnly, Scorer, Vader};
use workers::Workers;

/// Dependencies of every use case. Cloning is cheap.
#[derive(Clone)]
pub struct Services {
    pub db: Db,
    /// Subscribers of the change log.
    pub hub: Hub,
    /// Source of time and ids.
    pub clock: Clock,
    /// Cache of recently accepted credentials.
    keys: CredentialCache,
    /// Threads for long computations.
    workers: Workers,
    /// Notified when a conversation is snoozed.
    snoozed: Arc<Notify>,
    /// Whether customers can be searched.
    indexed: Arc<word_index::IndexState>,
    /// Scorer of inbound messages. `None` if sentiment is turned off.
    scorer: Option<Arc<dyn Scorer>>,
    /// Maximum size of the text of one message in bytes.
    message_bytes_max: usize,
    /// Validity of an idempotency key in hours.
    idempotency_key_hours: u32,
    /// Notified of each erasure of a customer.
    erasures: Arc<Notify>,
    /// Idempotency key of the current request, if it has one.
    repeat: Option<Arc<IdempotentRequest>>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Services")
    }
}

impl Services {
    pub fn new(db: Db, hub: Hub, clock: Clock, settings: &Settings) -> Self {
        let scorer = settings
            .sentiment
            .then(|| Arc::new(EnglishOnly(Vader::new())) as Arc<dyn Scorer>);
        Self {
            db,
            hub,
            clock,
            keys: CredentialCache::default(),
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

/// Returns the workspace of a request: the named one, or else the only one of the viewer.
fn workspace_of(viewer: &Viewer, named: Option<WorkspaceId>, path: &[&str]) -> Result<WorkspaceId, Error> {
    match named {
        Some(id) if viewer.scope().holds(id) => Ok(id),
        Some(_) => Err(UserError::no_such("workspace", path).into()),
        None => viewer.only_workspace().ok_or_else(|| {
            let why = wording::WORKSPACE_REQUIRED;
            UserError::of(UserErrorCode::WorkspaceRequired, why, path).into()
        }),
    }
}

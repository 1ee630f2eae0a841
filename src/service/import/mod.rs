//! Bringing in what another system wrote: many rows in one transaction.
//!
//! The same rules and the same events as for single writes, but read, written and counted in bulk. A row that was
//! brought in before is found by its id in the other system; nothing is written when nothing changed, so that a second
//! run leaves no trace. A field that was changed here since the source told its own stands ([`memory`]), and a customer who
//! was erased stays erased ([`erased`]). A row that cannot be used fails by itself.

mod agents;
mod assignments;
mod conversation_fields;
mod conversations;
mod customer_changes;
mod customers;
mod erased;
mod fit;
mod groups;
mod memory;
mod messages;
mod place;
mod references;
mod threads;
mod ticket_fields;
mod tickets;

use std::collections::HashMap;

use entity::{WorkspaceId, external_reference};
use uuid::Uuid;

pub use agents::{ImportAgent, agents};
pub use conversation_fields::ImportConversation;
pub use conversations::conversations;
pub use customers::{ImportCustomer, customers};
pub use groups::{ImportGroup, queues, teams};
pub use messages::{ImportMessage, ImportSender, messages};
pub use place::{Read, forget_places, note_place, note_told, places, tickets_behind};
pub use threads::ImportPlace;
pub use tickets::{ImportTicket, NO_SUBJECT, tickets};

use super::{Error, Transaction, UserError, validate::Checks};
use crate::{
    auth::Viewer,
    store::{self, external_reference::Of},
};

/// How often a batch is tried. People who write meanwhile get in the way of many rows more often than of one; each time
/// they made something that the next try finds, so that it comes to an end.
const BATCH_TRIES: usize = 50;

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// There already, as it is.
    Unchanged,
    /// One of these, but for some values; what was done with them stands in the messages.
    InPart(Box<Self>, Vec<UserError>),
    /// One of these, where fields stand that were changed here since the source told its own: their names.
    Standing(Box<Self>, Vec<String>),
    /// Left out because its customer was erased here: the field that names it.
    Erased(&'static str),
    /// Not usable.
    Failed(Vec<UserError>),
}

impl Outcome {
    /// Whether the row was made.
    pub fn is_created(&self) -> bool {
        match self {
            Self::Created => true,
            Self::InPart(outcome, _) | Self::Standing(outcome, _) => outcome.is_created(),
            Self::Updated | Self::Unchanged | Self::Erased(_) | Self::Failed(_) => false,
        }
    }

    /// The same, where some values were left out.
    #[must_use]
    fn but_for(self, values: Vec<UserError>) -> Self {
        if values.is_empty() || matches!(self, Self::Failed(_)) {
            return self;
        }
        Self::InPart(Box::new(self), values)
    }

    /// The same, where these fields stand.
    #[must_use]
    fn beside(self, standing: Vec<String>) -> Self {
        if standing.is_empty() {
            return self;
        }
        Self::Standing(Box::new(self), standing)
    }
}

/// A mistake that cost the value and not the row.
fn left_out(mut error: UserError) -> UserError {
    error.message.push_str(" The value is left out.");
    error
}

/// Where rows come from and go to.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The operator, in the workspace.
    pub viewer: &'a Viewer,
    /// The workspace that the rows go to.
    pub workspace: WorkspaceId,
    /// The other system's name.
    pub system: &'a str,
    /// A value that is odd costs its record.
    pub strict: bool,
    /// What the source tells counts more than what was changed here since.
    pub prefer_source: bool,
    /// Customers that were erased come back.
    pub revive: bool,
}

impl Source<'_> {
    /// What the other system's ids are called here.
    async fn known(
        &self,
        transaction: &Transaction<'_>,
        kind: external_reference::Kind,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<HashMap<String, Uuid>, Error> {
        let writing = transaction.writing();
        Ok(store::external_reference::find_many(writing, self.of(kind), ids).await?)
    }

    /// The things of one kind that the other system has.
    fn of(&self, kind: external_reference::Kind) -> Of<'_> {
        Of {
            workspace: self.workspace,
            system: self.system,
            kind,
        }
    }

    /// What these things are called in the other system.
    async fn named(
        &self,
        transaction: &Transaction<'_>,
        kind: external_reference::Kind,
        objects: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, Error> {
        let writing = transaction.writing();
        Ok(store::external_reference::find_by_objects(writing, self.of(kind), objects).await?)
    }

    fn reference(
        &self,
        kind: external_reference::Kind,
        external_id: &str,
        object: Uuid,
    ) -> external_reference::Model {
        external_reference::Model {
            workspace_id: self.workspace,
            system: self.system.to_owned(),
            kind,
            external_id: external_id.to_owned(),
            object_id: object,
            told_as: None,
            read_as: None,
            told: None,
        }
    }
}

/// The mistakes of one row.
fn mistakes(checks: Checks) -> Result<(), Outcome> {
    match checks.finish() {
        Err(Error::Refused(errors)) => Err(Outcome::Failed(errors)),
        _ => Ok(()),
    }
}

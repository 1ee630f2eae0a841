//! Import of rows from another system, many in one transaction.
//!
//! Imports apply the same rules and write the same events as single writes, but read, write and count in
//! bulk. A row that was imported before is found by its id in the other system. Nothing is written if nothing
//! changed, so a second run has no effect. Local edits of fields remain ([`memory`]), and erased customers
//! stay erased ([`erased`]). An invalid row does not affect the other rows.

mod agents;
mod assignees;
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

use entity::{WorkspaceId, external_reference, queue, team};
use uuid::Uuid;

pub use agents::ImportAgent;
pub use conversation_fields::ImportConversation;
pub use customers::ImportCustomer;
pub use groups::ImportGroup;
pub use messages::{ImportMessage, ImportSender, messages};
pub use place::{ReadTicket, forget_places, note_place, note_ticket_versions, places, tickets_behind};
pub use threads::ImportPlace;
pub use tickets::{ImportTicket, NO_SUBJECT};

use super::{Error, Services, Transaction, UserError, transaction::with_tries, validate::Checks};
use crate::{
    auth::Viewer,
    store::{self, external_reference::ReferenceScope},
};

/// Maximum number of attempts for a batch. Concurrent writes collide with a batch more often than with a
/// single write. Each collision creates a row that the next attempt finds, so the attempts come to an end.
const BATCH_TRIES: usize = 50;

/// Defines functions that import rows in one transaction, with retries, and return the outcome of each row.
macro_rules! imports {
    ($($name:ident = $once:path, $row:ty;)+) => {
        $(pub async fn $name(
            services: &Services,
            source: &Source<'_>,
            rows: &[$row],
        ) -> Result<Vec<Outcome>, Error> {
            with_tries(services, BATCH_TRIES, || $once(services, source, rows)).await
        })+
    };
}

imports!(
    agents = agents::once, ImportAgent;
    conversations = conversations::once, ImportConversation;
    customers = customers::once, ImportCustomer;
    queues = groups::once, ImportGroup<queue::Entity>;
    teams = groups::once, ImportGroup<team::Entity>;
    tickets = tickets::once, ImportTicket;
);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    /// The row was already up to date.
    Unchanged,
    /// One of these, but without some values. The messages describe each of them.
    InPart(Box<Self>, Vec<UserError>),
    /// One of these, except for locally edited fields, whose names are listed.
    Standing(Box<Self>, Vec<String>),
    /// The row was skipped because its customer was erased. Contains the field that identifies the customer.
    Erased(&'static str),
    /// The row is invalid.
    Failed(Vec<UserError>),
}

impl Outcome {
    pub fn is_created(&self) -> bool {
        match self {
            Self::Created => true,
            Self::InPart(outcome, _) | Self::Standing(outcome, _) => outcome.is_created(),
            Self::Updated | Self::Unchanged | Self::Erased(_) | Self::Failed(_) => false,
        }
    }

    /// Adds values that were left out.
    #[must_use]
    fn but_for(self, values: Vec<UserError>) -> Self {
        if values.is_empty() || matches!(self, Self::Failed(_)) {
            return self;
        }
        Self::InPart(Box::new(self), values)
    }

    /// Adds locally edited fields.
    #[must_use]
    fn beside(self, standing: Vec<String>) -> Self {
        if standing.is_empty() {
            return self;
        }
        Self::Standing(Box::new(self), standing)
    }
}

/// Turns an error into a report that only the value is left out.
fn left_out(mut error: UserError) -> UserError {
    error.message.push_str(" The value is left out.");
    error
}

/// Source and destination of an import.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The operator, in the workspace of the import.
    pub viewer: &'a Viewer,
    /// Workspace into which the import writes.
    pub workspace: WorkspaceId,
    /// Name of the other system.
    pub system: &'a str,
    /// Whether an invalid value makes its record fail.
    pub strict: bool,
    /// Whether values of the source overwrite local edits.
    pub prefer_source: bool,
    /// Whether the import restores erased customers.
    pub revive: bool,
}

impl Source<'_> {
    /// Returns the local objects with these ids of the other system.
    async fn known(
        &self,
        transaction: &Transaction<'_>,
        kind: external_reference::Kind,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<HashMap<String, Uuid>, Error> {
        let connection = transaction.writing().connection();
        Ok(store::external_reference::find_many(connection, self.of(kind), ids).await?)
    }

    /// Set of the objects of one kind in the other system.
    fn of(&self, kind: external_reference::Kind) -> ReferenceScope<'_> {
        ReferenceScope {
            workspace: self.workspace,
            system: self.system,
            kind,
        }
    }

    /// Returns the ids of these objects in the other system.
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

/// Returns the errors of a row as its outcome.
fn mistakes(checks: Checks) -> Result<(), Outcome> {
    match checks.finish() {
        Err(Error::Refused(errors)) => Err(Outcome::Failed(errors)),
        _ => Ok(()),
    }
}

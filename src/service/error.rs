//! Why a use case did not do what it was asked to.

use entity::{conversation, customer, ticket};

use crate::{
    auth::policy::Denied,
    store::{StoreError, repeat::Done},
};

/// What a caller got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserErrorCode {
    /// Something that is needed is missing or empty.
    Required,
    /// The value cannot be used.
    Invalid,
    /// The value is longer than allowed.
    TooLong,
    /// There is no such thing, or it is not the viewer's.
    NotFound,
    /// The viewer may not do this.
    Forbidden,
    /// Somebody else has this address.
    EmailTaken,
    /// Somebody else has this external id.
    ExternalIdTaken,
    /// The viewer sees several workspaces and named none.
    WorkspaceRequired,
    /// The thing is at another version than the caller thinks.
    StaleVersion,
    /// The caller's key stands for something else.
    IdempotencyKeyReused,
    /// The agent no longer works.
    AgentInactive,
    /// The workspace would be left without an admin who works.
    LastAdmin,
}

/// One thing that a caller got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What kind of mistake it is.
    pub code: UserErrorCode,
    /// A sentence for a person.
    pub message: String,
    /// Where it is, inside the arguments.
    pub path: Vec<String>,
    /// The id of what already has the value.
    pub existing_id: Option<String>,
}

impl UserError {
    /// A mistake at a place inside the arguments.
    pub fn new(code: UserErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(ToString::to_string).collect();
        Self {
            code,
            message: message.into(),
            path,
            existing_id: None,
        }
    }

    /// There is no such thing.
    pub fn not_found(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::NotFound, message, path)
    }

    /// The viewer may not do this with this value.
    pub fn forbidden(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::Forbidden, message, path)
    }

    /// Another customer has this address.
    pub fn email_taken(existing: &dyn ToString, path: &[&str]) -> Self {
        let message = "Another customer has this email.";
        Self::new(UserErrorCode::EmailTaken, message, path).held_by(existing)
    }

    /// Something else has this external id.
    pub fn external_id_taken(existing: &dyn ToString, path: &[&str]) -> Self {
        let message = "Something else has this external id.";
        Self::new(UserErrorCode::ExternalIdTaken, message, path).held_by(existing)
    }

    /// The thing is at another version.
    pub fn stale(version: i32) -> Self {
        let message = format!("This changed since you read it: it is at version {version} now.");
        Self::new(UserErrorCode::StaleVersion, message, &["ifVersion"])
    }

    /// Tells what has the value already.
    #[must_use]
    pub fn held_by(self, existing: &dyn ToString) -> Self {
        Self {
            existing_id: Some(existing.to_string()),
            ..self
        }
    }
}

/// A thing as it is now, for a caller who thinks that it is at another version.
#[derive(Clone, Debug)]
pub enum Current {
    /// A customer.
    Customer(Box<customer::Model>),
    /// A ticket.
    Ticket(Box<ticket::Model>),
    /// A conversation.
    Conversation(Box<conversation::Model>),
}

impl Current {
    /// Its version.
    pub fn version(&self) -> i32 {
        match self {
            Self::Customer(row) => row.version,
            Self::Ticket(row) => row.version,
            Self::Conversation(row) => row.version,
        }
    }
}

impl From<customer::Model> for Current {
    fn from(row: customer::Model) -> Self {
        Self::Customer(row.into())
    }
}

impl From<ticket::Model> for Current {
    fn from(row: ticket::Model) -> Self {
        Self::Ticket(row.into())
    }
}

impl From<conversation::Model> for Current {
    fn from(row: conversation::Model) -> Self {
        Self::Conversation(row.into())
    }
}

/// Refuses when a row, which must be held, is at another version than the caller thinks.
pub(super) fn refuse_stale<R: Clone + Into<Current>>(version: Option<i32>, row: &R) -> Result<(), Error> {
    let Some(version) = version else { return Ok(()) };
    let current = row.clone().into();
    if current.version() == version {
        Ok(())
    } else {
        Err(Error::Stale(current))
    }
}

/// Why a use case did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller got something wrong. Nothing was written.
    #[error("the input was refused")]
    Refused(Vec<UserError>),
    /// The thing is at another version than the caller thinks. Nothing was written.
    #[error("it is at another version")]
    Stale(Current),
    /// It was done before, under the caller's key. Nothing was written now.
    #[error("it was done before")]
    Done(Box<Done>),
    /// It was done before, under the caller's key, and what it made is no longer there.
    #[error("what was made is no longer there")]
    Gone,
    /// The viewer may not do this at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do its part. Nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Self::Refused(vec![error])
    }
}

//! Errors of use cases.

use entity::{conversation, customer, ticket};

use crate::{
    auth::policy::Denied,
    store::{StoreError, repeat::Done},
};

/// Kind of error in the input of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserErrorCode {
    /// A required value is missing or empty.
    Required,
    /// The value is invalid.
    Invalid,
    /// The value exceeds its maximum length.
    TooLong,
    /// The object does not exist or is not visible to the viewer.
    NotFound,
    /// The viewer lacks the permission.
    Forbidden,
    /// Another customer or agent has this email address.
    EmailTaken,
    /// Another object has this external id.
    ExternalIdTaken,
    /// The viewer can access several workspaces and the input names none.
    WorkspaceRequired,
    /// The object has another version than the caller expects.
    StaleVersion,
    /// The idempotency key was used with other arguments.
    IdempotencyKeyReused,
    /// The agent is inactive.
    AgentInactive,
    /// The workspace would have no active admin left.
    LastAdmin,
}

/// Error in the input of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// Kind of error.
    pub code: UserErrorCode,
    /// Message for people, as a sentence.
    pub message: String,
    /// Path of the value in the arguments.
    pub path: Vec<String>,
    /// Id of the object that already has the value.
    pub existing_id: Option<String>,
}

impl UserError {
    /// Creates an error at a path in the arguments.
    pub fn new(code: UserErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(ToString::to_string).collect();
        Self {
            code,
            message: message.into(),
            path,
            existing_id: None,
        }
    }

    /// Creates an error for an object that does not exist.
    pub fn not_found(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::NotFound, message, path)
    }

    /// Creates an error for a value that the viewer may not use.
    pub fn forbidden(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::Forbidden, message, path)
    }

    /// Creates an error for an email address that another customer has.
    pub fn email_taken(existing: &dyn ToString, path: &[&str]) -> Self {
        let message = "Another customer has this email.";
        Self::new(UserErrorCode::EmailTaken, message, path).held_by(existing)
    }

    /// Creates an error for an external id that another object has.
    pub fn external_id_taken(existing: &dyn ToString, path: &[&str]) -> Self {
        let message = "Something else has this external id.";
        Self::new(UserErrorCode::ExternalIdTaken, message, path).held_by(existing)
    }

    /// Creates an error for an object at another version.
    pub fn stale(version: i32) -> Self {
        let message = format!("This changed since you read it: it is at version {version} now.");
        Self::new(UserErrorCode::StaleVersion, message, &["ifVersion"])
    }

    /// Adds the id of the object that already has the value.
    #[must_use]
    pub fn held_by(self, existing: &dyn ToString) -> Self {
        Self {
            existing_id: Some(existing.to_string()),
            ..self
        }
    }
}

/// Current state of an object whose version differs from the expected one.
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
    /// Version of the object.
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

/// Rejects the operation if a row has another version than the caller expects. The row must be locked.
pub(super) fn refuse_stale<R: Clone + Into<Current>>(version: Option<i32>, row: &R) -> Result<(), Error> {
    let Some(version) = version else { return Ok(()) };
    let current = row.clone().into();
    if current.version() == version {
        Ok(())
    } else {
        Err(Error::Stale(current))
    }
}

/// Error of a use case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input has errors. Nothing was written.
    #[error("the input was refused")]
    Refused(Vec<UserError>),
    /// The object has another version than the caller expects. Nothing was written.
    #[error("it is at another version")]
    Stale(Current),
    /// A result exists under the idempotency key. Nothing was written now.
    #[error("it was done before")]
    Done(Box<Done>),
    /// A result exists under the idempotency key, but the object that it refers to no longer exists.
    #[error("what was made is no longer there")]
    Gone,
    /// The viewer may not run this use case at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database failed. Nothing was written, unless the error is [`StoreError::InDoubt`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Self::Refused(vec![error])
    }
}

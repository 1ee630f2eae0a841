//! Why a use case did not do what it was asked to.

use crate::{auth::policy::Denied, store::StoreError};

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

    /// Tells what has the value already.
    #[must_use]
    pub fn held_by(self, existing: &dyn ToString) -> Self {
        Self {
            existing_id: Some(existing.to_string()),
            ..self
        }
    }
}

/// Why a use case did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller got something wrong. Nothing was written.
    #[error("the input was refused")]
    Refused(Vec<UserError>),
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

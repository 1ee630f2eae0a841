//! What every mutation answers beside its thing.

use async_graphql::{Enum, ID, SimpleObject};

use super::error::{self, Result};
use crate::service::{self, Current};

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// Something that is needed is missing or empty.
    Required,
    /// The value cannot be used.
    Invalid,
    /// The value is longer than allowed; the message tells the bound.
    TooLong,
    /// There is no such thing, or it is not yours.
    NotFound,
    /// You may not do this.
    Forbidden,
    /// Another customer of the workspace has this email; existingId is that customer.
    EmailTaken,
    /// Another customer of the workspace has this external id; existingId is that customer.
    ExternalIdTaken,
    /// You can see several workspaces and named none.
    WorkspaceRequired,
    /// The thing is at another version than ifVersion says; the payload holds it as it is now.
    StaleVersion,
    /// The key was used with other arguments; existingId is what it made, changed or deleted then.
    IdempotencyKeyReused,
    /// The agent no longer works here (`isActive` is false), so it cannot be given anything.
    AgentInactive,
    /// The workspace would be left without an admin who works.
    LastAdmin,
}

impl From<service::UserErrorCode> for UserErrorCode {
    fn from(code: service::UserErrorCode) -> Self {
        match code {
            service::UserErrorCode::Required => Self::Required,
            service::UserErrorCode::Invalid => Self::Invalid,
            service::UserErrorCode::TooLong => Self::TooLong,
            service::UserErrorCode::NotFound => Self::NotFound,
            service::UserErrorCode::Forbidden => Self::Forbidden,
            service::UserErrorCode::EmailTaken => Self::EmailTaken,
            service::UserErrorCode::ExternalIdTaken => Self::ExternalIdTaken,
            service::UserErrorCode::WorkspaceRequired => Self::WorkspaceRequired,
            service::UserErrorCode::StaleVersion => Self::StaleVersion,
            service::UserErrorCode::AgentInactive => Self::AgentInactive,
            service::UserErrorCode::LastAdmin => Self::LastAdmin,
            service::UserErrorCode::IdempotencyKeyReused => Self::IdempotencyKeyReused,
        }
    }
}

/// A mistake in the arguments of a mutation. When there is one, nothing was written.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// What kind of mistake it is: for programs.
    code: UserErrorCode,
    /// What is wrong: for people.
    message: String,
    /// Path inside the arguments: `["input", "tags", "1"]`.
    path: Vec<String>,
    /// The thing that already holds the email, external id or idempotency key.
    existing_id: Option<ID>,
}

impl From<service::UserError> for UserError {
    fn from(error: service::UserError) -> Self {
        Self {
            code: error.code.into(),
            message: error.message,
            path: error.path,
            existing_id: error.existing_id.map(ID),
        }
    }
}

/// Something that was done, but not entirely as asked.
#[derive(Clone, Debug, SimpleObject)]
pub struct Warning {
    /// Kind of the warning, for programs: `HTML_TOO_COSTLY` or `HTML_TOO_LONG`. Further kinds may be added.
    code: String,
    /// What was left out and why, for people.
    message: String,
    /// Path of the argument: `["input", "bodyHtml"]`.
    path: Vec<String>,
}

impl From<service::Warning> for Warning {
    fn from(warning: service::Warning) -> Self {
        Self {
            code: warning.code.name().to_owned(),
            message: warning.code.message().to_owned(),
            path: warning.path,
        }
    }
}

/// Warnings of a use case, in the form of the API.
pub fn warnings(all: Vec<service::Warning>) -> Vec<Warning> {
    all.into_iter().map(Into::into).collect()
}

/// Why a mutation did nothing.
#[derive(Debug, Default)]
pub struct Refusal {
    /// What is wrong with the arguments.
    pub user_errors: Vec<UserError>,
    /// The thing as it is now, where the caller thinks that it is at another version.
    pub current: Option<Current>,
}

impl From<Vec<service::UserError>> for Refusal {
    fn from(errors: Vec<service::UserError>) -> Self {
        Self {
            user_errors: errors.into_iter().map(Into::into).collect(),
            current: None,
        }
    }
}

/// Splits the answer of a use case: what was done, or what the caller got wrong. Anything else is an error of the whole
/// field.
pub fn answer<T>(result: Result<T, service::Error>) -> Result<Result<T, Refusal>> {
    match result {
        Ok(written) => Ok(Ok(written)),
        Err(service::Error::Refused(errors)) => Ok(Err(errors.into())),
        Err(service::Error::Stale(current)) => {
            let error = service::UserError::stale(current.version());
            Ok(Err(Refusal {
                current: Some(current),
                ..vec![error].into()
            }))
        }
        Err(service::Error::Denied(denied)) => Err(error::forbidden(denied)),
        Err(service::Error::Gone) => Err(error::gone_since()),
        Err(error @ service::Error::Done(_)) => Err(error::internal(error)),
        Err(service::Error::Store(error)) => Err(error::from_store(error)),
    }
}

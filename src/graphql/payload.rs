//! Parts that the payloads of all mutations share.

use async_graphql::{Enum, ID, SimpleObject};
use entity::Word;

use super::error::{self, Result};
use crate::service::{self, Current};

/// Kind of an error in the arguments of a mutation. Change the arguments before you repeat the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::UserErrorCode")]
pub enum UserErrorCode {
    /// A value is missing or blank, or null is given for a field that always has a value. Send a value.
    Required,
    /// A value is malformed or not allowed here, such as an email without a domain, an id of another type, a
    /// time in the past or a team above the maximum of a workspace. `message` states the reason. Send another
    /// value.
    Invalid,
    /// A text, a list or the custom fields are longer than allowed. `message` states the maximum. Shorten the
    /// value.
    TooLong,
    /// The object does not exist, or the viewer does not see it. Check the id and the workspaces of the
    /// credential.
    NotFound,
    /// The viewer sees the object, but may not make this change or use this value. `message` states the
    /// reason, such as a missing grant. When the viewer may not run the mutation at all, the code is in
    /// `errors` of the response instead.
    Forbidden,
    /// Another customer of the workspace has this email, or another agent in mutations of agents. `existingId`
    /// is that customer or agent. Change that object instead, or use another email.
    EmailTaken,
    /// Another customer, or another conversation in mutations of conversations, has this external id in the
    /// workspace. `existingId` is that object. Change that object instead, or use another external id.
    ExternalIdTaken,
    /// The viewer has access to several workspaces, and the request names none. Send the id of the workspace.
    WorkspaceRequired,
    /// The object has another version than `ifVersion`. The payload contains the object as it is now. Compare
    /// it with the intended change, and send the mutation again with its `version`.
    StaleVersion,
    /// The idempotency key belongs to a request for another mutation, with other arguments or in another
    /// workspace. `existingId` is the object that the earlier request wrote, if the viewer has access to its
    /// workspace. Send a new key.
    IdempotencyKeyReused,
    /// The agent is inactive (`isActive` is false), so no ticket or conversation can be assigned to it.
    /// Choose an active agent.
    AgentInactive,
    /// The change would leave the workspace without an active admin. Give another active agent the role `ADMIN`
    /// first.
    LastAdmin,
}

/// An error in the arguments of a mutation. Nothing was written. Change the arguments before you send the
/// mutation again.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// Kind of the error, for programs.
    code: UserErrorCode,
    /// Explanation for people. The wording can change; programs use `code`.
    message: String,
    /// Path of the wrong value in the arguments, such as `["input", "tags", "1"]`. The index of a list is a
    /// string. Empty when no single value is wrong.
    path: Vec<String>,
    /// Id of the conflicting object: the object that has the email or external id, the object that an earlier
    /// request with the idempotency key wrote, or the new key of an API key that was rotated. Null for errors
    /// without such an object.
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

/// A part of the arguments that a mutation did not store. Everything else was written.
#[derive(Clone, Debug, SimpleObject)]
pub struct Warning {
    /// Kind of the warning. `HTML_TOO_COSTLY`: the HTML takes too much work to clean. `HTML_TOO_LONG`: the
    /// cleaned HTML is longer than a message may be. New kinds can be added.
    code: String,
    /// Explanation for people: what was left out and why.
    message: String,
    /// Path of the argument, such as `["input", "bodyHtml"]`.
    path: Vec<String>,
}

impl From<service::Warning> for Warning {
    fn from(warning: service::Warning) -> Self {
        Self {
            code: warning.code.word().to_owned(),
            message: warning.code.message().to_owned(),
            path: warning.path,
        }
    }
}

/// Converts the warnings of a use case into the form of the API.
pub fn warnings(all: Vec<service::Warning>) -> Vec<Warning> {
    all.into_iter().map(Into::into).collect()
}

/// Reason why a mutation wrote nothing.
#[derive(Debug, Default)]
pub struct Refusal {
    /// Errors in the arguments.
    pub user_errors: Vec<UserError>,
    /// The object as it is now, for `STALE_VERSION`.
    pub current: Option<Current>,
}

/// Builds a payload from a [`Refusal`]. The object as it is now goes into the field that is named.
macro_rules! refused {
    ($payload:ident $(, $field:ident: $noun:ident)?) => {
        impl From<$crate::graphql::payload::Refusal> for $payload {
            fn from(refusal: $crate::graphql::payload::Refusal) -> Self {
                Self {
                    $($field: match refusal.current {
                        Some($crate::service::Current::$noun(row)) => Some($noun((*row).into())),
                        _ => None,
                    },)?
                    user_errors: refusal.user_errors,
                    ..Self::default()
                }
            }
        }
    };
}

pub(in crate::graphql) use refused;

impl From<Vec<service::UserError>> for Refusal {
    fn from(errors: Vec<service::UserError>) -> Self {
        Self {
            user_errors: errors.into_iter().map(Into::into).collect(),
            current: None,
        }
    }
}

/// Splits the result of a use case into the written object and the errors of the caller. Every other failure is an error
/// of the whole field.
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

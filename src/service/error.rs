//! Errors of use cases.

use crate::{
    auth::policy::Denied,
    store::{StoreError, idempotency::CompletedRequest},
};

/// Kind of error in the input of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserErrorCode {
    /// A required value is missing or empty.
    Required,
    Invalid,
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
    AgentInactive,
    /// The workspace would have no active admin left.
    LastAdmin,
}

/// Error in the input of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    pub code: UserErrorCode,
    /// Message for people, as a sentence.
    pub message: String,
    /// Path of the value in the arguments.
    pub path: Vec<String>,
    /// Id of the object that already has the value.
    pub existing_id: Option<String>,
}

impl UserError {
    pub fn new(code: UserErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(ToString::to_string).collect();
        Self {
            code,
            message: message.into(),
            path,
            existing_id: None,
        }
    }

    /// A mistake in a value, which the message names: `` `subject` is required. `` `why` is what follows the name, see
    /// [`wording`](super::wording).
    pub fn of(code: UserErrorCode, why: &str, path: &[&str]) -> Self {
        Self::new(code, format!("`{}` {why}", name_of(path)), path)
    }

    pub fn not_found(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::NotFound, message, path)
    }

    /// No object of this kind has the id.
    pub fn no_such(noun: &str, path: &[&str]) -> Self {
        Self::not_found(&format!("No {noun} with this id exists."), path)
    }

    /// No object of this kind has the id in the workspace that the input is about.
    pub fn no_such_here(noun: &str, path: &[&str]) -> Self {
        Self::not_found(&format!("No {noun} with this id exists in this workspace."), path)
    }

    /// Creates an error for a value that the viewer may not use.
    pub fn forbidden(message: &str, path: &[&str]) -> Self {
        Self::new(UserErrorCode::Forbidden, message, path)
    }

    /// A customer set a field that only agents and API keys set.
    pub fn not_for_customers(path: &[&str]) -> Self {
        let message = format!("Customers cannot set `{}`.", name_of(path));
        Self::new(UserErrorCode::Forbidden, message, path)
    }

    /// A customer gave an address that is not its own.
    pub fn not_your_email(path: &[&str]) -> Self {
        let why = "must be one of your own email addresses.";
        Self::of(UserErrorCode::Forbidden, why, path)
    }

    /// Creates an error for an email address that another customer has.
    pub fn email_taken(existing: &dyn ToString, path: &[&str]) -> Self {
        let message = "Another customer of this workspace has this email.";
        Self::new(UserErrorCode::EmailTaken, message, path).held_by(existing)
    }

    /// Another customer or conversation has this external id.
    pub fn external_id_taken(noun: &str, existing: &dyn ToString, path: &[&str]) -> Self {
        let message = format!("Another {noun} of this workspace has this external id.");
        Self::new(UserErrorCode::ExternalIdTaken, message, path).held_by(existing)
    }

    pub fn stale(version: i32) -> Self {
        let why = format!(
            "is out of date: the current version is {version}. Read the current state before you retry."
        );
        Self::of(UserErrorCode::StaleVersion, &why, &["ifVersion"])
    }

    /// The message without the name of the value, for a report that names the value in its own way: `The value is …`.
    pub fn into_reason(self) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let name = format!("`{}` ", name_of(&path));
        match self.message.strip_prefix(&name) {
            Some(why) => format!("The value {why}"),
            None => self.message,
        }
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

/// Characters of a part of a path that a message repeats: keys of custom fields are the caller's.
const NAME_PART_MAX: usize = 64;

/// The name of a value in a message: its path, without the argument that contains every field.
fn name_of(path: &[&str]) -> String {
    let parts = match path {
        ["input", rest @ ..] if !rest.is_empty() => rest,
        whole => whole,
    };
    let short = |part: &&str| match part.char_indices().nth(NAME_PART_MAX) {
        Some((end, _)) => format!("{}…", &part[..end]),
        None => (*part).to_owned(),
    };
    let parts: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(short).collect();
    parts.join(".")
}

/// Declares [`Current`] with the nouns that have a version.
macro_rules! versioned {
    ($($name:ident: $noun:ident),+ $(,)?) => {
        /// Current state of an object whose version differs from the expected one.
        #[derive(Clone, Debug)]
        pub enum Current {
            $($name(Box<entity::$noun::Model>)),+
        }

        impl Current {
            pub fn version(&self) -> i32 {
                match self {
                    $(Self::$name(row) => row.version),+
                }
            }
        }

        $(impl From<entity::$noun::Model> for Current {
            fn from(row: entity::$noun::Model) -> Self {
                Self::$name(row.into())
            }
        })+
    };
}

versioned!(
    Conversation: conversation,
    Customer: customer,
    Ticket: ticket,
);

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
    Done(Box<CompletedRequest>),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_path_of_the_value() {
        let long = "k".repeat(100);
        for (path, name) in [
            (&["input", "subject"][..], "subject"),
            (&["input", "tags", "0"], "tags.0"),
            (&["input"], "input"),
            (&["id"], "id"),
            (&["", "emails", "1", "email"], "emails.1.email"),
            (
                &["input", "customFields", &long],
                &format!("customFields.{}…", &long[..64]),
            ),
        ] {
            let error = UserError::of(UserErrorCode::Required, "is required.", path);
            assert_eq!(error.message, format!("`{name}` is required."));
            assert_eq!(error.into_reason(), "The value is required.");
        }
        let whole = UserError::no_such("ticket", &["id"]);
        assert_eq!(whole.into_reason(), "No ticket with this id exists.");
    }
}

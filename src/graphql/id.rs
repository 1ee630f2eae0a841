//! Ids as clients write them.

use std::str::FromStr;

use async_graphql::ID;
use entity::id::IdError;

use super::error::{Result, bad_input};
use crate::service::{UserError, UserErrorCode};

/// The id in an argument of a query; anything else is an error that names the argument.
pub fn argument<T: FromStr<Err = IdError>>(name: &str, id: &ID) -> Result<T> {
    id.parse()
        .map_err(|error: IdError| bad_input(name, &format!("{error}.")))
}

/// The same for an argument that may be absent.
pub fn optional<T: FromStr<Err = IdError>>(name: &str, id: Option<&ID>) -> Result<Option<T>> {
    id.map(|id| argument(name, id)).transpose()
}

/// The id in an argument of a mutation; anything else is a mistake at its place.
pub fn input<T: FromStr<Err = IdError>>(path: &[&str], id: &ID) -> Result<T, UserError> {
    id.parse()
        .map_err(|error: IdError| UserError::new(UserErrorCode::Invalid, format!("This {error}."), path))
}

/// The same for an argument that may be absent.
pub fn optional_input<T: FromStr<Err = IdError>>(
    path: &[&str],
    id: Option<&ID>,
) -> Result<Option<T>, UserError> {
    id.map(|id| input(path, id)).transpose()
}

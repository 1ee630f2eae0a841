//! Ids as clients write them.

use std::str::FromStr;

use async_graphql::ID;
use entity::{WorkspaceId, id::IdError};

use super::error::{Result, bad_input};
use crate::service::{UserError, UserErrorCode};

/// Parses the id in an argument of a query. The error names the argument.
pub fn argument<T: FromStr<Err = IdError>>(name: &str, id: &ID) -> Result<T> {
    id.parse()
        .map_err(|error: IdError| bad_input(name, &format!("{error}.")))
}

/// Parses the id in an optional argument of a query.
pub fn optional<T: FromStr<Err = IdError>>(name: &str, id: Option<&ID>) -> Result<Option<T>> {
    id.map(|id| argument(name, id)).transpose()
}

/// Parses the id in an argument of a mutation. The error is a user error with the path of the argument.
pub fn input<T: FromStr<Err = IdError>>(path: &[&str], id: &ID) -> Result<T, UserError> {
    id.parse()
        .map_err(|error: IdError| UserError::of(UserErrorCode::Invalid, &format!("{error}."), path))
}

/// Parses the id in an optional argument of a mutation.
pub fn optional_input<T: FromStr<Err = IdError>>(
    path: &[&str],
    id: Option<&ID>,
) -> Result<Option<T>, UserError> {
    id.map(|id| input(path, id)).transpose()
}

/// Parses the argument `workspaceId` of a mutation.
pub fn workspace(id: Option<&ID>) -> Result<Option<WorkspaceId>, UserError> {
    optional_input(&["workspaceId"], id)
}

/// Parses a list of ids. The path of an error ends with the index of the id.
pub fn list<T: FromStr<Err = IdError>>(path: &[&str], ids: &[ID]) -> Result<Vec<T>, UserError> {
    let one = |(index, id): (usize, &ID)| {
        let index = index.to_string();
        let path: Vec<&str> = path.iter().copied().chain([index.as_str()]).collect();
        input(&path, id)
    };
    ids.iter().enumerate().map(one).collect()
}

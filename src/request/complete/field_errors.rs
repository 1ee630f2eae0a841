//! The errors of fields, in place of which null is returned.

use std::sync::Arc;

use async_graphql::{Response, ServerError, ServerResult, Value};
use parking_lot::Mutex;

/// The errors of fields of one request.
///
/// The library passes the error of a field on to the parent, even if the field is nullable, and cancels the other fields of
/// the parent. So each error is caught at its own field, and null takes its place. [`complete`](super::complete()) then
/// propagates null where it is not allowed.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors(Arc<Mutex<Vec<ServerError>>>);

impl FieldErrors {
    /// Returns true if no field has failed.
    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Stores the error of a field and returns null.
    pub fn catch(&self, resolved: ServerResult<Option<Value>>) -> Option<Value> {
        resolved.unwrap_or_else(|error| {
            self.0.lock().push(error);
            Some(Value::Null)
        })
    }

    /// Moves the errors into the response to which they belong.
    pub fn move_to(&self, response: &mut Response) {
        response.errors.append(&mut self.0.lock());
    }
}

//! Charges for values that the library holds until the response is written.
//!
//! A compiled selection writes JSON, which is charged while it grows. Every other field becomes a value of the
//! library, for each alias and each object. It is charged here when its resolver returns.

use std::{mem, sync::Arc};

use async_graphql::{
    ServerResult, Value,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};

use crate::{budget, request::FieldErrors};

/// Estimated bytes of a field in addition to its value: name, entry in the object, future.
const FIELD: usize = 128;
/// Estimated bytes of an error: message, path, extensions.
const ERROR: usize = 512;

/// Charges the running work for each field that the library resolves, and catches the errors of fields.
#[derive(Clone, Copy, Debug)]
pub struct Metering;

impl ExtensionFactory for Metering {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait]
impl Extension for Metering {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if budget::is_exceeded() {
            // The limit is exceeded and the response will be discarded, so no further field is resolved. An item of a
            // list must have a value: the library panics without one.
            return Ok(Some(Value::Null));
        }
        let resolved = next.run(ctx, info).await;
        charge(&resolved);
        if resolved.is_err()
            && let Some(errors) = ctx.data_opt::<FieldErrors>()
        {
            return Ok(errors.catch(resolved));
        }
        resolved
    }
}

/// Charges the running work for a resolved field.
pub fn charge(resolved: &ServerResult<Option<Value>>) {
    let bytes = match resolved {
        Ok(value) => FIELD + value.as_ref().map_or(0, weight),
        Err(_) => ERROR,
    };
    // The result is ignored because the work checks the limit itself.
    let _ = budget::hold(bytes);
}

/// Returns the bytes of a value that are not charged yet. The fields of objects and JSON are charged already.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(items) => items
            .iter()
            .map(|item| mem::size_of::<Value>() + weight(item))
            .sum(),
        _ => 0,
    }
}

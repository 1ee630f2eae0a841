//! Charges for values that the library holds until the answer is written.
//!
//! A compiled selection writes JSON, which is charged as it grows. Every other field becomes a value of the library, once
//! for each alias and each object: it is charged here, as soon as its resolver has answered.

use std::{mem, sync::Arc};

use async_graphql::{
    ServerResult, Value,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};

use crate::budget;

/// What a field takes beside its value: its name, its place in the object, its future.
const FIELD: usize = 128;
/// What an error takes: its message, its path, its extensions.
const ERROR: usize = 512;

/// Charges the running work for each field that the library resolves.
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
            // The answer is given up: nothing more is worth resolving.
            return Ok(None);
        }
        let resolved = next.run(ctx, info).await;
        charge(&resolved);
        resolved
    }
}

/// Charges the running work for a field that was resolved.
pub fn charge(resolved: &ServerResult<Option<Value>>) {
    let bytes = match resolved {
        Ok(value) => FIELD + value.as_ref().map_or(0, weight),
        Err(_) => ERROR,
    };
    // The work learns by itself that it is over.
    let _ = budget::hold(bytes);
}

/// What a value takes that was not charged before: objects in it were, field by field, and JSON as it was written.
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

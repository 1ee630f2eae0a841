//! Objects that are written by a compiled selection.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};

use super::{plain::PlainObject, selection::Selections};
use crate::budget;

/// An object whose plain fields are written directly to JSON. In the schema, it is the same type as the object.
#[derive(Clone, Debug)]
pub struct Compiled<T>(pub T);

impl<T: PlainObject> OutputType for Compiled<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        if let Some(selection) = Selections::of::<T>(ctx)
            && let Some(value) = selection.resolve(&self.0, ctx, field).await
        {
            return Ok(value);
        }
        if budget::is_exceeded() {
            // Prevents the library from repeating the work that exceeded the limit.
            return Ok(Value::Null);
        }
        self.0.resolve(ctx, field).await
    }
}

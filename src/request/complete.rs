//! Completes a response as the specification requires.
//!
//! A failed field becomes null ([`FieldErrors`]). If its type is not nullable, the parent object becomes null, and so on
//! upwards.

mod field_errors;
mod shape;

use apollo_compiler::ast::Type;
use async_graphql::{Response, Value};

pub use field_errors::FieldErrors;
pub use shape::{Field, Outline, Shape, kind};

/// Completes the data of a response: propagates the nulls of failed fields.
pub fn complete(response: &mut Response, shape: &Shape) {
    let failed = !response.errors.is_empty();
    if object(&mut response.data, shape, failed) == Null::Forced {
        response.data = Value::Null;
    }
}

/// Whether the parent of a value must become null too.
#[derive(PartialEq, Eq)]
enum Null {
    Forced,
    Fine,
}

fn object(value: &mut Value, shape: &Shape, failed: bool) -> Null {
    let Value::Object(fields) = value else {
        return Null::Fine;
    };
    for (key, field) in &shape.fields {
        if let Some(value) = fields.get_mut(key)
            && of_type(value, &field.ty, field, failed) == Null::Forced
        {
            return Null::Forced;
        }
    }
    Null::Fine
}

fn of_type(value: &mut Value, ty: &Type, field: &Field, failed: bool) -> Null {
    let outside = if ty.is_non_null() {
        Null::Forced
    } else {
        Null::Fine
    };
    let inside = match (&mut *value, ty) {
        (Value::Null, _) => return if failed { outside } else { Null::Fine },
        (Value::String(written), _) => {
            if let Some(text) = field.text {
                text.clone_into(written);
            }
            Null::Fine
        }
        (Value::List(items), Type::List(inner) | Type::NonNullList(inner)) => {
            let forced = items
                .iter_mut()
                .any(|item| of_type(item, inner, field, failed) == Null::Forced);
            if forced { Null::Forced } else { Null::Fine }
        }
        (Value::Object(_), _) => object(value, &field.shape, failed),
        _ => Null::Fine,
    };
    if inside == Null::Fine {
        return Null::Fine;
    }
    *value = Value::Null;
    outside
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{
        EmptyMutation, EmptySubscription, Object, Request, Result, Schema, ServerResult,
        async_trait::async_trait,
        extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
    };

    use super::*;
    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

    #[derive(Clone, Default)]
    struct Catching(FieldErrors);

    impl ExtensionFactory for Catching {
        fn create(&self) -> Arc<dyn Extension> {
            Arc::new(self.clone())
        }
    }

    #[async_trait]
    impl Extension for Catching {
        async fn resolve(
            &self,
            ctx: &ExtensionContext<'_>,
            info: ResolveInfo<'_>,
            next: NextResolve<'_>,
        ) -> ServerResult<Option<Value>> {
            Ok(self.0.catch(next.run(ctx, info).await))
        }
    }

    struct Query;

    #[Object]
    impl Query {
        async fn late(&self) -> i32 {
            tokio::task::yield_now().await;
            1
        }
        async fn early(&self) -> i32 {
            2
        }
        async fn needed(&self) -> Result<i32> {
            Err("failed".into())
        }
        async fn wanted(&self) -> Result<Option<i32>> {
            Err("failed".into())
        }
        async fn inner(&self) -> Query {
            Query
        }
        async fn maybe(&self) -> Option<Query> {
            Some(Query)
        }
        async fn toys(&self) -> Vec<Query> {
            vec![Query, Query]
        }
        async fn maybes(&self) -> Vec<Option<Query>> {
            vec![Some(Query), None]
        }
    }

    async fn data(query: &str) -> String {
        let catching = Catching::default();
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
            .extension(catching.clone())
            .finish();
        let validator = Validator::new(&Definition::of(schema.sdl()), false);
        let read = validator.read(query, &Bounds::of_tokens(1_000));
        let (read, _) = read.expect("within limits").expect("a document");
        let checked = validator.validate(read, query).expect("a valid document");
        let outline = &checked.operations[0].outline;
        let mut request = Request::new(query);
        request.set_parsed_query(checked.run.clone());
        let mut response = schema.execute(request).await;
        catching.0.move_to(&mut response);
        complete(&mut response, &outline.shape);
        serde_json::to_string(&response.data).expect("json")
    }

    #[tokio::test]
    async fn fields_have_the_order_of_the_document() {
        let query =
            "{ late ...f toys { a: late b: early } } fragment f on Query { inner { late early } early }";
        assert_eq!(
            data(query).await,
            r#"{"late":1,"inner":{"late":1,"early":2},"early":2,"toys":[{"a":1,"b":2},{"a":1,"b":2}]}"#
        );
    }

    #[tokio::test]
    async fn the_only_operation_runs_under_any_name() {
        assert_eq!(
            data("query Named { wanted early }").await,
            r#"{"wanted":null,"early":2}"#
        );
    }

    #[tokio::test]
    async fn a_failed_field_of_a_nullable_type_is_null() {
        assert_eq!(data("{ wanted }").await, r#"{"wanted":null}"#);
        assert_eq!(
            data("{ inner { x: wanted } early }").await,
            r#"{"inner":{"x":null},"early":2}"#
        );
        assert_eq!(
            data("{ toys { wanted early } }").await,
            r#"{"toys":[{"wanted":null,"early":2},{"wanted":null,"early":2}]}"#
        );
    }

    #[tokio::test]
    async fn a_failed_field_of_a_non_null_type_makes_its_parent_null() {
        assert_eq!(data("{ early needed }").await, "null");
        assert_eq!(
            data("{ early maybe { early inner { needed } } }").await,
            r#"{"early":2,"maybe":null}"#
        );
        assert_eq!(data("{ early toys { needed } }").await, "null");
        assert_eq!(
            data("{ maybes { early needed } }").await,
            r#"{"maybes":[null,null]}"#
        );
    }

    #[tokio::test]
    async fn an_object_whose_fields_are_all_skipped_is_empty() {
        assert_eq!(
            data("{ early inner { early @skip(if: true) } }").await,
            r#"{"early":2,"inner":{}}"#
        );
        assert_eq!(
            data("{ maybe { ...f @skip(if: true) } } fragment f on Query { early }").await,
            r#"{"maybe":{}}"#
        );
        assert_eq!(
            data("{ maybes { ... @include(if: false) { early } } }").await,
            r#"{"maybes":[{},null]}"#
        );
        assert_eq!(data("{ early @skip(if: true) }").await, "{}");
    }
}

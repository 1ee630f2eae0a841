//! Completes a response as the specification requires.
//!
//! The library omits a failed field from its object, and writes fields in the order in which they were resolved. Here a
//! failed field becomes null. If its type is not nullable, the parent object becomes null, and so on upwards. The
//! fields of every object are sorted into the order of the document, and fillers are removed.

mod filler;
mod shape;

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, Response, Value, indexmap::IndexMap};

pub use filler::{FILLER, Full};
pub use shape::{Field, Outline, Shape, kind};

/// Completes the data of a response: nulls for failed fields, the order of fields, no fillers.
pub fn complete(response: &mut Response, shape: &Shape) {
    let failed = !response.errors.is_empty();
    for error in &response.errors {
        if let Some((PathSegment::Field(key), rest)) = error.path.split_first() {
            put_null(object_of(&mut response.data), key, rest);
        }
    }
    // A request that was not run has no data.
    if response.data == Value::Null {
        return;
    }
    if object(&mut response.data, shape, failed) == Null::Forced {
        response.data = Value::Null;
    }
}

/// The fields of an object. The library writes null for an object whose fields all failed.
fn object_of(value: &mut Value) -> Option<&mut IndexMap<Name, Value>> {
    if *value == Value::Null {
        *value = Value::Object(IndexMap::new());
    }
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Writes null at the path of a failed field.
fn put_null(fields: Option<&mut IndexMap<Name, Value>>, key: &str, rest: &[PathSegment]) {
    let Some(fields) = fields else { return };
    let mut value = fields.entry(Name::new(key)).or_insert(Value::Null);
    let mut rest = rest;
    while let Some((PathSegment::Index(index), inner)) = rest.split_first() {
        let Value::List(items) = value else { return };
        let Some(item) = items.get_mut(*index) else { return };
        (value, rest) = (item, inner);
    }
    if let Some((PathSegment::Field(key), inner)) = rest.split_first() {
        put_null(object_of(value), key, inner);
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
    if shape.has_filler {
        fields.shift_remove(FILLER);
    }
    for field in &shape.fields {
        if let Some(value) = fields.get_mut(&field.key)
            && of_type(value, &field.ty, field, failed) == Null::Forced
        {
            return Null::Forced;
        }
    }
    let in_order = fields.keys().map(|key| shape.place(key)).is_sorted();
    if !in_order {
        fields.sort_by_cached_key(|key, _| shape.place(key));
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
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Result, Schema};

    use super::*;
    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

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
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let validator = Validator::new(&Definition::of(schema.sdl()), false);
        let read = validator.read(query, &Bounds::of_tokens(1_000));
        let (read, _) = read.expect("within limits").expect("a document");
        let checked = validator.validate(read, query).expect("a valid document");
        let outline = &checked.operations[0].outline;
        let mut request = Request::new(query);
        request.set_parsed_query(checked.run.clone());
        let mut response = schema.execute(request).await;
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

//! Runs the use case of a mutation, once for each idempotency key.
//!
//! Two requests are equal when they call the same mutation with the same arguments. The order of fields, the selection,
//! and whether a value is in the document or in a variable make no difference.

use std::future::Future;

use async_graphql::{Context, Value};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    context::ContextExt,
    error::Result,
    payload::{Refusal, answer},
};
use crate::service::{
    self, Services, UserError,
    idempotency::{IdempotentRequest, Outcome, once},
};

/// The argument with the idempotency key, which is not part of the compared arguments.
const KEY: &str = "idempotencyKey";

/// Runs the use case of a mutation. When a request with the same idempotency key has run before, returns its result.
pub async fn run<R, T, F>(
    ctx: &Context<'_>,
    key: Option<String>,
    request: Result<R, UserError>,
    use_case: impl FnOnce(Services, R) -> F,
) -> Result<Result<T, Refusal>>
where
    T: Outcome,
    F: Future<Output = Result<T, service::Error>> + Send,
{
    let (services, viewer) = (ctx.services(), ctx.viewer());
    let repeat = match key {
        Some(key) => IdempotentRequest::new(viewer, key, digest(ctx)?).map(Some),
        None => Ok(None),
    };
    let written = match (request, repeat) {
        (Ok(request), Ok(repeat)) => {
            once(services, viewer, repeat, |services| use_case(services, request)).await
        }
        (request, repeat) => {
            let errors = [request.err(), repeat.err()];
            Err(service::Error::Refused(errors.into_iter().flatten().collect()))
        }
    };
    answer(written)
}

/// Declares the mutations of a noun: arguments with their descriptions, the payload, and the request with the use case that
/// it runs. The outcome of the use case and a [`Refusal`] are converted with `Into` to the payload. A function after the
/// use case converts its outcome first. Every mutation has the argument `idempotencyKey`, which `keyed` describes
/// differently.
///
/// ```text
/// name(argument: Type = "Description.", …) [keyed "Description of the key."] -> Payload {
///     request => use_case [, conversion_of_the_outcome]
/// }
/// ```
///
/// `@read` is internal: it takes one mutation at a time and collects the functions in brackets.
macro_rules! mutations {
    ($(#[$about:meta])* $root:ident { $($mutations:tt)+ }) => {
        $(#[$about])*
        #[derive(Default)]
        pub struct $root;

        $crate::graphql::mutate::mutations! { @read $root [] $($mutations)+ }
    };
    (@read $root:ident [$($done:tt)+]) => {
        #[async_graphql::Object]
        impl $root {
            $($done)+
        }
    };
    (@read $root:ident [$($done:tt)*]
        $(#[$meaning:meta])*
        $name:ident($($argument:ident: $type:ty = $about:tt),* $(,)?) -> $payload:ident $body:tt
        $($rest:tt)*
    ) => {
        $crate::graphql::mutate::mutations! { @read $root [$($done)*]
            $(#[$meaning])*
            $name($($argument: $type = $about),*) keyed
                "Idempotency key: 1 to 255 characters without control characters, separate for each caller. A request \
                 repeated with the same key and arguments does not run again: it returns the first result, with the \
                 object as it is now. Keys are stored for 24 hours by default."
            -> $payload $body
            $($rest)*
        }
    };
    (@read $root:ident [$($done:tt)*]
        $(#[$meaning:meta])*
        $name:ident($($argument:ident: $type:ty = $about:tt),* $(,)?) keyed $key:tt -> $payload:ident {
            $request:expr => $use_case:path $(, $convert:path)?
        }
        $($rest:tt)*
    ) => {
        $crate::graphql::mutate::mutations! { @read $root [$($done)*
            $(#[$meaning])*
            async fn $name(
                &self,
                ctx: &async_graphql::Context<'_>,
                $(#[graphql(desc = $about)] $argument: $type,)*
                #[graphql(desc = $key)] idempotency_key: Option<String>,
            ) -> $crate::graphql::error::Result<$payload> {
                let viewer = $crate::graphql::context::ContextExt::viewer(ctx);
                let written = $crate::graphql::mutate::run(
                    ctx,
                    idempotency_key,
                    $request,
                    |services, request| async move { $use_case(&services, viewer, request).await },
                );
                Ok(written.await?$(.map($convert))?.map_or_else(Into::into, Into::into))
            }
        ] $($rest)* }
    };
}

pub(in crate::graphql) use mutations;

/// Returns a digest of the name and the arguments of the mutation.
fn digest(ctx: &Context<'_>) -> Result<String> {
    let field = ctx.field();
    let arguments = field.arguments().map_err(async_graphql::Error::from)?;
    let arguments = arguments.into_iter().filter(|(name, _)| name != KEY).collect();
    let mut text = format!("{} ", field.name());
    write(&Value::Object(arguments), &mut text);
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

/// Writes a value as JSON, with the fields of objects sorted by name. An enum value is written as a string, as in a
/// variable.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (name, value) in fields {
                write(&Value::from(name.as_str()), text);
                text.push(':');
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::List(items) => {
            text.push('[');
            for item in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Enum(name) => write(&Value::from(name.as_str()), text),
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: serde_json::Value) -> String {
        let mut text = String::new();
        write(&Value::from_json(value).expect("a value"), &mut text);
        text
    }

    #[test]
    fn the_digest_ignores_field_order_but_not_item_order() {
        assert_eq!(
            text(json!({"a": {"c": 1, "b": [1, 2]}, "d": null})),
            text(json!({"d": null, "a": {"b": [1, 2], "c": 1}}))
        );
        assert_ne!(text(json!({"a": [1, 2]})), text(json!({"a": [2, 1]})));
    }

    #[test]
    fn different_arguments_have_different_texts() {
        let values = [
            json!({}),
            json!({"a": null}),
            json!({"a": "null"}),
            json!({"a": 1}),
            json!({"a": "1"}),
            json!({"a": ["1", "2"]}),
            json!({"a": ["1,2"]}),
            json!({"a": "1", "b": "2"}),
            json!({"a": "1\",\"b\":\"2"}),
            json!({"a": {"b": 1}}),
            json!({"a": [[], []]}),
            json!({"a": [[[]]]}),
        ];
        let texts: std::collections::BTreeSet<String> = values.iter().cloned().map(text).collect();
        assert_eq!(texts.len(), values.len());
    }

    #[test]
    fn enums_in_documents_and_variables_are_equal() {
        let mut literal = String::new();
        write(&Value::Enum(async_graphql::Name::new("HIGH")), &mut literal);
        assert_eq!(literal, text(json!("HIGH")));
    }
}

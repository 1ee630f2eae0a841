//! Hides the schema from callers when introspection is off.
//!
//! `__schema` and `__type` are then refused before execution, because the library would return null without an error.
//! An error about an invalid document or value contains no name that the request did not contain: no suggestion, no
//! type of an argument, no missing field.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{Response, ServerError, Variables};

use super::limits::{self, Survey};

/// The error message for introspection fields where introspection is off.
pub const INTROSPECTION: &str = "Introspection is disabled: `__schema` and `__type` cannot be queried.";
/// Types that every schema has.
const KNOWN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
/// Replaces a hidden name.
const HIDDEN: char = '…';

/// Whether introspection is on.
#[derive(Clone, Copy, Debug)]
pub struct Disclosure {
    /// Requests may select introspection fields.
    pub introspection: bool,
}

impl Disclosure {
    /// Whether a document may run. When introspection is off, no operation may select introspection fields.
    pub fn permits(self, survey: &Survey) -> bool {
        self.introspection || !survey.introspects
    }

    /// Copies the texts of a request, from which [`Redaction`] reads the names that its caller wrote. None when
    /// introspection is on.
    pub fn written(self, text: Arc<str>, operation: Option<&str>, variables: &Variables) -> Option<Written> {
        let keep = || Written {
            text,
            operation: operation.map(str::to_owned),
            variables: variables.clone(),
        };
        (!self.introspection).then(keep)
    }
}

/// Removes errors beyond the bound from a response, and names that the caller did not write from the other errors.
#[derive(Clone, Debug)]
pub struct Redaction {
    errors_max: u64,
    /// Set when introspection is off: errors then contain no names but these.
    written: Option<Arc<Written>>,
}

impl Redaction {
    pub fn new(errors_max: u64, written: Option<Written>) -> Self {
        Self {
            errors_max,
            written: written.map(Arc::new),
        }
    }

    pub fn apply(&self, response: &mut Response) {
        limits::cut_errors(response, self.errors_max);
        if let Some(written) = &self.written {
            written.hide_others(&mut response.errors);
        }
    }
}

/// The texts of a request.
#[derive(Debug)]
pub struct Written {
    text: Arc<str>,
    operation: Option<String>,
    variables: Variables,
}

impl Written {
    /// Hides every name that the caller did not write in the errors of libraries, and in errors about documents and
    /// values. Errors with a code contain no such names.
    fn hide_others(&self, errors: &mut [ServerError]) {
        let has_code = |error: &ServerError| {
            error
                .extensions
                .as_ref()
                .is_some_and(|all| all.get("code").is_some())
        };
        let mut errors = errors.iter_mut().filter(|error| !has_code(error)).peekable();
        if errors.peek().is_none() {
            return;
        }
        let variables = serde_json::to_string(&self.variables).unwrap_or_default();
        let texts = [
            &*self.text,
            self.operation.as_deref().unwrap_or_default(),
            &variables,
        ];
        let written: HashSet<&str> = texts.into_iter().flat_map(words).chain(KNOWN).collect();
        for error in errors {
            error.message = without_others(&error.message, &written);
        }
    }
}

/// The names in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !is_of_name(character))
        .filter(|word| !word.is_empty())
}

fn is_of_name(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric()
}

/// Replaces the names that were not written. Names are in quotes, inside brackets of types, and in paths with dots: the
/// characters next to a word distinguish a name from prose, and quotes in a request do not affect them.
fn without_others(message: &str, written: &HashSet<&str>) -> String {
    let message = message.split(" Did you mean").next().unwrap_or_default();
    let mut redacted = String::with_capacity(message.len());
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest
            .find(|character| !is_of_name(character))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let before = message[..message.len() - rest.len()].chars().next_back();
        // A word that begins with a digit is an index or a number.
        let is_none = word.is_empty() || word.starts_with(|first: char| first.is_ascii_digit());
        if is_none || written.contains(word) || !is_name(before, after) {
            redacted.push_str(word);
        } else {
            redacted.push(HIDDEN);
        }
        let mut characters = after.chars();
        redacted.extend(characters.next());
        rest = characters.as_str();
    }
    redacted
}

/// Whether a word is in the position of a name.
fn is_name(before: Option<char>, after: &str) -> bool {
    let mut after = after.chars();
    let marks =
        |character: Option<char>| character.is_some_and(|character| "\"'`[]!.$@:".contains(character));
    match after.next() {
        // Prose also contains a dot, a colon or an exclamation mark after a word.
        Some('.' | ':' | '!') => {
            marks(before)
                || after
                    .next()
                    .is_some_and(|next| is_of_name(next) || "\"]!".contains(next))
        }
        next => marks(before) || marks(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

    fn redacted(message: &str, written: &str) -> String {
        without_others(message, &words(written).chain(KNOWN).collect())
    }

    #[test]
    fn names_that_were_not_written_are_hidden_in_every_form_of_message() {
        for (message, expected) in [
            (
                r#"Unknown field "kin" on type "Viewer". Did you mean "kind"?"#,
                r#"Unknown field "kin" on type "…"."#,
            ),
            (
                r#"Invalid value for argument "a.b.0", expected type "[Secret!]!""#,
                r#"Invalid value for argument "a.b.0", expected type "[…!]!""#,
            ),
            (
                r#"Field "a" argument "input" of type "Int!" is required but not provided"#,
                r#"Field "a" argument "…" of type "Int!" is required but not provided"#,
            ),
            (
                r#"Failed to parse "Secret": invalid "a" (occurred while parsing "Other")"#,
                r#"Failed to parse "…": invalid "a" (occurred while parsing "…")"#,
            ),
            // A quote in a name of the caller has no effect.
            (
                r#"Unknown "a"" of type "Secret" here."#,
                r#"Unknown "a"" of type "…" here."#,
            ),
        ] {
            assert_eq!(redacted(message, "kin a b"), expected);
        }
    }

    #[test]
    fn sentences_without_names_are_unchanged() {
        for message in [
            "Operation name required in request.",
            "The Upload type is only allowed to be defined on a mutation",
            "Schema is not configured for mutations.",
        ] {
            assert_eq!(redacted(message, "a"), message);
        }
    }

    #[test]
    fn introspection_is_refused_at_any_depth() {
        let off = Disclosure { introspection: false };
        let on = Disclosure { introspection: true };
        let sdl = "type Query { a(schema: String): Query  schema: Int  type: Int }";
        let validator = Validator::new(&Definition::of(sdl), false);
        for (query, introspects) in [
            ("{ __schema { types { name } } }", true),
            ("{ a: __type(name: \"Query\") { name } }", true),
            (
                "{ ... { ...f } } fragment f on Query { x: __schema { types { name } } }",
                true,
            ),
            (
                "query A { a { type } } query B { a { ... on Query { __type(name: \"D\") { name } } } }",
                true,
            ),
            ("{ __typename a { __typename } schema type }", false),
            ("{ a(schema: \"__schema\") { type } } # __schema", false),
        ] {
            let read = validator.read(query, &Bounds::of_tokens(1_000));
            let (_, survey) = read.expect("within limits").expect("a document");
            assert_eq!(off.permits(&survey), !introspects, "{query}");
            assert!(on.permits(&survey), "{query}");
        }
    }
}

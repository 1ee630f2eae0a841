//! What is disclosed of the schema.
//!
//! Where introspection is off, `__schema` and `__type` are refused before the library runs anything: it would answer null
//! without a word. And what is said of a wrong document or value holds no name that did not stand in the request: no
//! suggestion, no type of an argument, no field that is missing.

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
    /// Introspection fields are answered.
    pub introspection: bool,
}

impl Disclosure {
    /// Whether a document may run: where introspection is off, it must not select introspection fields in any operation.
    pub fn permits(self, survey: &Survey) -> bool {
        self.introspection || !survey.introspects
    }

    /// Keeps the texts of a request where they are needed to know the names that its caller wrote.
    pub fn written(self, text: Arc<str>, operation: Option<&str>, variables: &Variables) -> Option<Written> {
        let keep = || Written {
            text,
            operation: operation.map(str::to_owned),
            variables: variables.clone(),
        };
        (!self.introspection).then(keep)
    }
}

/// What is removed from the errors of an answer: those beyond the bound, and names that its caller did not write.
#[derive(Clone, Debug)]
pub struct Redaction {
    errors_max: u64,
    /// Where introspection is off: errors may name nothing else.
    written: Option<Arc<Written>>,
}

impl Redaction {
    /// For a request with these texts.
    pub fn new(errors_max: u64, written: Option<Written>) -> Self {
        Self {
            errors_max,
            written: written.map(Arc::new),
        }
    }

    /// Removes it.
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
    /// Hides every name that the caller did not write in the errors of libraries, and in errors about documents and values.
    /// Errors with a code name nothing else.
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

/// A message without the names that were not written. Names are in quotes, inside brackets of types, and in paths with
/// dots: the characters next to a word distinguish it from prose, and quotes in a request cannot shift them.
fn without_others(message: &str, written: &HashSet<&str>) -> String {
    let message = message.split(" Did you mean").next().unwrap_or_default();
    let mut told = String::with_capacity(message.len());
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest
            .find(|character| !is_of_name(character))
            .unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let before = message[..message.len() - rest.len()].chars().next_back();
        // A word that begins with a digit is an index or a number.
        let is_none = word.is_empty() || word.starts_with(|first: char| first.is_ascii_digit());
        if is_none || written.contains(word) || !is_name(before, behind) {
            told.push_str(word);
        } else {
            told.push(HIDDEN);
        }
        let mut characters = behind.chars();
        told.extend(characters.next());
        rest = characters.as_str();
    }
    told
}

/// Whether a word is in the position of a name.
fn is_name(before: Option<char>, behind: &str) -> bool {
    let mut behind = behind.chars();
    let marks =
        |character: Option<char>| character.is_some_and(|character| "\"'`[]!.$@:".contains(character));
    match behind.next() {
        // A dot, a colon or a mark at the end of a sentence is no sign of a name.
        Some('.' | ':' | '!') => {
            marks(before)
                || behind
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

    fn told(message: &str, written: &str) -> String {
        without_others(message, &words(written).chain(KNOWN).collect())
    }

    #[test]
    fn names_that_were_not_written_are_hidden_in_every_form_in_which_the_library_writes_them() {
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
            // A quote of the caller shifts nothing.
            (
                r#"Unknown "a"" of type "Secret" here."#,
                r#"Unknown "a"" of type "…" here."#,
            ),
        ] {
            assert_eq!(told(message, "kin a b"), expected);
        }
    }

    #[test]
    fn sentences_stay_as_they_are() {
        for message in [
            "Operation name required in request.",
            "The Upload type is only allowed to be defined on a mutation",
            "Schema is not configured for mutations.",
        ] {
            assert_eq!(told(message, "a"), message);
        }
    }

    #[test]
    fn introspection_is_refused_at_any_depth() {
        let off = Disclosure { introspection: false };
        let on = Disclosure { introspection: true };
        let sdl = "type Query { a(schema: String): Query  schema: Int  type: Int }";
        let validator = Validator::new(&Definition::of(sdl), false);
        for (query, asks) in [
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
            assert_eq!(off.permits(&survey), !asks, "{query}");
            assert!(on.permits(&survey), "{query}");
        }
    }
}

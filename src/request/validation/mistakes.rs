//! The mistakes of a document, as errors of an answer.
//!
//! A document of a megabyte can hold thousands of mistakes, or names as long as itself. So the number of errors, and the
//! length of names in them, are bounded.

use apollo_compiler::{
    diagnostic::ToCliReport,
    validation::{DiagnosticData, DiagnosticList},
};
use async_graphql::{Pos, Response, ServerError};

use super::{places::Places, suggestions::Suggestions};
use crate::request::limits::add_left_out;

/// The number of errors of one document that are reported.
const TOLD_MAX: usize = 100;
/// The length of a name, or of anything else in quotes, in characters.
const QUOTED_MAX: usize = 100;

/// The length of a message, in characters: a value in it may itself hold any number of quotes.
const MESSAGE_MAX: usize = 1_000;

/// Errors that only follow from a part of the document that was left out.
const CONSEQUENCES: [&str; 3] = ["MissingSubselection", "UnusedFragment", "UnusedVariable"];

/// apollo-compiler counts the selections of a subscription, where the specification counts the fields that they come to;
/// [`single_root`](super::single_root) does.
const COUNTED_ELSEWHERE: &str = "SubscriptionUsesMultipleFields";

/// The mistakes of a document.
#[derive(Clone, Debug, Default)]
pub struct Mistakes {
    told: Vec<ServerError>,
    left_out: usize,
}

impl Mistakes {
    /// The mistakes that the compiler found in a text.
    pub fn of(found: &DiagnosticList, text: &str, suggestions: Option<Suggestions<'_>>) -> Self {
        Self::told(found, text, suggestions, |_| true)
    }

    /// The first syntax error of a text: the others mostly follow from it.
    pub fn of_syntax(found: &DiagnosticList, text: &str) -> Self {
        let mut mistakes = Self::of(found, text, None);
        mistakes.told.truncate(1);
        mistakes.left_out = 0;
        mistakes
    }

    /// The mistakes of a document from which unknown parts were left out.
    pub fn of_partial(found: &DiagnosticList, text: &str, suggestions: Option<Suggestions<'_>>) -> Self {
        Self::told(found, text, suggestions, |name| !CONSEQUENCES.contains(&name))
    }

    fn told(
        found: &DiagnosticList,
        text: &str,
        mut suggestions: Option<Suggestions<'_>>,
        is_told: impl Fn(&str) -> bool,
    ) -> Self {
        let places = Places::of(text);
        let mut mistakes = Self::default();
        for diagnostic in found.iter() {
            let error = diagnostic.error;
            let name = error.unstable_error_name().unwrap_or_default();
            if name == COUNTED_ELSEWHERE || !is_told(name) {
                continue;
            }
            let pos = error.location().map(|span| places.at(span.offset()));
            mistakes.add(pos, || match &mut suggestions {
                Some(suggestions) => suggestions.add(name, message(error)),
                None => message(error),
            });
        }
        mistakes
    }

    /// Adds a mistake. Its message is only made if it is reported.
    pub fn add(&mut self, pos: Option<Pos>, message: impl FnOnce() -> String) {
        if self.told.len() < TOLD_MAX {
            self.told.push(ServerError::new(cut(&message()), pos));
        } else {
            self.left_out += 1;
        }
    }

    /// Adds the mistakes of another check.
    pub fn and(mut self, others: Self) -> Self {
        let room = TOLD_MAX.saturating_sub(self.told.len());
        self.left_out += others.left_out + others.told.len().saturating_sub(room);
        self.told.extend(others.told.into_iter().take(room));
        self
    }

    /// The number of mistakes, reported or not.
    pub fn count(&self) -> usize {
        self.told.len() + self.left_out
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The first one.
    pub fn first(&self) -> Option<&ServerError> {
        self.told.first()
    }

    /// The answer to a request that is refused for them.
    pub fn response(&self) -> Response {
        let mut response = Response::from_errors(self.told.clone());
        add_left_out(&mut response, self.left_out);
        response
    }

    /// Succeeds if there are none.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// A mistake as a sentence, with names of the schema in quotes only: they are hidden where introspection is off.
fn message(error: &DiagnosticData) -> String {
    let plain = || {
        let text = error.to_string();
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect()
    };
    let mut message = match error.unstable_error_name() {
        Some("UnsupportedValueType") => value(&error.to_string()),
        _ => error.unstable_compat_message().unwrap_or_else(plain),
    };
    if !message.ends_with(['.', '?']) {
        message.push('.');
    }
    message
}

/// `expected value of type T, found a string`, with the type in quotes.
fn value(plain: &str) -> String {
    let told = plain.strip_prefix("expected value of type ");
    match told.and_then(|told| told.split_once(", found ")) {
        Some((ty, found)) => format!("Expected a value of type \"{ty}\", found {found}"),
        None => "A value is not of the type of its place".to_owned(),
    }
}

/// A message of bounded length, with quoted parts of bounded length.
fn cut(message: &str) -> String {
    let mut told = String::new();
    for (n, part) in message.split('"').enumerate() {
        if told.len() > 4 * MESSAGE_MAX {
            break;
        }
        if n > 0 {
            told.push('"');
        }
        match part.char_indices().nth(QUOTED_MAX) {
            Some((end, _)) if n % 2 == 1 || part.len() > 3 * QUOTED_MAX => {
                told.push_str(&part[..end]);
                told.push('…');
            }
            _ => told.push_str(part),
        }
    }
    if let Some((end, _)) = told.char_indices().nth(MESSAGE_MAX) {
        told.truncate(end);
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_mistakes_are_told_and_the_others_counted() {
        let mut mistakes = Mistakes::default();
        let mut made = 0;
        for _ in 0..250 {
            mistakes.add(None, || {
                made += 1;
                "Wrong.".to_owned()
            });
        }
        let response = mistakes.response();
        assert_eq!((response.errors.len(), made), (100, 100));
        assert_eq!(response.extensions["errorsLeftOut"], 150.into());
    }

    #[test]
    fn what_is_quoted_is_told_up_to_a_hundred_characters() {
        let name = "é".repeat(101);
        let message = format!(r#"Cannot query field "{name}" on type "Query"."#);
        let expected = format!(r#"Cannot query field "{}…" on type "Query"."#, "é".repeat(100));
        assert_eq!(cut(&message), expected);
        let short = format!(r#"Unknown "{}"."#, "a".repeat(100));
        assert_eq!(cut(&short), short);
    }

    #[test]
    fn a_message_is_told_up_to_a_thousand_characters() {
        for many in ["\"", "é\"", "\\\""] {
            let told = cut(&format!("Found {}.", many.repeat(1 << 20)));
            assert_eq!(told.chars().count(), 1_001, "{many}");
            assert!(told.ends_with('…'), "{many}");
        }
        let short = format!("Found {}", "\"é".repeat(497));
        assert_eq!(cut(&short), short);
    }

    #[test]
    fn the_type_that_was_expected_stands_in_quotes() {
        assert_eq!(
            value("expected value of type [Toy!], found a string"),
            r#"Expected a value of type "[Toy!]", found a string"#
        );
    }
}

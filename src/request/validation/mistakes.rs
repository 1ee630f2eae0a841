//! The mistakes of a document, as errors of a response.
//!
//! A document of a megabyte can contain thousands of mistakes, or a name of nearly a megabyte. So the number of errors
//! and the length of names in them are bounded.

use apollo_compiler::{
    diagnostic::ToCliReport,
    validation::{DiagnosticData, DiagnosticList},
};
use async_graphql::{Pos, Response, ServerError};

use super::{places::Places, suggestions::Suggestions};
use crate::request::limits::add_left_out;

/// The maximum number of errors that are reported for one document.
const REPORTED_MAX: usize = 100;
/// The maximum length of quoted text, in characters.
const QUOTED_MAX: usize = 100;

/// The maximum length of a message, in characters. A quoted value can itself contain any number of quotes.
const MESSAGE_MAX: usize = 1_000;

/// Errors that can be a consequence of a part that was omitted from the document.
const CONSEQUENCES: [&str; 3] = ["MissingSubselection", "UnusedFragment", "UnusedVariable"];

/// apollo-compiler counts the selections of a subscription, but the specification counts response keys;
/// [`single_root`](super::single_root) checks them.
const COUNTED_ELSEWHERE: &str = "SubscriptionUsesMultipleFields";

/// The mistakes of a document.
#[derive(Clone, Debug, Default)]
pub struct Mistakes {
    reported: Vec<ServerError>,
    left_out: usize,
}

impl Mistakes {
    /// The mistakes that the compiler found in a text.
    pub fn of(found: &DiagnosticList, text: &str, suggestions: Option<Suggestions<'_>>) -> Self {
        Self::collect(found, text, suggestions, |_| true)
    }

    /// The first syntax error of a text. Most others are consequences of it.
    pub fn of_syntax(found: &DiagnosticList, text: &str) -> Self {
        let mut mistakes = Self::of(found, text, None);
        mistakes.reported.truncate(1);
        mistakes.left_out = 0;
        mistakes
    }

    /// The mistakes of a document from which unknown parts were omitted.
    pub fn of_partial(found: &DiagnosticList, text: &str, suggestions: Option<Suggestions<'_>>) -> Self {
        Self::collect(found, text, suggestions, |name| !CONSEQUENCES.contains(&name))
    }

    fn collect(
        found: &DiagnosticList,
        text: &str,
        mut suggestions: Option<Suggestions<'_>>,
        is_reported: impl Fn(&str) -> bool,
    ) -> Self {
        let places = Places::of(text);
        let mut mistakes = Self::default();
        for diagnostic in found.iter() {
            let error = diagnostic.error;
            let name = error.unstable_error_name().unwrap_or_default();
            if name == COUNTED_ELSEWHERE || !is_reported(name) {
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

    /// Adds a mistake. Its message is only created if it is reported.
    pub fn add(&mut self, pos: Option<Pos>, message: impl FnOnce() -> String) {
        if self.reported.len() < REPORTED_MAX {
            self.reported.push(ServerError::new(cut(&message()), pos));
        } else {
            self.left_out += 1;
        }
    }

    pub fn and(mut self, others: Self) -> Self {
        let room = REPORTED_MAX.saturating_sub(self.reported.len());
        self.left_out += others.left_out + others.reported.len().saturating_sub(room);
        self.reported.extend(others.reported.into_iter().take(room));
        self
    }

    /// The number of mistakes, reported or not.
    pub fn count(&self) -> usize {
        self.reported.len() + self.left_out
    }

    pub fn is_empty(&self) -> bool {
        self.reported.is_empty()
    }

    pub fn first(&self) -> Option<&ServerError> {
        self.reported.first()
    }

    /// The response to a request with these mistakes.
    pub fn response(&self) -> Response {
        let mut response = Response::from_errors(self.reported.clone());
        add_left_out(&mut response, self.left_out);
        response
    }

    /// Succeeds if no mistake was found.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// The error message for a mistake. Names of the schema are in quotes, so that [`Redaction`](crate::request::Redaction)
/// finds them.
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

/// Puts the type in quotes in a message such as `expected value of type T, found a string`.
fn value(plain: &str) -> String {
    let rest = plain.strip_prefix("expected value of type ");
    match rest.and_then(|rest| rest.split_once(", found ")) {
        Some((ty, found)) => format!("Expected a value of type \"{ty}\", found {found}"),
        None => "A value does not have the type of its position".to_owned(),
    }
}

/// Shortens a message and its quoted parts to their maximum lengths.
fn cut(message: &str) -> String {
    let mut short = String::new();
    for (n, part) in message.split('"').enumerate() {
        if short.len() > 4 * MESSAGE_MAX {
            break;
        }
        if n > 0 {
            short.push('"');
        }
        match part.char_indices().nth(QUOTED_MAX) {
            Some((end, _)) if n % 2 == 1 || part.len() > 3 * QUOTED_MAX => {
                short.push_str(&part[..end]);
                short.push('…');
            }
            _ => short.push_str(part),
        }
    }
    if let Some((end, _)) = short.char_indices().nth(MESSAGE_MAX) {
        short.truncate(end);
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_mistakes_are_reported_and_the_others_counted() {
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
    fn quoted_text_is_cut_after_a_hundred_characters() {
        let name = "é".repeat(101);
        let message = format!(r#"Cannot query field "{name}" on type "Query"."#);
        let expected = format!(r#"Cannot query field "{}…" on type "Query"."#, "é".repeat(100));
        assert_eq!(cut(&message), expected);
        let short = format!(r#"Unknown "{}"."#, "a".repeat(100));
        assert_eq!(cut(&short), short);
    }

    #[test]
    fn a_message_is_cut_after_a_thousand_characters() {
        for many in ["\"", "é\"", "\\\""] {
            let long = cut(&format!("Found {}.", many.repeat(1 << 20)));
            assert_eq!(long.chars().count(), 1_001, "{many}");
            assert!(long.ends_with('…'), "{many}");
        }
        let short = format!("Found {}", "\"é".repeat(497));
        assert_eq!(cut(&short), short);
    }

    #[test]
    fn the_expected_type_is_put_in_quotes() {
        assert_eq!(
            value("expected value of type [Toy!], found a string"),
            r#"Expected a value of type "[Toy!]", found a string"#
        );
    }
}

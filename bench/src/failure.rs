//! An error as a sentence.

use std::{error::Error, fmt};

/// The reason why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

/// Result of an operation.
pub type Done<T = ()> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors already contain their cause.
            if !sentence.contains(&text) {
                sentence = format!("{sentence}: {text}");
            }
            cause = error.source();
        }
        Self(sentence)
    }
}

/// Adds the attempted operation to an error.
pub trait Trying<T> {
    /// Puts `what` before the error.
    fn trying(self, what: impl fmt::Display) -> Done<T>;
}

impl<T, E: Into<Failure>> Trying<T> for Result<T, E> {
    fn trying(self, what: impl fmt::Display) -> Done<T> {
        self.map_err(|error| Failure(format!("{what}: {}", error.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_attempt_and_its_cause() {
        let failed = "x".parse::<u8>().trying("read a number");
        assert_eq!(
            failed.map_err(|failure| failure.to_string()),
            Err("read a number: invalid digit found in string".to_owned())
        );
    }
}

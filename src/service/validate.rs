//! Validates values. Collects all errors, so that the caller receives them at once.

use std::str::FromStr;

use entity::Tags;

use super::{Error, Patch, UserError, UserErrorCode, wording};

/// Maximum length of an email address in characters.
pub const EMAIL_MAX: usize = 254;
/// Maximum length of a name, company, job title or location in characters.
pub const LINE_MAX: usize = 300;
/// Maximum length of a subject in characters.
pub const SUBJECT_MAX: usize = 500;
/// Maximum length of a source, channel, resolution type or phone number in characters.
pub const WORD_MAX: usize = 64;
/// Maximum length of the URL of a picture in characters.
pub const URL_MAX: usize = 2_000;
/// Maximum length of an id of another system in characters.
pub const EXTERNAL_ID_MAX: usize = 255;
/// Maximum length of internal notes in characters.
pub const NOTES_MAX: usize = 20_000;
/// Maximum number of tags of one object.
pub const TAGS_MAX: usize = 50;

/// Collects errors in the arguments of one use case.
#[derive(Debug, Default)]
pub struct Checks(Vec<UserError>);

impl Checks {
    pub fn add(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// Fails if there are any errors.
    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(self.0))
        }
    }

    /// Validates a required text: not blank, at most `max` characters, no NUL.
    pub fn required(&mut self, text: &str, max: usize, path: &[&str]) {
        if text.trim().is_empty() {
            self.add(UserError::of(UserErrorCode::Required, wording::REQUIRED, path));
        } else {
            self.text(text, max, path);
        }
    }

    /// Validates a text: at most `max` characters, no NUL.
    pub fn text(&mut self, text: &str, max: usize, path: &[&str]) {
        if text.contains('\0') {
            self.add(UserError::of(UserErrorCode::Invalid, wording::NUL, path));
        }
        let length = text.chars().count();
        if length > max {
            let why = wording::too_long(length, "characters", max);
            self.add(UserError::of(UserErrorCode::TooLong, &why, path));
        }
    }

    /// Validates a long text: at most `max` bytes, no NUL, and not blank unless it may be empty.
    pub fn long_text(&mut self, text: &str, max: usize, may_be_empty: bool, path: &[&str]) {
        if text.len() > max {
            let why = wording::too_long(text.len(), "bytes", max);
            self.add(UserError::of(UserErrorCode::TooLong, &why, path));
        } else if may_be_empty {
            self.text(text, max, path);
        } else {
            self.required(text, max, path);
        }
    }

    /// Validates an optional line. A blank line counts as cleared.
    pub fn line(&mut self, patch: Patch<String>, max: usize, path: &[&str]) -> Patch<String> {
        match patch {
            Patch::Set(text) if text.trim().is_empty() && !text.contains('\0') => Patch::Clear,
            Patch::Set(text) => {
                self.text(&text, max, path);
                Patch::Set(text)
            }
            other => other,
        }
    }

    /// Validates a required field in an update: it cannot be cleared.
    pub fn kept<T>(&mut self, patch: &Patch<T>, path: &[&str]) {
        if matches!(patch, Patch::Clear) {
            let why = "cannot be null. Leave it out to keep the current value.";
            self.add(UserError::of(UserErrorCode::Required, why, path));
        }
    }

    pub fn email(&mut self, email: &str, path: &[&str]) {
        if email.is_empty() {
            self.add(UserError::of(UserErrorCode::Required, wording::REQUIRED, path));
            return;
        }
        let length = email.chars().count();
        if length > EMAIL_MAX {
            let why = wording::too_long(length, "characters", EMAIL_MAX);
            self.add(UserError::of(UserErrorCode::TooLong, &why, path));
        } else if !is_email(email) {
            let why = "is not a valid email address.";
            self.add(UserError::of(UserErrorCode::Invalid, why, path));
        }
    }

    pub fn timezone(&mut self, name: &str, path: &[&str]) {
        if chrono_tz::Tz::from_str(name).is_err() {
            self.add(UserError::of(UserErrorCode::Invalid, wording::TIME_ZONE, path));
        }
    }

    /// Validates tags and returns them trimmed, each once, in the order of the input.
    pub fn tags(&mut self, tags: Vec<String>, path: &[&str]) -> Tags {
        if tags.len() > TAGS_MAX {
            let why = wording::too_many(tags.len(), "entries", TAGS_MAX);
            self.add(UserError::of(UserErrorCode::TooLong, &why, path));
            return Tags::default();
        }
        let mut kept: Vec<String> = Vec::with_capacity(tags.len());
        for (index, tag) in tags.into_iter().enumerate() {
            let index = index.to_string();
            let path: Vec<&str> = path.iter().copied().chain([index.as_str()]).collect();
            self.required(&tag, WORD_MAX, &path);
            let tag = tag.trim();
            if !kept.iter().any(|other| other == tag) {
                kept.push(tag.to_owned());
            }
        }
        Tags(kept)
    }
}

/// Whether a text has the form of an email address, without a display name.
pub fn is_email(text: &str) -> bool {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal();
    let is_short = text.chars().count() <= EMAIL_MAX;
    is_short && !text.contains('\0') && email_address::EmailAddress::parse_with_options(text, options).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_email_addresses_are_accepted() {
        for good in [
            "a@example.com",
            "søren@example.com",
            "o'brien+tag@mail.example.org",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@example.com",
            "a b@example.com",
            "Ann <a@example.com>",
            "a@example.com\0",
            "a@[1.2.3.4]",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn tags_are_trimmed_and_deduplicated() {
        let mut checks = Checks::default();
        let tags = checks.tags(vec![" vip ".into(), "vip".into(), "new".into()], &["tags"]);
        assert_eq!(tags, Tags(vec!["vip".into(), "new".into()]));
        checks.finish().expect("fine");
    }

    #[test]
    fn every_error_is_reported_with_its_path() {
        let mut checks = Checks::default();
        checks.required("  ", 10, &["input", "subject"]);
        checks.timezone("Mars/Olympus", &["input", "timezone"]);
        checks.tags(vec![String::new()], &["input", "tags"]);
        let Err(Error::Refused(errors)) = checks.finish() else {
            panic!("refused")
        };
        let paths: Vec<String> = errors.iter().map(|error| error.path.join(".")).collect();
        assert_eq!(paths, ["input.subject", "input.timezone", "input.tags.0"]);
    }
}

//! Formats errors of the settings loader as sentences without secrets.

use figment::error::Kind;

/// Settings whose values are never printed.
const SECRET: [&str; 4] = ["database_password", "database_url", "jwt_secret", "nats_url"];

/// Formats an error of the loader, which can contain several, as text.
pub(super) fn explain(error: figment::Error) -> String {
    error
        .into_iter()
        .map(|one| {
            let name = if one.path.is_empty() {
                String::new()
            } else {
                format!("{}: ", one.path.join("."))
            };
            let from = one
                .metadata
                .as_ref()
                .map(|source| format!(" (from {})", source.name))
                .unwrap_or_default();
            let reason = reason(&one);
            format!("{name}{}{from}.", reason.trim_end_matches('.'))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn reason(error: &figment::Error) -> String {
    let is_secret = error.path.iter().any(|name| SECRET.contains(&name.as_str()));
    match &error.kind {
        Kind::InvalidType(..) | Kind::InvalidValue(..) if is_secret => {
            "The value must be a quoted string".to_owned()
        }
        Kind::Message(message) => without_source(message),
        kind => kind.to_string(),
    }
}

/// Removes the quoted source lines from a parser error, because they can contain a password.
fn without_source(message: &str) -> String {
    let is_source = |line: &str| {
        let line = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        line.trim_start().starts_with('|')
    };
    let said = message.lines().filter(|line| !is_source(line));
    said.collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format, Serialized, Toml},
    };

    use super::*;
    use crate::config::Settings;

    fn explained(file: &str) -> String {
        let settings = Figment::from(Serialized::defaults(Settings::default())).merge(Toml::string(file));
        explain(settings.extract::<Settings>().expect_err("refused"))
    }

    #[test]
    fn no_secret_is_printed() {
        for (file, expected) in [
            (
                "database_password = 4711",
                "database_password: The value must be a quoted string",
            ),
            (
                "jwt_secret = 47110000000000",
                "jwt_secret: The value must be a quoted string",
            ),
            (
                "database_password = se4711",
                "TOML parse error at line 1, column 21: ",
            ),
            (
                "offset_max = \"x\"",
                "offset_max: invalid type: found string \"x\"",
            ),
        ] {
            let sentence = explained(file);
            assert!(sentence.starts_with(expected), "{sentence}");
            assert!(!sentence.contains("4711"), "{sentence}");
        }
    }
}

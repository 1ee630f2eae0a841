//! The database password, if it is not part of the URL.

use std::{env::VarError, fs};

use url::Url;

use super::{Secret, Settings};

/// Reads the password from the environment, unchanged. An error is a sentence.
#[expect(clippy::disallowed_methods, reason = "this is where settings come from")]
pub(super) fn from_environment() -> Result<Option<Secret>, String> {
    match std::env::var("DESKGRAPH_DATABASE_PASSWORD") {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(VarError::NotPresent) => Ok(None),
        // The error omits the value.
        Err(VarError::NotUnicode(_)) => Err("database_password: The value is not valid UTF-8.".to_owned()),
    }
}

impl Settings {
    /// Adds the password to the database URL. It comes from the environment, else from the setting, else from
    /// the file. A file in addition to one of the others is an error. An error is a sentence.
    pub(super) fn take_password(&mut self, given: Option<Secret>) -> Result<(), String> {
        let set = self.database_password.take();
        let password = match (&self.database_password_file, given.or(set)) {
            (None, None) => return Ok(()),
            (Some(_), Some(_)) => {
                return Err(
                    "database_password_file: This setting cannot be combined with database_password."
                        .to_owned(),
                );
            }
            (None, Some(password)) => password.reveal().to_owned(),
            (Some(file), None) => {
                let text = fs::read_to_string(file).map_err(|error| {
                    format!("database_password_file: Cannot read {}: {error}.", file.display())
                })?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                line.strip_suffix('\r').unwrap_or(line).to_owned()
            }
        };
        let from = if self.database_password_file.is_some() {
            "database_password_file"
        } else {
            "database_password"
        };
        if password.is_empty() {
            return Err(format!("{from}: The password is empty."));
        }
        let url = with_password(self.database_url.reveal(), &password);
        self.database_url = url.map_err(|why| format!("{from}: {why}"))?;
        Ok(())
    }
}

/// Adds the password to a URL as a query parameter, which works for every form of URL.
fn with_password(url: &str, password: &str) -> Result<Secret, &'static str> {
    if url.starts_with("sqlite") {
        return Err("A password requires PostgreSQL. SQLite databases have no password.");
    }
    let mut url = Url::parse(url)
        .map_err(|_| "A separate password requires a database_url of the form postgres://USER@HOST/NAME.")?;
    if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
        return Err("database_url already contains a password. Remove one of the two.");
    }
    url.query_pairs_mut().append_pair("password", password);
    Ok(Secret::new(url))
}

#[cfg(test)]
mod tests {
    use std::{io::Write, path::PathBuf};

    use super::*;

    fn url_with_password(url: &str, password: Option<&str>, file: Option<PathBuf>) -> Result<String, String> {
        let mut settings = Settings {
            database_url: Secret::new(url),
            database_password: password.map(Secret::new),
            database_password_file: file,
            ..Settings::default()
        };
        settings.take_password(None)?;
        assert_eq!(settings.database_password, None);
        Ok(settings.database_url.reveal().to_owned())
    }

    #[test]
    fn the_password_is_added_to_the_database_url() {
        for (url, password, expected) in [
            (
                "postgres://ada@db/desk",
                "0123",
                "postgres://ada@db/desk?password=0123",
            ),
            (
                "postgres:///desk?host=/run/pg",
                "p@ss w/ö&d",
                "postgres:///desk?host=/run/pg&password=p%40ss+w%2F%C3%B6%26d",
            ),
            ("postgres://ada:x@db/desk", "0123", ""),
            ("postgres://ada@db/desk?password=x", "0123", ""),
            ("sqlite://desk.db", "0123", ""),
            ("postgres://ada@db/desk", "", ""),
        ] {
            let refused = url_with_password(url, Some(password), None);
            if expected.is_empty() {
                let sentence = refused.unwrap_err();
                assert!(sentence.starts_with("database_password: "), "{sentence}");
                assert!(
                    !sentence.contains("0123") && !sentence.contains("ada"),
                    "{sentence}"
                );
            } else {
                assert_eq!(refused.as_deref(), Ok(expected));
            }
        }
    }

    #[test]
    fn the_environment_overrides_the_password_in_the_settings_file() {
        let mut settings = Settings {
            database_url: Secret::new("postgres://ada@db/desk"),
            database_password: Some(Secret::new("old")),
            ..Settings::default()
        };
        settings.take_password(Some(Secret::new("new"))).expect("taken");
        assert_eq!(
            settings.database_url.reveal(),
            "postgres://ada@db/desk?password=new"
        );
        assert!(!format!("{settings:?}").contains("new"));
    }

    #[test]
    fn a_password_file_may_end_with_a_newline() {
        for text in ["secret ", "secret \n", "secret \r\n"] {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            let url = url_with_password("postgres://ada@db/desk", None, Some(file.path().into()));
            assert_eq!(url.as_deref(), Ok("postgres://ada@db/desk?password=secret+"));
            let both = url_with_password("postgres://ada@db/desk", Some("x"), Some(file.path().into()));
            assert_eq!(
                both.unwrap_err(),
                "database_password_file: This setting cannot be combined with database_password."
            );
        }
        let missing = url_with_password("postgres://ada@db/desk", None, Some("/nowhere/password".into()));
        assert!(
            missing
                .unwrap_err()
                .starts_with("database_password_file: Cannot read /nowhere/password")
        );
    }
}

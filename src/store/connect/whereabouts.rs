//! Location of a database for messages, without its password.

use std::path::PathBuf;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use url::Url;

/// File of a `SQLite` URL. `None` for a database in memory or on a server.
fn file_of(url: &str) -> Option<PathBuf> {
    let is_file = url.starts_with("sqlite") && !url.contains(":memory:") && !url.contains("mode=memory");
    let options: SqliteConnectOptions = url.parse().ok().filter(|_| is_file)?;
    Some(options.get_filename().to_owned())
}

/// File of a URL if it does not exist.
pub fn missing_file(url: &str) -> Option<PathBuf> {
    file_of(url).filter(|file| !file.exists())
}

/// Explains why a database cannot be opened, with its location and the next step.
pub fn explain(url: &str, cause: &str) -> String {
    if let Some(file) = file_of(url) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        return match folder {
            Some(folder) if !folder.is_dir() => {
                format!(
                    "The folder {} for {} does not exist. Create it first.",
                    folder.display(),
                    file.display()
                )
            }
            _ => format!(
                "{}: {cause}. Check that the file is a SQLite database, and that this user can write the file and its folder.",
                file.display()
            ),
        };
    }
    let server = Url::parse(url).ok().and_then(|url| {
        let host = url.host_str().filter(|host| !host.is_empty())?;
        Some(format!("{host}:{}", url.port().unwrap_or(5432)))
    });
    match server {
        Some(server) => format!(
            "{server}: {cause}. Check that PostgreSQL runs there, and that host, user and database are correct."
        ),
        None => cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_database_without_its_password() {
        for (url, told) in [
            (
                "postgres://ada:secret@db.test/x",
                "db.test:5432: away. Check that PostgreSQL runs there",
            ),
            ("postgres://ada:secret@[::1]:6000/x", "[::1]:6000: away. Check"),
            (
                "sqlite://no/such/folder/x.db",
                "The folder no/such/folder for no/such/folder/x.db does not exist.",
            ),
            (
                "sqlite://x.db",
                "x.db: away. Check that the file is a SQLite database",
            ),
            ("sqlite::memory:", "away"),
        ] {
            let sentence = explain(url, "away");
            assert!(sentence.starts_with(told), "{sentence}");
            assert!(!sentence.contains("secret"), "{sentence}");
        }
        assert_eq!(
            missing_file("sqlite://no/such.db?mode=rwc"),
            Some("no/such.db".into())
        );
        assert_eq!(missing_file("sqlite://Cargo.toml"), None);
        assert_eq!(missing_file("sqlite::memory:"), None);
        assert_eq!(missing_file("postgres://x/y"), None);
    }
}

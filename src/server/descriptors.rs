//! Derives the number of connections from the limit of open files.
//!
//! Each connection needs an open file. Without free files, the database and the key sets of tokens could not
//! be reached either. Some files are therefore reserved for them, and connections get the rest.

use crate::config::Settings;

/// Files that are reserved for the program itself, its log, NATS, token issuers and refused connections.
const RESERVED_FILES: usize = 128;
/// Files that are reserved for each database connection. `SQLite` opens several files per connection.
const RESERVED_FILES_PART: usize = 4;
/// Default maximum number of connections, if the limit of files allows it.
const CONNECTIONS: usize = 10_000;
/// By default, one address can have this fraction of all connections: 1 / `PART`.
const PART: usize = 4;

/// Limits on simultaneous connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Maximum number of connections.
    pub connections: usize,
    /// Maximum number of connections from one address.
    pub per_address: usize,
    /// Number of files that the process can open.
    files: usize,
    /// Number of files that are reserved for other uses.
    kept: usize,
}

/// The limit of open files is too low.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooFewFiles {
    /// No files remain for connections.
    #[error(
        "connections_max: The process can open {files} files and reserves {kept} of them for the database and other \
         uses. Raise the limit (ulimit -n, or LimitNOFILE in systemd)."
    )]
    ForAny { files: usize, kept: usize },
    /// The files do not suffice for the configured number of connections.
    #[error(
        "connections_max: The value is {wanted}, but the process can open {files} files and reserves {kept} of them for \
         the database and other uses. Set at most {fit}, or raise the limit (ulimit -n, or LimitNOFILE in systemd)."
    )]
    ForAll {
        wanted: usize,
        files: usize,
        kept: usize,
        /// Number of connections that the files allow.
        fit: usize,
    },
}

impl ConnectionLimits {
    /// Derives the limits from the settings. Raises the soft limit of open files to the hard limit first.
    /// Fails when the limit is too low.
    pub fn of(settings: &Settings) -> Result<Self, TooFewFiles> {
        Self::within(settings, raise())
    }

    fn within(settings: &Settings, files: usize) -> Result<Self, TooFewFiles> {
        let database = usize::try_from(settings.database_connections).unwrap_or(usize::MAX);
        let kept = RESERVED_FILES.saturating_add(database.saturating_mul(RESERVED_FILES_PART));
        let fit = files.saturating_sub(kept);
        if fit == 0 {
            return Err(TooFewFiles::ForAny { files, kept });
        }
        let connections = match settings.connections_max {
            Some(wanted) if wanted > fit => {
                return Err(TooFewFiles::ForAll {
                    wanted,
                    files,
                    kept,
                    fit,
                });
            }
            Some(wanted) => wanted,
            None => fit.min(CONNECTIONS),
        };
        let per_address = match settings.connections_per_address {
            None => connections.div_ceil(PART),
            Some(0) => connections,
            Some(wanted) => wanted.min(connections),
        };
        Ok(Self {
            connections,
            per_address,
            files,
            kept,
        })
    }

    pub fn log(self) {
        let Self {
            connections,
            per_address,
            files,
            kept,
        } = self;
        tracing::info!(
            "connection limits: {connections} in total, {per_address} from one address; the process can open {files} \
             files and reserves {kept} of them for other uses"
        );
    }
}

/// Raises the soft limit of open files as far as the system allows. Returns the new limit.
fn raise() -> usize {
    // If raising fails, the current limit applies. Systems without such a limit are unlimited.
    let files = rlimit::increase_nofile_limit(u64::MAX).or_else(|_| rlimit::increase_nofile_limit(0));
    files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(
        max: Option<usize>,
        per_address: Option<usize>,
        files: usize,
    ) -> Result<(usize, usize), String> {
        let settings = Settings {
            connections_max: max,
            connections_per_address: per_address,
            ..Settings::default()
        };
        let limits = ConnectionLimits::within(&settings, files).map_err(|error| error.to_string())?;
        Ok((limits.connections, limits.per_address))
    }

    #[test]
    fn connection_limits_follow_the_file_limit() {
        assert_eq!(limits(None, None, 1_024), Ok((832, 208)));
        assert_eq!(limits(None, None, 1_000_000), Ok((10_000, 2_500)));
        assert_eq!(limits(Some(20_000), None, 1_000_000), Ok((20_000, 5_000)));
        assert_eq!(limits(Some(1), None, 1_024), Ok((1, 1)));
        assert_eq!(limits(None, Some(0), 1_024), Ok((832, 832)));
        assert_eq!(limits(None, Some(900), 1_024), Ok((832, 832)));
        assert_eq!(limits(None, Some(5), usize::MAX), Ok((10_000, 5)));
    }

    #[test]
    fn an_excessive_limit_is_refused_with_the_possible_one() {
        let refused = limits(Some(10_000), None, 1_024).unwrap_err();
        assert!(
            refused.starts_with("connections_max: The value is 10000, but the process can open 1024 files")
        );
        assert!(refused.contains("Set at most 832"), "{refused}");
        let refused = limits(None, None, 100).unwrap_err();
        assert!(refused.starts_with("connections_max: The process can open 100 files"));
    }
}

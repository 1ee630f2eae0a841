//! How many connections the process has files for.
//!
//! Each connection is one of the files that the system lets a process have open. With none left, the database and the
//! keys of tokens could not be reached either; so a part is kept for them, and connections get what is left.

use crate::config::Settings;

/// Files that are kept for the program itself, its log, NATS and the issuers of keys, and for those who are refused.
const KEPT: usize = 128;
/// Files that are kept for each connection to the database: `SQLite` opens several for one.
const KEPT_FOR_EACH: usize = 4;
/// Connections at a time, where files allow it and nothing else is set.
const CONNECTIONS: usize = 10_000;
/// One address may have this part of all connections, where nothing else is set.
const PART: usize = 4;

/// How many connections there may be at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// All together.
    pub connections: usize,
    /// Those of one address.
    pub per_address: usize,
    /// Files that the process may have open.
    files: usize,
    /// Those of them that are kept for everything else.
    kept: usize,
}

/// There are too few files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooFewFiles {
    /// For anything.
    #[error(
        "connections_max: The process can open {files} files and reserves {kept} of them for the database and other \
         uses. Raise the limit (ulimit -n, or LimitNOFILE in systemd)."
    )]
    ForAny {
        /// How many it may open.
        files: usize,
        /// How many are kept.
        kept: usize,
    },
    /// For the connections that are wanted.
    #[error(
        "connections_max: The value is {wanted}, but the process can open {files} files and reserves {kept} of them for \
         the database and other uses. Set at most {fit}, or raise the limit (ulimit -n, or LimitNOFILE in systemd)."
    )]
    ForAll {
        /// How many connections are wanted.
        wanted: usize,
        /// How many files it may open.
        files: usize,
        /// How many are kept.
        kept: usize,
        /// How many connections fit.
        fit: usize,
    },
}

impl Room {
    /// What the settings want, as far as there are files: the process is let open as many as the system allows it.
    pub fn of(settings: &Settings) -> Result<Self, TooFewFiles> {
        Self::within(settings, raise())
    }

    fn within(settings: &Settings, files: usize) -> Result<Self, TooFewFiles> {
        let database = usize::try_from(settings.database_connections).unwrap_or(usize::MAX);
        let kept = KEPT.saturating_add(database.saturating_mul(KEPT_FOR_EACH));
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

    /// Tells the operator.
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

/// Lets the process open as many files as the system allows it, and tells how many that are.
fn raise() -> usize {
    // When it cannot be raised, it stays as it is. Where systems have no such limit, there is none.
    let files = rlimit::increase_nofile_limit(u64::MAX).or_else(|_| rlimit::increase_nofile_limit(0));
    files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(max: Option<usize>, per_address: Option<usize>, files: usize) -> Result<(usize, usize), String> {
        let settings = Settings {
            connections_max: max,
            connections_per_address: per_address,
            ..Settings::default()
        };
        let room = Room::within(&settings, files).map_err(|error| error.to_string())?;
        Ok((room.connections, room.per_address))
    }

    #[test]
    fn connections_get_what_the_rest_leaves() {
        assert_eq!(room(None, None, 1_024), Ok((832, 208)));
        assert_eq!(room(None, None, 1_000_000), Ok((10_000, 2_500)));
        assert_eq!(room(Some(20_000), None, 1_000_000), Ok((20_000, 5_000)));
        assert_eq!(room(Some(1), None, 1_024), Ok((1, 1)));
        assert_eq!(room(None, Some(0), 1_024), Ok((832, 832)));
        assert_eq!(room(None, Some(900), 1_024), Ok((832, 832)));
        assert_eq!(room(None, Some(5), usize::MAX), Ok((10_000, 5)));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let refused = room(Some(10_000), None, 1_024).unwrap_err();
        assert!(
            refused.starts_with("connections_max: The value is 10000, but the process can open 1024 files")
        );
        assert!(refused.contains("Set at most 832"), "{refused}");
        let refused = room(None, None, 100).unwrap_err();
        assert!(refused.starts_with("connections_max: The process can open 100 files"));
    }
}

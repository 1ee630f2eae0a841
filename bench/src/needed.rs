//! Programs and folders that some tests need and some machines lack. Such a test names them: `#[needs(postgres)]`.
//!
//! The build script of `needs` includes this file. It decides while the tests are built, because the test harness of Rust
//! cannot ignore a test that is already running.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment names the server of the tests"
)]

use std::{env, path::PathBuf};

use crate::programs;

/// The environment variable with the address of a PostgreSQL server on which the tests may make databases.
pub const SERVER: &str = "TEST_DATABASE_URL";

/// PostgreSQL's programs without which there is no server.
pub const POSTGRES: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The texts of the vendors' REST APIs, which are not part of the repository.
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference");

/// Something that a test needs.
#[derive(Debug)]
pub struct Need {
    /// Its name in `#[needs(…)]`.
    pub name: &'static str,
    /// Why a test that needs it is ignored: a clause without a full stop.
    pub reason: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// These programs, or a variable that names a replacement.
    Programs(&'static [&'static str], Option<&'static str>),
    /// A folder that not every machine with `CI` set has.
    Folder(&'static str),
}

/// Everything that a test may need.
pub const ALL: [Need; 5] = [
    Need {
        name: "postgres",
        reason: "PostgreSQL is not installed: install it, or set TEST_DATABASE_URL",
        kind: Kind::Programs(&POSTGRES, Some(SERVER)),
    },
    Need {
        name: "pg_dump",
        reason: "pg_dump and pg_restore are not installed: they are PostgreSQL's client programs",
        kind: Kind::Programs(&["pg_dump", "pg_restore"], None),
    },
    Need {
        name: "nats",
        reason: "nats-server is not installed",
        kind: Kind::Programs(&["nats-server"], None),
    },
    Need {
        name: "pgbouncer",
        reason: "pgbouncer is not installed",
        kind: Kind::Programs(&["pgbouncer"], None),
    },
    Need {
        name: "reference",
        reason: "there is no folder ../shared/reference",
        kind: Kind::Folder(REFERENCE),
    },
];

impl Need {
    /// Whether the tests that need it are ignored. With `CI` set, a test whose program is missing runs and fails.
    pub fn is_left_out(&self) -> bool {
        self.found().is_none() && !self.is_replaced() && !self.fails_instead()
    }

    /// The variables that decide as well: cargo runs the build script again when their values change.
    ///
    /// There are none where everything is found. The tests are then not built again because of another `TEST_DATABASE_URL`.
    pub fn variables(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Programs(_, replacement) if self.found().is_none() => {
                replacement.into_iter().chain(["CI"]).collect()
            }
            Kind::Programs(..) | Kind::Folder(_) => Vec::new(),
        }
    }

    /// The path of its first program, or of the folder.
    pub fn found(&self) -> Option<PathBuf> {
        match self.kind {
            Kind::Programs(names, _) => programs::find(names),
            Kind::Folder(path) => Some(PathBuf::from(path)).filter(|path| path.is_dir()),
        }
    }

    fn is_replaced(&self) -> bool {
        matches!(self.kind, Kind::Programs(_, Some(variable)) if is_set(variable))
    }

    fn fails_instead(&self) -> bool {
        matches!(self.kind, Kind::Programs(..)) && is_set("CI")
    }
}

/// Whether an environment variable has a value. An empty one counts as unset.
fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

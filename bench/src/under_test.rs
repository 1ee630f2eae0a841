//! Which gateway, over which database.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{database::Database, failure::Done};

/// Which gateway, over which database.
#[derive(Clone, Debug, Args)]
pub struct UnderTest {
    /// The gateway's binary [default: the one beside this program].
    #[arg(long, value_name = "FILE", default_value_os_t = beside(), hide_default_value = true)]
    pub binary: PathBuf,
    /// Which database.
    #[arg(long, value_enum, default_value = "postgres")]
    pub database: Kind,
}

/// The gateway's binary, as it was built with this program.
pub fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name("deskgraph")
}

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A server, which several nodes can share.
    Postgres,
    /// A file, for one node.
    Sqlite,
}

impl Kind {
    /// Opens one, to look into it: the file, or that at an address.
    pub async fn open(self, file: &Path, url: &str) -> Done<Database> {
        match self {
            Self::Sqlite => Database::sqlite(file).await,
            Self::Postgres => Database::postgres(url).await,
        }
    }
}

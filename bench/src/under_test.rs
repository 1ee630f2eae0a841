//! The tested gateway and its database.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{database::Database, failure::Done};

/// The tested gateway and its database.
#[derive(Clone, Debug, Args)]
pub struct UnderTest {
    /// The gateway's binary [default: the one in the folder of this program].
    #[arg(long, value_name = "FILE", default_value_os_t = beside(), hide_default_value = true)]
    pub binary: PathBuf,
    /// The database.
    #[arg(long, value_enum, default_value = "postgres")]
    pub database: Kind,
}

/// Returns the path of the gateway's binary in the folder of this program.
pub fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name("deskgraph")
}

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A server. Several nodes can share it.
    Postgres,
    /// A file, for one node.
    Sqlite,
}

impl Kind {
    /// Connects to the database for direct access: the file, or the server at a URL.
    pub async fn open(self, file: &Path, url: &str) -> Done<Database> {
        match self {
            Self::Sqlite => Database::sqlite(file).await,
            Self::Postgres => Database::postgres(url).await,
        }
    }
}

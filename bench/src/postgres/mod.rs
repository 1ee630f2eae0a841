//! A PostgreSQL server of its own: made in a temporary folder, and gone with the process that started it.
//!
//! It keeps the durable defaults unless its settings say otherwise. A crash must not lose what was acknowledged, and a
//! server that does not sync would.

mod of_tests;
mod watcher;

use std::path::PathBuf;

use crate::{
    failure::{Done, Failure, Trying},
    needed,
    node::free_port,
    programs,
};
use watcher::Watcher;

pub use of_tests::of_tests;

/// A running server. It ends with this value, and with this process, even when that is killed.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    port: u16,
    watcher: Watcher,
}

impl Server {
    /// Makes and starts one that takes so many connections, with settings of the form `name=value`. Blocks.
    pub fn start(connections: u32, settings: &[&str]) -> Done<Self> {
        let missing = || Failure("there is no PostgreSQL: install it, or name a server".to_owned());
        let initdb = programs::find(&needed::POSTGRES).ok_or_else(missing)?;
        let programs = initdb.parent().ok_or_else(missing)?;
        let port = free_port()?;
        let settings: String = settings.iter().map(|one| format!(" -c {one}")).collect();
        // No socket in the folder, whose path may be too long for one.
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
             -c max_connections={connections}{settings}"
        );
        let folder = tempfile::Builder::new().prefix("deskgraph-postgres-").tempdir()?;
        let watcher = Watcher::start(folder.path(), programs, &options)?;
        // From here on, the watcher removes it.
        let folder = folder.keep();
        let server = Self {
            folder,
            port,
            watcher,
        };
        server.watcher.tell("make").trying("make a PostgreSQL server")?;
        server.begin()?;
        Ok(server)
    }

    /// `postgres://…` of its first database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Its first process, from which all others come.
    pub fn pid(&self) -> Done<u32> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let first = file.lines().next().and_then(|line| line.trim().parse().ok());
        first.ok_or_else(|| Failure("PostgreSQL does not tell its process".to_owned()))
    }

    /// Lets it crash: nothing is written down, no connection is told. Blocks.
    pub fn crash(&self) -> Done {
        self.watcher.tell("crash").trying("crash PostgreSQL")
    }

    /// Starts it again; it recovers from its log first. Blocks.
    pub fn begin(&self) -> Done {
        self.watcher.tell("start").trying("start PostgreSQL")
    }
}

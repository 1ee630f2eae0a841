//! A temporary PostgreSQL server. Its folder is deleted with it.
//!
//! It uses the durable defaults: the tests crash the server, and acknowledged transactions must survive.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    failure::{Done, Failure, Trying},
    node::free_port,
};

/// Folder of the programs of each version on Debian.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A running server.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    connections: u32,
    settings: &'static [&'static str],
}

impl Server {
    /// Creates and starts a server with a maximum number of connections and settings of the form `name=value`.
    /// Blocks.
    pub fn start(connections: u32, settings: &'static [&'static str]) -> Done<Self> {
        let folder = tempfile::Builder::new().prefix("deskgraph-postgres-").tempdir()?;
        let server = Self {
            programs: programs()?,
            port: free_port()?,
            connections,
            settings,
            folder,
        };
        if is_root() {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(server.folder.path()))?;
        }
        let data = server.data();
        let mut initdb = server.program("initdb");
        initdb
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "-U", "postgres"]);
        run(initdb.args(["--locale", "C.UTF-8", "--encoding", "UTF8"]))
            .trying("create a PostgreSQL server")?;
        server.begin()?;
        Ok(server)
    }

    /// Returns the URL of its default database, as `postgres://…`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Returns the id of its first process, the parent of all others.
    pub fn pid(&self) -> Done<u32> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let first = file.lines().next().and_then(|line| line.trim().parse().ok());
        first.ok_or_else(|| Failure("postmaster.pid contains no process id".to_owned()))
    }

    /// Crashes the server: it stops without a checkpoint and does not wait for clients. Blocks.
    pub fn crash(&self) -> Done {
        run(self.control().args(["-m", "immediate", "-w", "stop"])).trying("crash PostgreSQL")
    }

    /// Starts the server again. It first recovers from its log. Blocks.
    pub fn begin(&self) -> Done {
        let socket = self.folder.path().display();
        let settings: String = self.settings.iter().map(|one| format!(" -c {one}")).collect();
        let options = format!(
            "-p {} -k {socket} -c max_connections={} -c listen_addresses=127.0.0.1{settings}",
            self.port, self.connections
        );
        let log = self.folder.path().join("log");
        let mut start = self.control();
        run(start.arg("-l").arg(log).args(["-w", "-o", &options, "start"])).trying("start PostgreSQL")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg("-D").arg(self.data());
        control
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // The user of the server may lack access to the current folder.
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server may already be stopped.
        let _ = run(self.control().args(["-m", "immediate", "-w", "stop"]));
    }
}

/// Returns the folder of `initdb` and `pg_ctl` of the newest version.
fn programs() -> Done<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    versions.sort();
    if let Some((_, folder)) = versions.pop() {
        return Ok(folder);
    }
    let found = Command::new("sh").args(["-c", "command -v initdb"]).output()?;
    let path = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    Path::new(&path)
        .parent()
        .filter(|_| !path.is_empty())
        .map(Path::to_owned)
        .ok_or_else(|| Failure("initdb was not found: install PostgreSQL or use --server".to_owned()))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Runs a program to its end. Its background processes must not inherit a pipe of this process.
fn run(command: &mut Command) -> Done {
    let said = tempfile::tempfile()?;
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone()?)
        .status()
        .trying(command.get_program().display())?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let mut said = said;
    std::io::Seek::rewind(&mut said)?;
    std::io::Read::read_to_string(&mut said, &mut text)?;
    Err(Failure(format!("{status}: {}", text.trim())))
}

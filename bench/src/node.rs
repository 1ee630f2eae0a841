//! Runs the gateway's binary: its commands, and server processes that can be killed and restarted.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::failure::{Done, Failure, Trying};

/// Range of ports. It is below the range of client ports on most systems. A client port could be taken while a node
/// is down, or a client could connect to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Secret for the tokens of a run.
const SECRET: &str = "a secret of thirty-two bytes, or more";
/// Interval of checks whether a starting node is ready.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The gateway's binary with its settings.
#[derive(Debug)]
pub struct Gateway {
    binary: PathBuf,
    /// Working directory and folder of log files.
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Gateway {
    /// Creates a gateway with a database and further settings, by their environment variables. `folder` receives its
    /// files.
    pub fn new(binary: &Path, folder: PathBuf, database_url: &str, settings: &[(&str, u32)]) -> Done<Self> {
        // The working directory differs, so a relative path must be resolved first.
        let binary = fs::canonicalize(binary).trying(format!("find {}", binary.display()))?;
        let numbers = settings.iter().map(|(name, value)| (*name, value.to_string()));
        let environment = [
            ("DATABASE_URL", database_url.to_owned()),
            ("JWT_SECRET", SECRET.to_owned()),
        ]
        .into_iter()
        .chain(numbers)
        .map(|(name, value)| (format!("DESKGRAPH_{name}"), value))
        .collect();
        Ok(Self {
            binary,
            folder,
            environment,
        })
    }

    /// Runs a command and returns its output. Blocks.
    pub fn run(&self, arguments: &[&str]) -> Done<String> {
        let what = || format!("deskgraph {}", arguments.join(" "));
        let output = self.command().args(arguments).output().trying(what())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure(format!("{}: {}", what(), said.trim())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        // The gateway must not inherit settings of this process.
        command.env_clear().envs(self.environment.iter().cloned());
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

/// A server process with a fixed address.
#[derive(Debug)]
pub struct Node {
    gateway: Arc<Gateway>,
    /// Such as `127.0.0.1:20000`.
    address: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// Creates a node without starting it.
    pub fn new(gateway: Arc<Gateway>, number: usize) -> Done<Self> {
        Ok(Self {
            address: format!("127.0.0.1:{}", free_port()?),
            log: gateway.folder.join(format!("node-{number}.log")),
            gateway,
            child: None,
        })
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the process id. `None` while it is not running.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Starts the node and waits until it is ready. A process that exits is started again, as a supervisor would, for
    /// at most `patience`. Returns the number of starts.
    pub async fn start(&mut self, http: &reqwest::Client, patience: Duration) -> Done<u32> {
        let until = Instant::now() + patience;
        let ready = format!("http://{}/health/ready", self.address);
        let mut starts = 0;
        loop {
            if self.ended()? {
                self.spawn()?;
                starts += 1;
            }
            let asked = http.get(&ready).timeout(Duration::from_secs(2)).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(starts);
            }
            if Instant::now() > until {
                return Err(Failure(format!(
                    "{} was not ready within {} s after its start. Its last log lines:\n{}",
                    self.address,
                    patience.as_secs(),
                    self.last_lines()
                )));
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Kills the process with SIGKILL.
    pub fn kill(&mut self) -> Done {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Returns the log of all its processes.
    pub fn lines(&self) -> String {
        fs::read(&self.log).map_or_else(
            |_| String::new(),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    fn last_lines(&self) -> String {
        let text = self.lines();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    fn ended(&mut self) -> Done<bool> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?.is_some()),
            None => Ok(true),
        }
    }

    fn spawn(&mut self) -> Done {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.gateway.command();
        command.args(["serve", "--listen", &self.address]);
        command.stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn().trying("start a node")?);
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // An error cannot be reported during a drop.
        let _ = self.kill();
    }
}

/// Returns an unused port outside the range of client ports.
pub fn free_port() -> Done<u16> {
    for _ in 0..1_000 {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure(format!("no port in {PORTS:?} is free")))
}

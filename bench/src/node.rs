//! The gateway's binary: its commands, and processes of it that serve, die and come back.

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

/// Ports from here on are tried; those that the system gives to clients begin higher on most machines. One of those
/// could be taken while a node is down, or a client could connect to itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Signs the tokens of a run.
const SECRET: &str = "a secret of thirty-two bytes, or more";
/// How often a node that starts is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A binary, and with what it is run.
#[derive(Debug)]
pub struct Gateway {
    binary: PathBuf,
    /// Where it runs and its log lines go.
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Gateway {
    /// The binary over a database, with other settings by their names in the environment. `folder` holds what it writes
    /// beside.
    pub fn new(binary: &Path, folder: PathBuf, database_url: &str, settings: &[(&str, u32)]) -> Done<Self> {
        // It runs in another folder, in which a relative path means something else.
        let binary = fs::canonicalize(binary).trying(format!("there is no {}", binary.display()))?;
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

    /// Runs a command to its end; the answer is what it printed. Blocks.
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
        // Whatever this process was told of its own settings is none of the gateway's.
        command.env_clear().envs(self.environment.iter().cloned());
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

/// A process that serves, at an address that it keeps.
#[derive(Debug)]
pub struct Node {
    gateway: Arc<Gateway>,
    /// `127.0.0.1:…`.
    address: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// One that does not run yet.
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

    /// The process, while there is one.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Starts it and waits until it is ready. A process that ends by itself is started again, as a supervisor would, until
    /// `patience` is over. The answer is how often it had to be started.
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
                    "{} was not ready within {} s of its start. Its last lines:\n{}",
                    self.address,
                    patience.as_secs(),
                    self.last_lines()
                )));
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Ends it at once, with no word: SIGKILL.
    pub fn kill(&mut self) -> Done {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// What it wrote into its log, over all its lives.
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
        // Nobody is left to be told.
        let _ = self.kill();
    }
}

/// A port on which nobody listens, and that no client is given.
pub fn free_port() -> Done<u16> {
    for _ in 0..1_000 {
        let port = fastrand::u16(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure(format!("no port of {PORTS:?} is free")))
}

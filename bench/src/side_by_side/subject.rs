//! A running server and its requests.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    dialect::Dialect,
    kind::Kind,
    load::Requests,
    peers,
    plain::plain,
    question::Question,
    spread::Spread,
    stage::{Base, Stage},
    wire::{Wire, post},
};
use crate::{
    client::Client,
    failure::{Done, Failure, Trying},
    node::{Node, free_port},
    process,
};

/// Number of different requests of a query, which are then repeated.
const REQUESTS: usize = 1_000;
/// Maximum time until the first response of a server.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A running server.
pub struct Subject<'a> {
    pub kind: Kind,
    /// Its database.
    pub base: &'a Base,
    /// The small workspaces, once they are created.
    pub spread: Option<Spread>,
    address: String,
    process: Process,
}

enum Process {
    Node(Node),
    Program(Program),
}

/// A child process: another server, or this program.
struct Program {
    child: Child,
    log: PathBuf,
}

impl<'a> Subject<'a> {
    /// Starts the server and waits until it responds.
    pub async fn start(kind: Kind, stage: &'a Stage, peers: &Path, connections: usize) -> Done<Self> {
        let base = if kind.on_sqlite() {
            &stage.sqlite
        } else {
            &stage.postgres
        };
        let base = base
            .as_ref()
            .ok_or_else(|| Failure("its database was not created".to_owned()))?;
        eprintln!("starting {} …", kind.title());
        if kind.dialect() == Dialect::Gateway {
            let mut node = Node::new(base.gateway.clone(), kind as usize)?;
            node.start(Client::new()?.http(), TIMEOUT).await?;
            return Ok(Self {
                kind,
                base,
                spread: None,
                address: node.address().to_owned(),
                process: Process::Node(node),
            });
        }
        let address = format!("127.0.0.1:{}", free_port()?);
        let command = if kind.dialect() == Dialect::Limit {
            let mut own = Command::new(std::env::current_exe()?);
            own.args(["--serve-limit", &address, "--database-url", &base.url]);
            own.args(["--connections", &connections.to_string()]);
            own
        } else {
            peers::command(kind, peers, &address, &base.url, connections)?
        };
        let log = stage.folder.path().join(format!("{}.log", kind.title()));
        let mut program = Program::start(command, log)?;
        program.wait(&address).await.trying(kind.title())?;
        Ok(Self {
            kind,
            base,
            spread: None,
            address,
            process: Process::Program(program),
        })
    }

    /// Returns the id of its first process.
    pub fn pid(&self) -> Done<u32> {
        match &self.process {
            Process::Node(node) => node
                .pid()
                .ok_or_else(|| Failure("the gateway has exited".to_owned())),
            Process::Program(program) => Ok(program.child.id()),
        }
    }

    /// Returns the processor time of all its processes.
    pub fn processor_time(&self) -> Done<Duration> {
        process::processor_time_of_family(self.pid()?)
    }

    /// Returns the requests of a query. `None` if the server does not support it.
    pub fn requests(&self, question: Question) -> Option<Requests> {
        let (dialect, sample) = (self.kind.dialect(), &self.base.sample);
        let mut token = (dialect == Dialect::Gateway).then_some(self.base.token.as_str());
        let mut picks = sample.picks(REQUESTS);
        if question == Question::M64 {
            let spread = self.spread.as_ref()?;
            token = Some(&spread.key);
            for (pick, ticket) in picks.iter_mut().zip(spread.tickets.iter().cycle()) {
                pick.ticket = *ticket;
            }
        }
        let path = dialect.path(question);
        let one = |pick| {
            let body = dialect.body(question, &pick, sample.workspace)?;
            Some(post(&self.address, &path, token, &body))
        };
        Some(Requests {
            address: self.address.clone(),
            bytes: picks.into_iter().map(one).collect::<Option<_>>()?,
        })
    }

    /// Returns the first results of a query in the common form, with their lengths.
    pub async fn answers(&self, question: Question, count: usize) -> Done<Option<(Vec<Value>, usize)>> {
        let Some(requests) = self.requests(question) else {
            return Ok(None);
        };
        let what = || format!("{} to {}", question.title(), self.kind.title());
        let mut wire = Wire::open(&self.address).await?;
        let (mut answers, mut length) = (Vec::new(), 0);
        for request in requests.bytes.iter().take(count) {
            let body = wire.ask(request).await.trying(what())?.body();
            length += body.len();
            answers.push(plain(serde_json::from_slice(&body).trying(what())?));
        }
        Ok(Some((answers, length / count.max(1))))
    }
}

impl Program {
    fn start(mut command: Command, log: PathBuf) -> Done<Self> {
        let out = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let child = command.spawn().trying(command.get_program().display())?;
        Ok(Self { child, log })
    }

    /// Waits until the server accepts connections.
    async fn wait(&mut self, address: &str) -> Done {
        let until = Instant::now() + TIMEOUT;
        loop {
            if Wire::open(address).await.is_ok() {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || Instant::now() > until {
                let said = std::fs::read_to_string(&self.log).unwrap_or_default();
                return Err(Failure(format!("did not start: {said}")));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The process has no state, so it can be killed. Its children exit when it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

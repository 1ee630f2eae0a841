//! A NATS server for a test. It can be killed and restarted.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use deskgraph::config::{NatsUrl, Secret};
use deskgraph_bench::programs;

/// Below the ports that the system assigns, so that the port stays free while the server is down.
const PORTS: u16 = 10_000;
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A server, killed at the end of the test.
pub struct Nats {
    port: u16,
    server: Option<Child>,
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Nats {
    /// One that listens.
    pub fn start() -> Self {
        let own = u16::try_from(std::process::id() % 5_000).expect("small");
        loop {
            let port = PORTS + own * 4 + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000;
            match start(port) {
                Started::Listens(server) => {
                    let server = Some(server);
                    return Self { port, server };
                }
                // The port is already used.
                Started::Ended => {}
            }
        }
    }

    /// Returns the URL with credentials.
    pub fn url(&self) -> NatsUrl {
        let url = Secret::new(format!("nats://deskgraph:p%40ss@127.0.0.1:{}", self.port));
        NatsUrl::try_from(url).expect("an address")
    }

    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Restarts the server on the same port.
    pub fn come_back(&mut self) {
        let Started::Listens(server) = start(self.port) else {
            panic!("port {} is used by another process", self.port);
        };
        self.server = Some(server);
    }
}

enum Started {
    Listens(Child),
    Ended,
}

fn start(port: u16) -> Started {
    let program = programs::find(&["nats-server"]).expect("the attribute #[needs(nats)] on the test");
    let port = port.to_string();
    let started = Command::new(program)
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &port,
            "--user",
            "deskgraph",
            "--pass",
            "p@ss",
        ])
        .stderr(Stdio::piped())
        .spawn();
    let mut server = started.expect("a nats-server");
    let mut lines = BufReader::new(server.stderr.take().expect("piped")).lines();
    if lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("Server is ready"))
    {
        // Reads the rest of the output, so that the process does not block.
        std::thread::spawn(move || lines.for_each(drop));
        return Started::Listens(server);
    }
    let _ = server.wait();
    Started::Ended
}

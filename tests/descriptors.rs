//! Runs the binary with the usual limit of open files.

#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use rlimit::Resource;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(30);
const HOSTILE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Starts `deskgraph serve` in a separate folder.
fn serve(folder: &tempfile::TempDir, files: u32, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new("sh");
    let soft = files / 2;
    let limit = format!("ulimit -S -n {soft} && ulimit -H -n {files}; exec \"$0\" \"$@\"");
    command
        .args(["-c", &limit, env!("CARGO_BIN_EXE_deskgraph"), "serve"])
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

struct Node {
    child: Child,
    address: SocketAddr,
    /// The log line about the limit of connections.
    sentence: String,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Node {
    fn start(folder: &tempfile::TempDir, files: u32) -> Self {
        let mut child = serve(folder, files, &[]).spawn().expect("a process");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut line = |with: &str| {
            let line = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(with)));
            line.expect("a line").expect("a text")
        };
        let serving = line("Serving http://");
        let address = serving
            .trim_start_matches("Serving http://")
            .trim_end_matches("/graphql");
        let address = address.parse().expect("an address");
        let sentence = line("connection limits: ");
        // The output must be read, because the process would block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            sentence,
        }
    }

    async fn silent(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::from((HOSTILE, 0)))
            .expect("an address of this machine");
        let connected = timeout(TIMEOUT, socket.connect(self.address)).await;
        connected.expect("in time").expect("a connection")
    }

    /// Returns the first line of the response to a valid request.
    async fn answer(&self) -> String {
        let asked = async {
            let mut stream = TcpStream::connect(self.address).await.expect("a connection");
            let request = b"GET /health/ready HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
            stream.write_all(request).await.expect("sent");
            let mut heard = String::new();
            stream.read_to_string(&mut heard).await.expect("an answer");
            heard.lines().next().unwrap_or_default().to_owned()
        };
        timeout(TIMEOUT, asked).await.expect("an answer in time")
    }

    /// Checks that the node answers and becomes ready. A single readiness check can fail on a busy machine, because it
    /// gives up in less than a second.
    async fn assert_ready(&self) {
        let asked = async {
            loop {
                let answer = self.answer().await;
                if !answer.starts_with("HTTP/1.1 503 ") {
                    return answer;
                }
            }
        };
        let answer = timeout(TIMEOUT, asked).await.expect("the node is ready");
        assert_eq!(answer, "HTTP/1.1 204 No Content");
    }
}

#[tokio::test]
async fn requests_are_answered_despite_silent_connections_beyond_the_limit() {
    rlimit::increase_nofile_limit(u64::MAX).expect("files for the other side");
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(&folder, 1_024);
    let expected = "832 in total, 208 from one address; the process can open 1024 files and reserves 192";
    assert!(node.sentence.contains(expected), "{}", node.sentence);
    let mut silent = Vec::new();
    for _ in 0..1_300 {
        silent.push(node.silent().await);
    }
    node.assert_ready().await;

    // Without any free file, idle connections are closed, and the node continues.
    let process = i32::try_from(node.child.id()).expect("an id");
    rlimit::prlimit(process, Resource::NOFILE, Some((100, 1_024)), None).expect("a lower limit");
    node.assert_ready().await;
}

#[test]
fn the_limit_is_raised_and_excessive_settings_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(&folder, 300);
    assert!(
        node.sentence.contains("connection limits: 108 in total"),
        "{}",
        node.sentence
    );
    drop(node);
    let refused = |files, settings: &[(&str, &str)]| {
        let Output { status, stderr, .. } = serve(&folder, files, settings).output().expect("an end");
        assert_eq!(status.code(), Some(1));
        String::from_utf8(stderr).expect("a text")
    };
    let sentence = refused(1_024, &[("DESKGRAPH_CONNECTIONS_MAX", "1000")]);
    assert!(
        sentence.contains("connections_max: The value is 1000,") && sentence.contains("Set at most 832"),
        "{sentence}"
    );
    let sentence = refused(150, &[]);
    assert!(
        sentence.contains("connections_max: The process can open 150 files"),
        "{sentence}"
    );
}

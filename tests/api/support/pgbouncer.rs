//! A `PgBouncer` for a test, in transaction mode.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use deskgraph_bench::programs;
use reqwest::Url;

/// Maximum number of ports that are tried.
const TRIES: usize = 20;

/// A pooler, killed at the end of the test.
pub struct PgBouncer {
    address: String,
    server: Child,
    _folder: tempfile::TempDir,
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl PgBouncer {
    /// One before the server of an address.
    pub fn before(url: &str) -> Self {
        let url = Url::parse(url).expect("an address");
        // Another process can take the port before PgBouncer does.
        (0..TRIES)
            .find_map(|_| Self::start(&url))
            .expect("pgbouncer does not start")
    }

    /// Starts one on a free port. `None` if it ends at once.
    fn start(url: &Url) -> Option<Self> {
        let (host, port) = (url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(5432));
        let password = url.password().map(|password| format!(" password={password}"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address").port();
        drop(listener);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n* = host={host} port={port} user={}{}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {own}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n",
            url.username(),
            password.unwrap_or_default(),
        );
        fs::write(&file, settings).expect("written");
        let program = programs::find(&["pgbouncer"]).expect("the attribute #[needs(pgbouncer)] on the test");
        let mut command = Command::new(program);
        command
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // PgBouncer refuses to run as root.
        if fs::metadata("/proc/self").is_ok_and(|own| is_root(&own)) {
            command.args(["-u", "nobody"]);
        }
        let mut server = command.spawn().expect("a pgbouncer");
        let mut lines = BufReader::new(server.stderr.take().expect("its log")).lines();
        let up = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("process up")));
        if up.is_none() {
            let _ = server.wait();
            return None;
        }
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self {
            address: format!("postgres://{}@127.0.0.1:{own}", url.username()),
            server,
            _folder: folder,
        })
    }

    /// Returns the URL of a database through the pooler.
    pub fn url(&self, database_url: &str) -> String {
        let (_, name) = database_url.rsplit_once('/').expect("postgres://…/DATABASE");
        format!("{}/{name}", self.address)
    }
}

#[cfg(unix)]
fn is_root(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == 0
}

#[cfg(not(unix))]
fn is_root(_: &fs::Metadata) -> bool {
    false
}

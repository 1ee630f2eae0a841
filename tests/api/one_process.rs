//! SQLite supports one serving process: a second one is rejected with an error, and commands can run next to the
//! first.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// A serving process, killed at the end of the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn deskgraph(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .current_dir(folder)
        .env("DESKGRAPH_LOG", "warn")
        .args(arguments)
        .args(["--database-url", url, "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped());
    command
}

/// Starts a server and returns when it is ready.
fn serve(folder: &Path, url: &str) -> Serving {
    let mut child = deskgraph(folder, url, &["serve"]).spawn().expect("a process");
    let mut said = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    assert!(line.starts_with("Serving http://"), "{line}");
    // Reads the rest of the output, so that the process does not block.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    Serving(child)
}

fn run(folder: &Path, url: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = deskgraph(folder, url, arguments).output().expect("an end");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn a_second_server_is_refused_and_commands_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let _first = serve(folder, "sqlite://test.db");
    // The same file under different URLs.
    for url in ["sqlite://test.db", "sqlite:./test.db?mode=rwc"] {
        let (code, said) = run(folder, url, &["serve"]);
        assert_eq!(code, Some(1), "{said}");
        let path = folder.canonicalize().expect("a path").join("test.db");
        let sentence = format!(
            "deskgraph: database_url: Another process already serves {}. \
             Only one process can serve a SQLite database. Use PostgreSQL to run several nodes.\n",
            path.display()
        );
        assert_eq!(said, sentence);
    }
    for arguments in [&["workspace", "create", "Test"][..], &["migrate"]] {
        let (code, said) = run(folder, "sqlite://test.db", arguments);
        assert_eq!(code, Some(0), "{said}");
    }
    let _other = serve(folder, "sqlite://other.db");
}

#[test]
fn lock_files_of_a_killed_process_do_not_block() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..3 {
        // Dropping the value kills the process without a shutdown.
        serve(folder.path(), "sqlite://test.db");
    }
    assert!(folder.path().join("test.db-serve").exists());
}

#[test]
fn a_database_in_memory_is_not_shared() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_one, _two) = (
        serve(folder.path(), "sqlite::memory:"),
        serve(folder.path(), "sqlite::memory:"),
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

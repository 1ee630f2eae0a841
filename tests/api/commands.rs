//! Commands of the binary: files they create, addresses they listen on, and output.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
};

/// The binary with a folder as working directory and a database in it.
fn deskgraph(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .current_dir(folder)
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", "sqlite://test.db")
        .env("DESKGRAPH_JWT_SECRET", "a secret that is long enough for tests")
        .args(arguments);
    command
}

/// Runs a command and returns its exit code and stderr.
fn run(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().expect("a process");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.map(|entry| name(entry.expect("an entry"))).collect()
}

const LOOKING: [&[&str]; 8] = [
    &["workspace", "list"],
    &["api-key", "list"],
    &["epoch", "list"],
    &["token", "issue", "--agent", "ada@example.com"],
    &["token", "issue", "--customer", "jane@example.com"],
    &["export", "--output", "out.ndjson"],
    &["recount"],
    &["stats"],
];

#[test]
fn read_only_commands_create_no_files_or_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for arguments in LOOKING {
        let (code, said) = run(&mut deskgraph(folder, arguments));
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("The file test.db does not exist"),
            "{arguments:?}: {said}"
        );
        assert!(said.contains("deskgraph migrate"), "{said}");
        assert_eq!(names(folder), [""; 0], "{arguments:?}");
    }
    let (code, said) = run(deskgraph(folder, &["schema"]).stdout(Stdio::null()));
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let (code, said) = run(&mut deskgraph(folder, &["schema", "--check", "none.graphql"]));
    assert!(
        code == Some(1) && said.contains("Cannot read none.graphql"),
        "{said}"
    );
    assert_eq!(names(folder), [""; 0]);
    // A command does not create tables in an empty file.
    fs::write(folder.join("test.db"), "").expect("written");
    for arguments in LOOKING {
        let (code, said) = run(&mut deskgraph(folder, arguments));
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert!(said.contains("deskgraph migrate"), "{arguments:?}: {said}");
    }
    let (code, said) = run(&mut deskgraph(folder, &["migrate"]));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&mut deskgraph(folder, &["workspace", "list"]));
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

/// Starts a server and returns its first line of output.
fn first_line(command: &mut Command) -> String {
    let mut child = command.stderr(Stdio::piped()).spawn().expect("a process");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let _ = child.kill();
    let _ = child.wait();
    line
}

#[test]
fn a_node_listens_on_the_configured_address() {
    let folder = tempfile::tempdir().expect("a folder");
    for (listen, served) in [
        ("0", "Serving http://127.0.0.1:"),
        (":0", "Serving http://0.0.0.0:"),
        ("127.0.0.1:0", "Serving http://127.0.0.1:"),
        ("localhost:0", "Serving http://"),
    ] {
        let line = first_line(&mut deskgraph(folder.path(), &["serve", "--listen", listen]));
        assert!(line.starts_with(served), "{listen}: {line}");
    }
    if TcpListener::bind("[::1]:0").is_ok() {
        let line = first_line(&mut deskgraph(folder.path(), &["serve", "--listen", "[::1]:0"]));
        assert!(line.starts_with("Serving http://[::1]:"), "{line}");
    }
}

#[test]
fn unusable_listen_addresses_are_reported_with_a_solution() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (listen, told) in [
        (
            address.as_str(),
            format!("Another program already listens on {address}"),
        ),
        (
            "no-such-host.invalid:80",
            "Cannot resolve the host no-such-host.invalid".to_owned(),
        ),
        (
            "192.0.2.1:8080",
            "192.0.2.1 is not an address of this machine".to_owned(),
        ),
        ("here", "The value must have the form HOST:PORT".to_owned()),
    ] {
        let (code, said) = run(&mut deskgraph(folder.path(), &["serve", "--listen", listen]));
        assert_eq!(code, Some(1), "{listen}");
        assert!(
            said.starts_with("deskgraph: listen: ") && said.contains(&told),
            "{listen}: {said}"
        );
    }
}

#[test]
fn an_unusable_database_is_reported_with_its_location() {
    let folder = tempfile::tempdir().expect("a folder");
    for (url, told) in [
        (
            "sqlite://no/folder/test.db",
            "The folder no/folder for no/folder/test.db does not exist",
        ),
        ("postgres://ada:secret@127.0.0.1:1/x", "127.0.0.1:1: "),
        (
            "postgres://ada:secret@no-such-host.invalid/x",
            "no-such-host.invalid:5432: ",
        ),
    ] {
        let (code, said) = run(&mut deskgraph(folder.path(), &["migrate", "--database-url", url]));
        assert_eq!(code, Some(1), "{url}");
        assert!(said.contains(told) && !said.contains("secret"), "{url}: {said}");
    }
}

#[test]
fn unknown_environment_variables_do_not_prevent_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = deskgraph(folder.path(), &["workspace", "create", "Test"]);
    command
        .env("DESKGRAPH_PORT", "tcp://10.0.0.1:8080")
        .env("DESKGRAPH_SERVICE_HOST", "10.0.0.1")
        .env("DESKGRAPH_SERVICE_PORT", "8080")
        .env("DESKGRAPH_PORT_8080_TCP_ADDR", "10.0.0.1");
    assert_eq!(run(&mut command), (Some(0), String::new()));
    let mut command = deskgraph(folder.path(), &["workspace", "list"]);
    let (code, said) = run(command.env("DESKGRAPH_LISTEM", "x"));
    assert_eq!(code, Some(0));
    assert!(
        said.contains("DESKGRAPH_LISTEM") && said.contains("Did you mean DESKGRAPH_LISTEN?"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_table_is_read_in_its_encoding_and_strictly() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(
        run(&mut deskgraph(folder, &["workspace", "create", "Test"])).0,
        Some(0)
    );
    let table =
        b"email,name,timezone\nann@example.com,J\xfcrgen,Europe/Berlin\nben@example.com,Ben,Nowhere/Else\n";
    fs::write(folder.join("people.csv"), table).expect("written");
    let import = |arguments: &[&str]| {
        let mut all = vec!["import", "csv", "people.csv"];
        all.extend(arguments);
        let Output {
            status,
            stdout,
            stderr,
        } = deskgraph(folder, &all).output().expect("a process");
        let text = [stdout, stderr].concat();
        (status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let (code, said) = import(&["--encoding", "klingon"]);
    assert!(code == Some(1) && said.contains("klingon"), "{said}");
    let (code, said) = import(&["--encoding", "windows-1252", "--strict"]);
    assert!(
        code == Some(1) && said.contains("1 created") && said.contains("1 failed"),
        "{code:?} {said}"
    );
    let (code, said) = import(&["--encoding", "windows-1252"]);
    assert!(
        code == Some(0) && said.contains("1 created") && said.contains("1 unchanged"),
        "{code:?} {said}"
    );
    let Output { stdout, .. } = deskgraph(folder, &["export", "--output", "-"])
        .output()
        .expect("a process");
    assert!(String::from_utf8_lossy(&stdout).contains("Jürgen"));
}

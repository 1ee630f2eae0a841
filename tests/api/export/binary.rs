//! The command `export`: messages, files and exit codes.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use deskgraph::{
    auth::{
        Grant,
        jwt::{Issuer, TokenRole},
    },
    clock::Clock,
};

use super::{ExportFixture, counted, lines, read, viewer};
use crate::support::{TestApp, on_each_database};

/// The binary with the database of a test. Other environment variables are removed.
fn deskgraph(app: &TestApp, folder: &Path) -> Command {
    let secret = app.settings.jwt_secret.as_ref().expect("a secret");
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .current_dir(folder)
        .env_remove("EXPORT_TOKEN")
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .env("DESKGRAPH_JWT_SECRET", secret.reveal());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("a process")
}

/// Returns the exit code and stderr.
fn code_and_stderr(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

async fn a_refused_credential_exports_nothing_and_prints_an_error(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let folder = tempfile::tempdir().expect("a folder");
    let system = Clock::system();
    let issuer = Issuer::new(&app.settings).expect("an issuer");
    let expired = issuer.issue(
        &fixture.admin.id,
        TokenRole::Admin,
        &[fixture.workspace],
        system.now(),
        -3_600,
    );
    for (token, why) in [
        ("nonsense", "malformed"),
        ("", "malformed"),
        ("dk_unknown", "API key is unknown"),
        (&*expired.expect("a token"), "has expired"),
    ] {
        let as_flag =
            run(deskgraph(&app, folder.path()).args(["export", "--output", "out.ndjson", "--token", token]));
        let as_variable = run(deskgraph(&app, folder.path())
            .arg("export")
            .env("EXPORT_TOKEN", token));
        for output in [as_flag, as_variable] {
            let (code, sentence) = code_and_stderr(&output);
            assert_eq!(code, Some(1), "{token}: {sentence}");
            assert!(
                sentence.starts_with("deskgraph: The token was rejected: "),
                "{sentence}"
            );
            assert!(
                sentence.contains(why) && sentence.lines().count() == 1,
                "{sentence}"
            );
            assert!(output.stdout.is_empty());
        }
    }
    assert!(files(folder.path()).is_empty());
}

async fn a_viewer_with_several_workspaces_selects_one(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let other = app.workspace("Other").await;
    app.workspace("Foreign").await;
    let folder = tempfile::tempdir().expect("a folder");
    let key = app.api_key(&[fixture.workspace, other], &[Grant::Read]).await;
    let export = |arguments: &[&str]| {
        let mut command = deskgraph(&app, folder.path());
        run(command
            .arg("export")
            .args(arguments)
            .env("EXPORT_TOKEN", &key.credential))
    };
    let (code, sentence) = code_and_stderr(&export(&[]));
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("More than one workspace is available. Select one with --workspace."),
        "{sentence}"
    );
    assert!(
        sentence.contains("\"Other\"") && !sentence.contains("Foreign"),
        "{sentence}"
    );
    let (code, sentence) = code_and_stderr(&export(&["--workspace", "Foreign"]));
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("No workspace has the id or name \"Foreign\""),
        "{sentence}"
    );

    let output = export(&["--workspace", &fixture.workspace.to_string()]);
    let (code, counts) = code_and_stderr(&output);
    assert_eq!(code, Some(0), "{counts}");
    let viewer = viewer(&app, &fixture.reader).await;
    let expected = lines(&app, &viewer, fixture.workspace, super::PAGE).await;
    assert_eq!(read(&output.stdout)[1..], expected[1..]);
    assert!(counts.contains("Message") && counts.contains(" 20\n"), "{counts}");
}

async fn a_customer_token_exports_the_rows_of_the_customer(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let folder = tempfile::tempdir().expect("a folder");
    let now = Clock::system().now();
    let issuer = Issuer::new(&app.settings).expect("an issuer");
    let token = issuer.issue(
        &fixture.ann.id,
        TokenRole::Customer,
        &[fixture.workspace],
        now,
        3_600,
    );
    let output = run(deskgraph(&app, folder.path()).args(["export", "--token", &token.expect("a token")]));
    assert_eq!(code_and_stderr(&output).0, Some(0));
    let viewer = viewer(&app, &fixture.ann).await;
    let expected = lines(&app, &viewer, fixture.workspace, super::PAGE).await;
    assert_eq!(read(&output.stdout)[1..], expected[1..]);
}

#[tokio::test]
async fn exported_demo_data_equals_the_imported_data() {
    let app = TestApp::sqlite().await;
    let folder = tempfile::tempdir().expect("a folder");
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/demo");
    for arguments in [["workspace", "create", "Demo"], ["import", "keva", demo]] {
        let output = run(deskgraph(&app, folder.path()).args(arguments));
        assert!(output.status.success(), "{}", code_and_stderr(&output).1);
    }
    let to = |name: &str| run(deskgraph(&app, folder.path()).args(["export", "--output", name]));
    fs::write(folder.path().join("demo.ndjson"), "what was there before").expect("a file");
    let output = to("demo.ndjson");
    let (code, counts) = code_and_stderr(&output);
    assert_eq!((code, output.stdout.len()), (Some(0), 0), "{counts}");
    let lines = read(&fs::read(folder.path().join("demo.ndjson")).expect("the file"));
    let expected = [
        ("Export", 1),
        ("Workspace", 1),
        ("Agent", 6),
        ("Customer", 24),
        ("Conversation", 70),
        ("Ticket", 70),
        ("Message", 244),
        ("Cursor", 1),
    ];
    assert_eq!(counted(&lines), expected.into());
    assert_eq!(files(folder.path()), ["demo.ndjson"]);

    let (code, sentence) = code_and_stderr(&to("nowhere/demo.ndjson"));
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("Cannot write to nowhere/demo.ndjson: "),
        "{sentence}"
    );
    assert_eq!(files(folder.path()), ["demo.ndjson"]);
}

/// `/dev/full` on Linux is a device that is always full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_output_ends_the_export_with_an_error() {
    let app = TestApp::sqlite().await;
    ExportFixture::new(&app).await;
    let folder = tempfile::tempdir().expect("a folder");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the device");
    let (code, sentence) = code_and_stderr(&run(deskgraph(&app, folder.path()).arg("export").stdout(full)));
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("Cannot write to the standard output: No space left"),
        "{sentence}"
    );
    // A device is written to and not replaced by a file.
    let (code, sentence) = code_and_stderr(&run(deskgraph(&app, folder.path()).args([
        "export",
        "--output",
        "/dev/full",
    ])));
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("Cannot write to /dev/full: No space left"),
        "{sentence}"
    );

    let mut child = deskgraph(&app, folder.path())
        .arg("export")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    let (code, sentence) = code_and_stderr(&output);
    assert_eq!(code, Some(1));
    assert!(
        sentence.contains("The reader closed the standard output before the export was complete"),
        "{sentence}"
    );
}

on_each_database!(
    a_refused_credential_exports_nothing_and_prints_an_error,
    a_viewer_with_several_workspaces_selects_one,
    a_customer_token_exports_the_rows_of_the_customer,
);

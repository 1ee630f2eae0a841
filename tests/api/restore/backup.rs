//! Backups by the command and by `pg_dump`, and databases restored from them.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use deskgraph_bench::programs;
use needs::needs;
use serde_json::json;

use super::{epochs, expired, file_of, is_postgres, pull, run, write};
use crate::support::{TestApp, database, on_each_database};

fn deskgraph(app: &TestApp, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskgraph"))
        .args(arguments)
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .current_dir(std::env::temp_dir())
        .output()
        .expect("a process")
}

fn code_and_stderr(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[tokio::test]
async fn a_backup_during_writes_is_consistent_and_restorable() {
    let app = TestApp::sqlite().await;
    let (workspace, admin) = app.admin().await;
    let file = file_of(app.settings.database_url.reveal());
    let target = file.with_file_name("monday.db");
    let name = target.display().to_string();
    for number in 0..20 {
        write(&app, &admin, &format!("before{number}")).await;
    }
    let writing = async {
        for number in 0..40 {
            write(&app, &admin, &format!("beside{number}")).await;
        }
    };
    let backing_up = tokio::task::spawn_blocking({
        let (url, name) = (app.settings.database_url.clone(), name.clone());
        move || {
            Command::new(env!("CARGO_BIN_EXE_deskgraph"))
                .args(["backup", &name, "--database-url", url.reveal()])
                .output()
                .expect("a process")
        }
    });
    let ((), output) = tokio::join!(writing, backing_up);
    let (code, text) = code_and_stderr(&output.expect("no panic"));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is complete") && text.contains("change"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&target).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (code, text) = code_and_stderr(&deskgraph(&app, &["backup", &name]));
    assert_eq!(code, Some(1));
    assert!(text.contains("already exists"), "{text}");

    let lost = write(&app, &admin, "lost").await;
    // The same file as copied by `cp`. Only the mark in the backup identifies it.
    app.end().await;
    for beside in ["-wal", "-shm"] {
        let mut path = file.clone().into_os_string();
        path.push(beside);
        fs::remove_file(path).ok();
    }
    fs::copy(&target, &file).expect("restored");
    let node = app.another().await;
    let newest = node.services.hub.newest(workspace).await.expect("a cursor");
    assert!((80..lost.position).contains(&newest.position), "{newest:?}");
    assert_eq!(epochs(&node, workspace).await.len(), 1);
    assert_eq!(pull(&node, &admin, lost).await, expired(newest));
    for number in 0..45 {
        write(&node, &admin, &format!("after{number}")).await;
    }
    assert_eq!(pull(&node, &admin, lost).await, expired(newest));
    assert_eq!(pull(&node, &admin, newest).await, Ok(100), "a page");
}

async fn failed_backups_are_reported_with_the_next_step(app: TestApp) {
    let folder = tempfile::tempdir().expect("a folder");
    let name = |name: &str| folder.path().join(name).display().to_string();
    let fails = |output: Output| {
        let (code, text) = code_and_stderr(&output);
        assert_eq!(code, Some(1), "{text}");
        text
    };
    if is_postgres(&app) {
        let text = fails(deskgraph(&app, &["backup", &name("a")]));
        assert!(text.contains("pg_dump --format=custom --file="), "{text}");
    } else {
        let gone = format!("sqlite://{}", name("gone.db"));
        let text = fails(deskgraph(&app, &["backup", &name("a"), "--database-url", &gone]));
        assert!(text.contains("does not exist"), "{text}");
        database::run(
            &format!("sqlite://{}", name("other.db")),
            "CREATE TABLE one (n INTEGER)",
        )
        .await;
        let other = format!("sqlite://{}", name("other.db"));
        let text = fails(deskgraph(&app, &["backup", &name("a"), "--database-url", &other]));
        assert!(text.contains("not a Deskgraph database"), "{text}");
        // A log with a gap is not a consistent state.
        let (_, admin) = app.admin().await;
        write(&app, &admin, "one").await;
        run(&app, "DELETE FROM change WHERE position = 2").await;
        let text = fails(deskgraph(&app, &["backup", &name("a")]));
        assert!(
            text.contains("the change log is incomplete in 1 of the workspaces"),
            "{text}"
        );
    }
    let left: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.starts_with('a'))
        .collect();
    assert_eq!(left, [""; 0]);
}

/// A program of PostgreSQL.
fn tool(name: &str) -> Command {
    Command::new(programs::find(&[name]).expect("a test with pg_dump says #[needs(pg_dump)]"))
}

fn succeed(command: &mut Command) {
    let output = command.output().expect("a process");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[needs(postgres, pg_dump)]
#[tokio::test]
async fn restoring_a_dump_begins_an_epoch() {
    let app = TestApp::postgres_with(crate::support::unchanged).await;
    let (workspace, admin) = app.admin().await;
    // The first start stores the identity of the server and the number of its tables.
    app.another().await;
    let kept = write(&app, &admin, "kept").await;
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("monday.dump");
    let url = app.settings.database_url.reveal();
    succeed(
        tool("pg_dump")
            .args(["--format=custom", "--file"])
            .arg(&dump)
            .arg(url),
    );
    let lost = write(&app, &admin, "lost").await;
    app.shut_down();
    restore(&dump, url);
    let node = app.another().await;
    assert_eq!(epochs(&node, workspace).await.len(), 1);
    for name in ["a", "b", "c"] {
        assert_eq!(pull(&node, &admin, lost).await, expired(kept));
        write(&node, &admin, name).await;
    }
    assert_eq!(pull(&node, &admin, kept).await, Ok(12));
    let count = node.ask(&admin, "{ tickets { totalCount } }", json!({})).await;
    assert_eq!(count.at("/tickets/totalCount"), 4);
}

fn restore(dump: &Path, url: &str) {
    succeed(
        tool("pg_restore")
            .args(["--clean", "--if-exists", "--single-transaction", "--dbname", url])
            .arg(dump),
    );
}

on_each_database!(failed_backups_are_reported_with_the_next_step);

//! The real binary is killed during a sync and started again.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{KEY, asked_of, page, stand_in, stand_in::*};

const PAGES: usize = 9;
const ROWS: usize = 100;

fn deskgraph(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("SYNC_API_KEY", KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn output(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = deskgraph(folder, arguments);
    let waiting = tokio::task::spawn_blocking(move || command.output());
    waiting.await.expect("it ends").expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_sync_resumes_after_its_process_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let speaks = Arc::new(AtomicBool::new(false));
    let may = speaks.clone();
    let vendor = StandIn::start(move |asked, _| {
        if asked.path.contains("page=6") && !may.load(Ordering::SeqCst) {
            return Reply::Silence;
        }
        stand_in::json(&page(&asked.path, PAGES, ROWS))
    })
    .await;
    let made = output(folder.path(), &["workspace", "create", "Test"]).await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    let sync = ["sync", "cstar", "--url", &vendor.url, "--team", "7"];

    let mut child = deskgraph(folder.path(), &sync).spawn().expect("it starts");
    vendor.falls_silent().await;
    // SIGKILL, so that the process cannot clean up.
    child.kill().expect("killed");
    child.wait().expect("dead");
    assert_eq!(vendor.paths().len(), 6);
    vendor.forget();
    speaks.store(true, Ordering::SeqCst);

    let second = output(folder.path(), &sync).await;
    let told = text(&second.stdout);
    assert!(second.status.success(), "{told}{}", text(&second.stderr));
    assert!(
        told.contains("400 lines: 400 created, 0 updated, 0 unchanged, 0 failed"),
        "{told}"
    );
    assert!(told.contains("Resumed at page 6"), "{told}");
    assert_eq!(asked_of(&vendor, "customers").len(), 4);

    let third = output(folder.path(), &sync).await;
    let told = text(&third.stdout);
    assert!(
        told.contains("900 lines: 0 created, 0 updated, 900 unchanged, 0 failed"),
        "{told}"
    );
    assert!(!told.contains("Resumed"), "{told}");
}

#[tokio::test]
async fn the_command_reports_the_next_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let vendor = StandIn::start(|_, _| answer("401 Unauthorized", "", r#"{"message":"bad key"}"#)).await;
    output(folder.path(), &["workspace", "create", "Test"]).await;
    let sync = ["sync", "keva", "--url", &vendor.url];
    let refused = output(folder.path(), &sync).await;
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        told.contains("The vendor rejected the API key (401 Unauthorized: bad key)"),
        "{told}"
    );
    assert!(told.contains("--api-key") && !told.contains(KEY), "{told}");

    for (arguments, told) in [
        (vec!["sync", "cstar", "--url", "https://a.example"], "--team"),
        (vec!["import", "csv", "x.csv", "--map", "email"], "COLUMN=FIELD"),
        (
            vec!["import", "csv", "x.csv", "--map", "Mail=shoe"],
            "the field \"shoe\" does not exist",
        ),
        (
            vec!["import", "csv", "x.csv", "--delimiter", "ab"],
            "must be one character",
        ),
        (
            vec!["import", "csv", "x.csv", "--system", "A B"],
            "must have 1 to 64",
        ),
    ] {
        let refused = output(folder.path(), &arguments).await;
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(told), "{}", text(&refused.stderr));
    }
    let missing = output(folder.path(), &["import", "csv", "x.csv"]).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("x.csv is not an existing file"));
}

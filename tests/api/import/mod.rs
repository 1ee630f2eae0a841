//! Bringing helpdesk data in from files.

mod answers;
mod assignments;
mod attachments;
mod beside;
mod bounds;
mod cstar;
mod erased;
mod faults;
mod generated;
mod halves;
mod keva;
mod kustomer;
mod numbers;
mod odd;
mod remote;
mod standing;
mod table;

use std::{collections::BTreeSet, path::Path};

use deskgraph::{
    auth::Viewer,
    import::{self, Input, KEVA, Report, Vendor},
    service::import::Source,
};
use entity::WorkspaceId;
use tempfile::TempDir;

use crate::support::TestApp;

/// The files that must be there, with these texts in them.
fn folder(customers: &str, tickets: &str, messages: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("customers", customers),
        ("tickets", tickets),
        ("messages", messages),
    ] {
        std::fs::write(folder.path().join(format!("{name}.ndjson")), text).expect("written");
    }
    folder
}

/// A folder with these files.
fn files(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// Brings in what is in a folder of Keva's.
async fn run(app: &TestApp, workspace: WorkspaceId, folder: &Path) -> Report {
    run_of(app, workspace, &KEVA, folder).await
}

/// Brings in what is in a vendor's folder.
async fn run_of(app: &TestApp, workspace: WorkspaceId, vendor: &Vendor, folder: &Path) -> Report {
    run_with(app, workspace, vendor, folder, false).await
}

/// The same, where a value that is odd costs its record.
async fn run_strict(app: &TestApp, workspace: WorkspaceId, vendor: &Vendor, folder: &Path) -> Report {
    run_with(app, workspace, vendor, folder, true).await
}

async fn run_with(
    app: &TestApp,
    workspace: WorkspaceId,
    vendor: &Vendor,
    folder: &Path,
    strict: bool,
) -> Report {
    run_as(app, workspace, vendor, folder, |source| source.strict = strict).await
}

/// The same, with other wishes.
async fn run_as(
    app: &TestApp,
    workspace: WorkspaceId,
    vendor: &Vendor,
    folder: &Path,
    wish: impl FnOnce(&mut Source<'_>),
) -> Report {
    let viewer = Viewer::operator(workspace);
    let mut source = Source {
        viewer: &viewer,
        workspace,
        system: vendor.system,
        strict: false,
        prefer_source: false,
        revive: false,
    };
    wish(&mut source);
    let input = Input::Folder(folder.to_owned());
    // Large, and some tests run two of them side by side.
    let running = Box::pin(import::run(&app.services, &source, vendor, &input, &|_| {}));
    running.await.expect("a report")
}

/// Created, updated, unchanged and failed, by file.
fn counts(report: &Report) -> Vec<(&str, [u64; 4])> {
    let of = |file: &import::FileReport| [file.created, file.updated, file.unchanged, file.failed];
    report
        .files
        .iter()
        .map(|file| (file.name.as_str(), of(file)))
        .collect()
}

/// The values of a file that were left out or mended, each as `LINE FIELD`.
fn left_out(report: &Report, name: &str) -> BTreeSet<String> {
    let file = report
        .files
        .iter()
        .find(|file| file.name == name)
        .expect("the file");
    file.left_out
        .iter()
        .map(|fault| format!("{} {}", fault.line, fault.field))
        .collect()
}

/// The lines of a file that could not be used, each as `LINE FIELD`.
fn faults(report: &Report, name: &str) -> BTreeSet<String> {
    let file = report
        .files
        .iter()
        .find(|file| file.name == name)
        .expect("the file");
    file.faults
        .iter()
        .map(|fault| format!("{} {}", fault.line, fault.field))
        .collect()
}

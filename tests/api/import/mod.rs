//! Imports from files.

mod agents;
mod agents_again;
mod answers;
mod assignments;
mod attachments;
mod beside;
mod bounds;
mod cstar;
mod erased;
mod faults;
mod generated;
mod keva;
mod kustomer;
mod numbers;
mod odd;
mod remote;
mod standing;
mod surrogates;
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

/// Creates a folder with the required files and these texts.
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

/// Creates a folder with these files.
fn files(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// Imports a folder in Keva's format.
async fn run(app: &TestApp, workspace: WorkspaceId, folder: &Path) -> Report {
    run_of(app, workspace, &KEVA, folder).await
}

/// Imports a folder in the format of a vendor.
async fn run_of(app: &TestApp, workspace: WorkspaceId, vendor: &Vendor, folder: &Path) -> Report {
    run_with(app, workspace, vendor, folder, false).await
}

/// Imports with the option that rejects records with invalid values.
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

/// Imports with other options.
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
    // The future is large, and some tests run two imports concurrently.
    let running = Box::pin(import::run(&app.services, &source, vendor, &input, &|_| {}));
    running.await.expect("a report")
}

/// Returns the numbers of created, updated, unchanged and failed objects by file.
fn counts(report: &Report) -> Vec<(&str, [u64; 4])> {
    let of = |file: &import::FileReport| [file.created, file.updated, file.unchanged, file.failed];
    report
        .files
        .iter()
        .map(|file| (file.name.as_str(), of(file)))
        .collect()
}

/// Returns the values of a file that were omitted or corrected, in the form `LINE FIELD`.
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

/// Returns the unusable lines of a file, in the form `LINE FIELD`.
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

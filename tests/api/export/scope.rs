//! An export contains only data that the viewer sees.

use deskgraph::{
    auth::{Grant, Viewer},
    export::{self, Export, ExportError},
};
use entity::WorkspaceId;

use super::{ExportFixture, PAGE, counted, imported, lines, viewer};
use crate::support::{TestApp, on_each_database, text};

async fn refusal(app: &TestApp, viewer: &Viewer, workspace: WorkspaceId) -> (ExportError, Vec<u8>) {
    let mut written = Vec::new();
    let wanted = Export {
        viewer,
        workspace,
        page_size: PAGE,
        complete: false,
    };
    let done = export::run(&app.services, &wanted, &mut written, &|_| ()).await;
    (done.expect_err("a refusal"), written)
}

async fn an_export_contains_only_rows_of_its_workspace(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let other = app.workspace("Other").await;
    imported(&app, other).await;
    let both = app.admin_of(&[other, fixture.workspace]).await;
    let viewer = viewer(&app, &both).await;
    let here = lines(&app, &viewer, fixture.workspace, PAGE).await;
    let there = lines(&app, &viewer, other, PAGE).await;
    assert_eq!(counted(&here)["Ticket"], 6);
    let counts = counted(&there);
    let counts = [
        "Workspace",
        "Agent",
        "Customer",
        "Ticket",
        "Conversation",
        "Message",
    ]
    .map(|kind| counts[kind]);
    assert_eq!(counts, [1, 1, 3, 3, 3, 3]);
    let of_here = serde_json::to_string(&here).expect("JSON");
    for line in there.iter().filter(|line| line.get("id").is_some()) {
        assert!(!of_here.contains(text(&line["id"])), "{line}");
    }
}

async fn foreign_and_missing_workspaces_have_the_same_error(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let other = app.workspace("Other").await;
    let nowhere: WorkspaceId = app.services.clock.id();
    for person in [&fixture.admin, &fixture.reader, &fixture.ann] {
        let viewer = viewer(&app, person).await;
        for workspace in [other, nowhere] {
            let (error, written) = refusal(&app, &viewer, workspace).await;
            assert!(matches!(error, ExportError::NoWorkspace), "{error}");
            assert!(written.is_empty());
        }
    }
}

async fn an_export_needs_the_read_grant(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let key = app.api_key(&[fixture.workspace], &[Grant::Write]).await;
    let viewer = viewer(&app, &key).await;
    let (error, written) = refusal(&app, &viewer, fixture.workspace).await;
    assert!(matches!(error, ExportError::Denied(_)), "{error}");
    assert!(written.is_empty());
}

on_each_database!(
    an_export_contains_only_rows_of_its_workspace,
    foreign_and_missing_workspaces_have_the_same_error,
    an_export_needs_the_read_grant,
);

//! A complete export creates the same workspace in another database.

use deskgraph::{
    auth::Viewer,
    export::{self, Export},
    import::copy::{self, Copy, CopyError, CopyReport},
    service::import::{ImportCustomer, Outcome, Source, customers},
};
use entity::{WorkspaceId, customer};
use needs::needs;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{ExportFixture, PAGE, counted, read};
use crate::support::{TestApp, fill, on_each_database, unchanged};

/// Returns a complete export and the key of its erasure marks.
async fn export_complete(app: &TestApp, workspace: WorkspaceId) -> (Vec<u8>, Option<Vec<u8>>) {
    let viewer = Viewer::operator(workspace);
    let wanted = Export {
        viewer: &viewer,
        workspace,
        page_size: PAGE,
        complete: true,
    };
    let mut written = Vec::new();
    let done = export::run(&app.services, &wanted, &mut written, &|_| ()).await;
    done.expect("an export");
    let key = entity::erasure_key::Entity::find().one(app.services.db.connection());
    (written, key.await.expect("a key").map(|row| row.key))
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    file
}

async fn copy_export(app: &TestApp, bytes: &[u8], key: Option<Vec<u8>>) -> Result<CopyReport, CopyError> {
    let file = file(bytes);
    let wanted = Copy {
        file: file.path().to_owned(),
        key,
        block: 10,
    };
    copy::run(&app.services, &wanted, &|_, _| ()).await
}

/// Erases an imported customer with a ticket.
async fn erase_customer(app: &TestApp, fixture: &ExportFixture) {
    let query = "{ customerByEmail(email: \"c3@example.com\") { id } }";
    let id = app
        .ask(&fixture.admin, query, json!({}))
        .await
        .at("/customerByEmail/id");
    app.wrote(&fixture.admin, "customerDelete", json!({ "id": id }))
        .await;
}

/// Returns the normalized names of customers, which comparisons use.
async fn keys(app: &TestApp) -> Vec<(String, String)> {
    let rows = customer::Entity::find().order_by_asc(customer::Column::Id);
    let rows = rows.all(app.services.db.connection()).await.expect("rows");
    rows.into_iter()
        .map(|row| (row.name_key, row.company_key))
        .collect()
}

/// Returns the lines without the time of the export.
fn lines(bytes: &[u8]) -> Vec<Value> {
    let mut lines = read(bytes);
    lines[0]["exportedAt"].take();
    lines
}

async fn assert_copy_equals_workspace(from: TestApp, to: TestApp) {
    let fixture = ExportFixture::new(&from).await;
    erase_customer(&from, &fixture).await;
    let query = "{ customers(first: 1) { nodes { id } } }";
    let id = from
        .ask(&fixture.admin, query, json!({}))
        .await
        .at("/customers/nodes/0/id");
    let input = json!({ "name": "Jos\u{e9} N\u{fa}\u{f1}ez", "company": "\u{c9}toile" });
    from.wrote(
        &fixture.admin,
        "customerUpdate",
        json!({ "id": id, "input": input }),
    )
    .await;
    let told = "UPDATE external_reference SET told_as = 'a', read_as = 'b'";
    let noted = from.services.db.connection().execute_unprepared(told).await;
    noted.expect("noted");
    let (export, key) = export_complete(&from, fixture.workspace).await;
    let report = copy_export(&to, &export, key.clone()).await.expect("a copy");
    assert!(report.is_whole() && report.before == 0, "{report}");
    assert_eq!(report.figures, 0, "{report}");
    assert_eq!(report.workspace, fixture.workspace);
    assert_eq!(keys(&from).await, keys(&to).await);
    let told = lines(&export);
    let counts = counted(&told);
    for (kind, of_file, _) in &report.counts {
        assert_eq!(counts.get(kind).copied().unwrap_or_default() as u64, *of_file);
        assert!(*of_file > 0, "{kind}");
    }
    // Cursors, computed fields, erasure marks and stored values of sources are equal too.
    let (again, of_copy) = export_complete(&to, fixture.workspace).await;
    assert_eq!(lines(&again), told);
    assert_eq!(of_copy, key);
    // PostgreSQL stores the keys of custom fields in its own order.
    let is_sqlite = |app: &TestApp| app.settings.database_url.reveal().starts_with("sqlite");
    if is_sqlite(&from) && is_sqlite(&to) {
        let behind_first = |bytes: &[u8]| {
            bytes
                .iter()
                .skip_while(|byte| **byte != b'\n')
                .copied()
                .collect::<Vec<_>>()
        };
        assert!(behind_first(&again) == behind_first(&export), "the bytes differ");
    }

    // The copy continues like the original.
    let watch = "query($after: ChangeCursor) { changes(after: $after) { nodes { name } } }";
    let cursor = &told.last().expect("a cursor")["cursor"];
    // Earlier tokens are valid here too.
    let admin = fixture.admin;
    to.clock_control.advance_ms(600_000);
    let news = to
        .ask(&admin, watch, json!({ "after": cursor }))
        .await
        .at("/changes/nodes");
    assert_eq!(news, json!([]));
    let ticket = to.ticket(&admin, "new@example.com").await;
    let news = to
        .ask(&admin, watch, json!({ "after": cursor }))
        .await
        .at("/changes/nodes");
    assert_eq!(news.as_array().map(Vec::len), Some(4), "{ticket}");
    let viewer = Viewer::operator(fixture.workspace);
    let source = Source {
        viewer: &viewer,
        workspace: fixture.workspace,
        system: "test",
        strict: false,
        prefer_source: false,
        revive: false,
    };
    let rows: Vec<ImportCustomer> = ["c1", "c3"].map(fill::customer).into();
    let outcomes = customers(&to.services, &source, &rows).await.expect("outcomes");
    assert_eq!(outcomes, [Outcome::Unchanged, Outcome::Erased("id")]);
}

#[tokio::test]
async fn a_workspace_is_copied_from_sqlite_to_sqlite() {
    assert_copy_equals_workspace(TestApp::sqlite().await, TestApp::sqlite().await).await;
}

#[needs(postgres)]
#[tokio::test]
async fn a_workspace_is_copied_between_sqlite_and_postgres() {
    let to = TestApp::postgres_with(unchanged).await;
    assert_copy_equals_workspace(TestApp::sqlite().await, to).await;
    let from = TestApp::postgres_with(unchanged).await;
    assert_copy_equals_workspace(from, TestApp::sqlite().await).await;
}

async fn interrupted_copies_resume_and_complete_workspaces_are_refused(app: TestApp) {
    let from = TestApp::sqlite().await;
    let fixture = ExportFixture::new(&from).await;
    let (export, _) = export_complete(&from, fixture.workspace).await;
    // An earlier import stopped in the middle.
    let text = String::from_utf8(export.clone()).expect("a text");
    let broken: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| {
            if at == 20 {
                line.replace("\"id\":", "\"no\":")
            } else {
                line.to_owned()
            }
        })
        .collect();
    let failed = copy_export(&app, broken.join("\n").as_bytes(), None).await;
    let Err(CopyError::Line(21, reason)) = failed else {
        panic!("{failed:?}");
    };
    assert!(reason.contains("id"), "{reason}");
    let report = copy_export(&app, &export, None).await.expect("a copy");
    assert!(report.is_whole() && report.before == 20, "{report}");
    let (again, _) = export_complete(&app, fixture.workspace).await;
    assert_eq!(lines(&again), lines(&export));
    // A complete workspace is not overwritten, neither by the same export nor by another.
    for bytes in [&export, &export_complete(&from, fixture.workspace).await.0] {
        let failed = copy_export(&app, bytes, None).await;
        assert!(
            matches!(failed, Err(CopyError::Taken(id)) if id == fixture.workspace),
            "{failed:?}"
        );
    }
}

async fn lines_that_no_export_contains_are_refused_with_the_field(app: TestApp) {
    let from = TestApp::sqlite().await;
    let fixture = ExportFixture::new(&from).await;
    let (export, _) = export_complete(&from, fixture.workspace).await;
    let text = String::from_utf8(export).expect("a text");
    // In the order of lines: a copy resumes after the lines that are written.
    for (kind, from, to, expected) in [
        (
            "Customer",
            "\"figures\":[",
            "\"figures\":[9,",
            "figures: expected 5 numbers",
        ),
        ("Ticket", "\"subject\":", "\"topic\":", "missing field `subject`"),
        (
            "Ticket",
            "\"version\":",
            "\"version\":true,\"was\":",
            "invalid type: boolean",
        ),
        (
            "Message",
            "\"type\":\"Customer\"",
            "\"type\":\"Bot\"",
            "sender: expected the type Agent or Customer",
        ),
    ] {
        let kind = format!("\"type\":\"{kind}\"");
        let is_meant = |line: &&str| line.contains(&kind) && line.contains(from);
        let line = text.lines().find(is_meant).expect(from);
        let changed = text.replacen(line, &line.replacen(from, to, 1), 1);
        let failed = copy_export(&app, changed.as_bytes(), None).await;
        let Err(CopyError::Line(_, reason)) = failed else {
            panic!("{to}: {failed:?}");
        };
        assert!(reason.starts_with(expected), "{to}: {reason}");
    }
}

async fn incomplete_exports_are_refused_before_any_write(app: TestApp) {
    let from = TestApp::sqlite().await;
    let fixture = ExportFixture::new(&from).await;
    erase_customer(&from, &fixture).await;
    let (export, key) = export_complete(&from, fixture.workspace).await;
    let text = String::from_utf8(export.clone()).expect("a text");
    let (without_end, _) = text.trim_end().rsplit_once('\n').expect("lines");
    let incomplete = text.replacen(",\"complete\":true", "", 1);
    let later = text.replacen("\"version\":1", "\"version\":2", 1);
    for (bytes, key, expected) in [
        (without_end.as_bytes(), &key, "is truncated"),
        (incomplete.as_bytes(), &key, "export --complete"),
        (later.as_bytes(), &key, "has the format version 2"),
        (b"{\"id\":\"1\"}\n", &key, "is not a Deskgraph export"),
        (b"", &key, "is truncated"),
        (&export, &None, "--erasure-key"),
    ] {
        let failed = copy_export(&app, bytes, key.clone())
            .await
            .expect_err("refused")
            .to_string();
        assert!(failed.contains(expected), "{failed}");
    }
    let none = entity::workspace::Entity::find()
        .all(app.services.db.connection())
        .await;
    assert!(none.expect("a list").is_empty());
    assert!(text.contains("Erased"));
}

async fn only_the_operator_creates_complete_exports(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let viewer = super::viewer(&app, &fixture.admin).await;
    let wanted = Export {
        viewer: &viewer,
        workspace: fixture.workspace,
        page_size: PAGE,
        complete: true,
    };
    let refused = export::run(&app.services, &wanted, &mut Vec::new(), &|_| ()).await;
    assert!(refused.is_err());
}

on_each_database!(
    interrupted_copies_resume_and_complete_workspaces_are_refused,
    lines_that_no_export_contains_are_refused_with_the_field,
    incomplete_exports_are_refused_before_any_write,
    only_the_operator_creates_complete_exports,
);

//! The last line contains the cursor from which the change log continues.

use std::io::{self, Write};

use deskgraph::{
    app::App,
    auth::Viewer,
    clock::Clock,
    config::Settings,
    export::{self, Export},
    service::message::{AddMessage, MessageTarget, add},
};
use entity::{WorkspaceId, message::Direction};
use serde_json::json;

use super::{PAGE, lines, of, read, viewer};
use crate::support::{START, TestApp, on_each_database, position, text};

/// Subscribes to all events behind a cursor.
const WATCH: &str =
    "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id body changeCursor } }";

/// An output during which another node writes a message when a certain line is written.
struct InterferingOutput<'a> {
    written: Vec<u8>,
    before: &'static str,
    settings: &'a Settings,
    workspace: WorkspaceId,
    target: MessageTarget,
    body: String,
    done: bool,
}

impl InterferingOutput<'_> {
    /// Writes in another thread on another node, while the export waits.
    fn write_meanwhile(&self) {
        let add_one = async || {
            let clock = Clock::manual(START, 99).0;
            let app = App::build(self.settings, clock).await.expect("a node");
            let input = AddMessage {
                target: self.target,
                body: self.body.clone(),
                body_html: None,
                sender_email: "ann@example.com".to_owned(),
                sender_name: None,
                direction: Direction::Inbound,
                internal: false,
            };
            let operator = Viewer::operator(self.workspace);
            add(&app.services, &operator, input).await.expect("a message");
            app.services.db.close().await.expect("closed");
        };
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(add_one());
            });
        });
    }
}

impl Write for InterferingOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend(bytes);
        if !self.done && String::from_utf8_lossy(&self.written).contains(self.before) {
            self.done = true;
            self.write_meanwhile();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn events_during_the_export_follow_its_cursor(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.ticket(&admin, "ben@example.com").await;
    let id = text(&ticket["id"]);
    let viewer = viewer(&app, &admin).await;
    // Before messages are read, and after everything is read.
    for (before, is_seen) in [("\"type\":\"Export\"", true), ("\"type\":\"Cursor\"", false)] {
        let body = format!("written before {before}");
        let mut out = InterferingOutput {
            written: Vec::new(),
            before,
            settings: &app.settings,
            workspace,
            target: MessageTarget::Ticket(id.parse().expect("an id")),
            body: body.clone(),
            done: false,
        };
        let wanted = Export {
            viewer: &viewer,
            workspace,
            page_size: PAGE,
            complete: false,
        };
        let report = export::run(&app.services, &wanted, &mut out, &|_| ()).await;
        let report = report.expect("an export");
        let lines = read(&out.written);
        let seen = of(&lines, "Message")
            .iter()
            .any(|line| line["body"] == json!(body));
        assert_eq!(seen, is_seen, "{before}");
        let last = lines.last().expect("a line");
        assert_eq!(
            *last,
            json!({ "type": "Cursor", "cursor": report.cursor.to_string() })
        );

        let mut socket = app.socket(&admin).await;
        socket
            .begin("1", WATCH, &json!({ "after": last["cursor"] }))
            .await;
        let heard = socket.data("1").await["messageAdded"].take();
        assert_eq!(heard["body"], json!(body), "the first event behind the cursor");
    }
}

async fn events_before_the_export_precede_its_cursor(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    let viewer = viewer(&app, &admin).await;
    let lines = lines(&app, &viewer, workspace, PAGE).await;
    let newest = app.log(workspace).await.last().expect("an event").position;
    let cursor = text(&lines.last().expect("a line")["cursor"]);
    assert_eq!(position(cursor), newest);
    let messages = of(&lines, "Message");
    assert!(
        messages
            .iter()
            .all(|line| position(text(&line["cursor"])) <= newest)
    );
}

async fn an_export_of_an_empty_workspace_has_a_cursor(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let viewer = viewer(&app, &admin).await;
    let lines = lines(&app, &viewer, workspace, PAGE).await;
    assert_eq!(position(text(&lines.last().expect("a line")["cursor"])), 0);
}

on_each_database!(
    events_during_the_export_follow_its_cursor,
    events_before_the_export_precede_its_cursor,
    an_export_of_an_empty_workspace_has_a_cursor,
);

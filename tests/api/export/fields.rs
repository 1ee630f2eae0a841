//! Each line equals the result of a query by the same viewer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ExportFixture, PAGE, counted, lines, of, shape::Shape, viewer};
use crate::support::{Person, TestApp, on_each_database, text};

const TYPES: [&str; 8] = [
    "Workspace",
    "Agent",
    "Team",
    "Queue",
    "Customer",
    "Conversation",
    "Ticket",
    "Message",
];

/// Returns the ids of all visible objects by type, from queries.
async fn visible_ids(app: &TestApp, person: &Person, kind: &str) -> BTreeSet<String> {
    let query = match kind {
        "Workspace" => "{ found: viewer { nodes: workspaces { id } } }",
        "Agent" => "{ found: agents(first: 100) { nodes { id } } }",
        "Team" => "{ found: teams(first: 100) { nodes { id } } }",
        "Queue" => "{ found: queues(first: 100) { nodes { id } } }",
        "Customer" => "{ found: customers(first: 100) { nodes { id } } }",
        "Conversation" => "{ found: conversations(first: 100) { nodes { id } } }",
        "Ticket" => "{ found: tickets(first: 100) { nodes { id } } }",
        _ => "{ found: conversations(first: 100) { nodes { messages(first: 100) { nodes { id } } } } }",
    };
    let data = app.ask(person, query, json!({})).await.data();
    let nodes = data.get("nodes").unwrap_or(&data["found"]["nodes"]);
    let nodes = nodes.as_array().expect("a list").iter();
    let ids = nodes.flat_map(|node| match node["messages"]["nodes"].as_array() {
        Some(messages) => messages.clone(),
        None => vec![node.clone()],
    });
    ids.map(|node| text(&node["id"]).to_owned()).collect()
}

/// Compares every line of a viewer's export with results of queries.
async fn assert_export_equals_queries(app: &TestApp, fixture: &ExportFixture, person: &Person) -> Vec<Value> {
    let viewer = viewer(app, person).await;
    let lines = lines(app, &viewer, fixture.workspace, PAGE).await;
    let shape = Shape::new();
    for kind in TYPES {
        let written = of(&lines, kind);
        let ids: Vec<&str> = written.iter().map(|line| text(&line["id"])).collect();
        let told: BTreeSet<String> = ids.iter().copied().map(str::to_owned).collect();
        assert_eq!(told.len(), ids.len(), "{kind}: each once");
        assert!(ids.is_sorted(), "{kind}: in the order of ids: {ids:?}");
        assert_eq!(told, visible_ids(app, person, kind).await, "{kind}");
        let query = format!(
            "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {} }} }} }}",
            shape.selection(kind)
        );
        let answered = app.ask(person, &query, json!({ "ids": ids })).await.at("/nodes");
        let answered = answered.as_array().expect("a list");
        for (line, answered) in written.into_iter().zip(answered) {
            assert_eq!(*line, shape.line(kind, answered), "{kind}");
        }
    }
    lines
}

async fn each_line_equals_the_result_of_a_query(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let by_admin = assert_export_equals_queries(&app, &fixture, &fixture.admin).await;
    let by_reader = assert_export_equals_queries(&app, &fixture, &fixture.reader).await;
    let by_ann = assert_export_equals_queries(&app, &fixture, &fixture.ann).await;

    let notes = |lines: &[Value]| -> BTreeSet<String> {
        let each = of(lines, "Customer").into_iter();
        each.filter_map(|line| line["internalNotes"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(notes(&by_admin), BTreeSet::from(["Between agents".to_owned()]));
    assert!(notes(&by_reader).is_empty() && notes(&by_ann).is_empty());
    let all = counted(&by_admin);
    assert_eq!(all, counted(&by_reader));
    let expected = [
        ("Export", 1),
        ("Workspace", 1),
        ("Agent", 2),
        ("Team", 3),
        ("Queue", 1),
        ("Customer", 4),
        ("Conversation", 6),
        ("Ticket", 6),
        ("Message", 20),
        ("Cursor", 1),
    ];
    assert_eq!(all, expected.into());
    let of_ann = counted(&by_ann);
    let own = ["Customer", "Ticket", "Conversation", "Message", "Agent"].map(|kind| of_ann[kind]);
    assert_eq!(own, [1, 2, 3, 16, 2]);
    assert!(!of_ann.contains_key("Team") && !of_ann.contains_key("Queue"));
}

async fn the_fixture_fills_every_field(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let viewer = viewer(&app, &fixture.admin).await;
    let lines = lines(&app, &viewer, fixture.workspace, PAGE).await;
    // A field that is null on every line would not be compared.
    for kind in TYPES {
        let written = of(&lines, kind);
        let names = written[0].as_object().expect("an object").keys();
        for name in names {
            let empty =
                |line: &&Value| line[name].is_null() || line[name] == json!([]) || line[name] == json!({});
            assert!(!written.iter().all(empty), "{kind}.{name} is empty on every line");
        }
    }
}

async fn the_export_has_a_header_and_ordered_types(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let viewer = viewer(&app, &fixture.admin).await;
    let lines = lines(&app, &viewer, fixture.workspace, PAGE).await;
    let now = app.services.clock.now().to_rfc3339();
    let head = json!({
        "type": "Export", "version": 1, "workspaceId": fixture.workspace.to_string(), "exportedAt": now,
    });
    assert_eq!(lines[0], head);
    let mut order: Vec<_> = lines.iter().map(|line| text(&line["type"])).collect();
    order.dedup();
    assert_eq!(order[0], "Export");
    assert_eq!(order[1..9], TYPES);
    assert_eq!(order[9..], ["Cursor"]);
}

async fn each_page_takes_the_same_number_of_statements(app: TestApp) {
    let fixture = ExportFixture::new(&app).await;
    let viewer = viewer(&app, &fixture.admin).await;
    app.statements.take();
    lines(&app, &viewer, fixture.workspace, 100).await;
    let few = app.statements.take().len();
    for index in 0..10 {
        app.ticket(&fixture.admin, &format!("more{index}@example.com"))
            .await;
    }
    app.statements.take();
    lines(&app, &viewer, fixture.workspace, 100).await;
    assert_eq!(app.statements.take().len(), few);
}

on_each_database!(
    each_line_equals_the_result_of_a_query,
    the_fixture_fills_every_field,
    the_export_has_a_header_and_ordered_types,
    each_page_takes_the_same_number_of_statements,
);

//! Internal notes are not visible to customers in any way.

use deskgraph::{
    auth::{Grant, Viewer},
    export::{self, Export},
};
use entity::WorkspaceId;
use serde_json::{Value, json};

use crate::support::{
    Payload, Person, Socket, TestApp,
    fill::{self, Rows},
    on_each_database, text,
};

const SECRET: &str = "Do not tell her, she is a nuisance";

/// Ann's ticket with one message, and notes in the ticket and in its conversation. The agent has written nothing
/// else.
struct NotesFixture {
    workspace: WorkspaceId,
    admin: Person,
    noter: Person,
    ann: Person,
    ticket: Value,
    notes: Vec<String>,
}

impl NotesFixture {
    async fn new(app: &TestApp) -> Self {
        let (workspace, admin) = app.admin().await;
        let noter = app.agent(workspace, "Noter").await;
        let ann = app.customer(workspace, "ann@example.com").await;
        let ticket = app.ticket(&admin, "ann@example.com").await;
        let mut fixture = Self {
            workspace,
            admin,
            noter,
            ann,
            ticket,
            notes: Vec::new(),
        };
        app.clock_control.advance_ms(60_000);
        for target in fixture.targets() {
            let made = fixture.note(app, &fixture.noter, &target).await;
            assert_eq!(made.errors(), Vec::<String>::new());
            fixture.notes.push(text(&made["message"]["id"]).to_owned());
        }
        fixture
    }

    fn targets(&self) -> [Value; 2] {
        [
            json!({ "ticketId": self.ticket["id"] }),
            json!({ "conversationId": self.ticket["conversation"]["id"] }),
        ]
    }

    async fn note(&self, app: &TestApp, person: &Person, target: &Value) -> Payload {
        let input = json!({
            "target": target, "body": SECRET, "bodyHtml": format!("<p>{SECRET}</p>"), "isInternal": true,
            "senderEmail": "noter@agents.example.com",
        });
        app.write(person, "messageAdd", json!({ "input": input })).await
    }

    async fn add_reply(&self, app: &TestApp, body: &str) {
        let input = json!({ "target": self.targets()[0], "body": body, "senderEmail": "ann@example.com" });
        app.wrote(&self.admin, "messageAdd", json!({ "input": input }))
            .await;
    }
}

const READ: &str = "query($ticket: ID!, $thread: ID!, $customer: ID!, $notes: [ID!]!, $note: ID!) {
    ticket(id: $ticket) {
        messageCount lastMessageAt updatedAt version status
        messages { totalCount nodes { body isInternal } }
        last: messages(last: 1) { nodes { body } }
        found: messages(filter: { body: { contains: \"nuisance\" } }) { totalCount nodes { id } }
        backwards: messages(orderBy: { field: CREATED_AT, direction: DESC }, first: 1) { nodes { body } pageInfo { hasNextPage } }
        conversation { messageCount lastMessageAt updatedAt version messages { totalCount nodes { body } } }
        customer { overallSentiment messages { totalCount nodes { body } } }
    }
    conversation(id: $thread) { messages { totalCount } }
    customer(id: $customer) { messages { totalCount nodes { body bodyHtml } } }
    message(id: $note) { body }
    node(id: $note) { id }
    nodes(ids: $notes) { id }
    agents { totalCount nodes { id } }
    changes(first: 100) { nodes { name objectId } }
}";

async fn read_everything(app: &TestApp, fixture: &NotesFixture, person: &Person) -> Value {
    let variables = json!({
        "ticket": fixture.ticket["id"], "thread": fixture.ticket["conversation"]["id"], "customer": fixture.ann.id,
        "notes": fixture.notes, "note": fixture.notes[0],
    });
    app.ask(person, READ, variables).await.data()
}

async fn notes_change_nothing_that_the_customer_reads(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let seen = read_everything(&app, &fixture, &fixture.ann).await;
    let whole = seen.to_string();
    assert!(!whole.contains("nuisance"), "{whole}");
    for id in [&fixture.notes[0], &fixture.notes[1], &fixture.noter.id] {
        assert!(!whole.contains(id.as_str()), "{whole}");
    }
    let hello = json!({ "body": "The parcel weighs two kilograms." });
    let ticket = &seen["ticket"];
    for at in ["messageCount", "lastMessageAt", "updatedAt", "version"] {
        assert_eq!(ticket[at], fixture.ticket[at], "{at}");
    }
    assert_eq!(ticket["messages"]["totalCount"], 1);
    assert_eq!(ticket["messages"]["nodes"][0]["isInternal"], false);
    assert_eq!(ticket["last"]["nodes"], json!([hello]));
    assert_eq!(ticket["found"], json!({ "totalCount": 0, "nodes": [] }));
    assert_eq!(
        ticket["backwards"],
        json!({ "nodes": [hello], "pageInfo": { "hasNextPage": false } })
    );
    assert_eq!(ticket["conversation"]["messageCount"], 1);
    assert_eq!(
        ticket["conversation"]["lastMessageAt"],
        fixture.ticket["lastMessageAt"]
    );
    assert_eq!(ticket["conversation"]["version"], 1);
    assert_eq!(ticket["conversation"]["messages"]["totalCount"], 1);
    assert_eq!(ticket["customer"]["messages"]["totalCount"], 1);
    assert_eq!(seen["conversation"]["messages"]["totalCount"], 1);
    assert_eq!(seen["customer"]["messages"]["totalCount"], 1);
    assert_eq!((&seen["message"], &seen["node"]), (&Value::Null, &Value::Null));
    assert_eq!(seen["nodes"], json!([null, null]));
    assert_eq!(seen["agents"]["totalCount"], 0);
    let told = seen["changes"]["nodes"].as_array().expect("a list");
    let messages = told
        .iter()
        .filter(|change| change["name"] == "message.created")
        .count();
    assert_eq!(messages, 1);
}

async fn agents_read_the_notes(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let seen = read_everything(&app, &fixture, &fixture.admin).await;
    let ticket = &seen["ticket"];
    assert_eq!(ticket["messages"]["totalCount"], 2);
    assert_eq!(
        ticket["messages"]["nodes"][1],
        json!({ "body": SECRET, "isInternal": true })
    );
    assert_eq!(ticket["conversation"]["messages"]["totalCount"], 3);
    assert_eq!(ticket["messageCount"], 1, "notes are not counted");
    assert_eq!(seen["node"]["id"], fixture.notes[0]);
    let told = seen["changes"]["nodes"].as_array().expect("a list");
    let told: Vec<&str> = told.iter().map(|change| text(&change["objectId"])).collect();
    assert!(fixture.notes.iter().all(|note| told.contains(&note.as_str())));
    let query = "query($id: ID!) { message(id: $id) { sender { ... on Agent { id } } direction } }";
    let note = app
        .ask(&fixture.admin, query, json!({ "id": fixture.notes[0] }))
        .await;
    assert_eq!(note.at("/message/sender/id"), json!(fixture.noter.id));
}

async fn a_note_does_not_change_the_ticket(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let ticket = &fixture.ticket["id"];
    let solve = json!({ "id": ticket, "input": { "status": "SOLVED" } });
    let solved = app.wrote(&fixture.admin, "ticketUpdate", solve).await;
    let log = app.log(fixture.workspace).await.len();
    let made = fixture.note(&app, &fixture.admin, &fixture.targets()[0]).await;
    assert_eq!(made["message"]["ticket"]["status"], "SOLVED");
    assert_eq!(app.log(fixture.workspace).await.len(), log + 1);
    let query =
        "query($id: ID!) { ticket(id: $id) { version updatedAt lastMessageAt resolvedAt messageCount } }";
    let after = app.ask(&fixture.admin, query, json!({ "id": ticket })).await;
    let after = after.at("/ticket");
    for at in [
        "version",
        "updatedAt",
        "lastMessageAt",
        "resolvedAt",
        "messageCount",
    ] {
        assert_eq!(after[at], solved["ticket"][at], "{at}");
    }
    // An import recomputes counts and must not count notes either.
    let rows = Rows {
        customers: vec![fill::customer("bob")],
        tickets: vec![fill::ticket("t1", "bob")],
        messages: vec![fill::message("m1", "t1", "bob@example.com")],
    };
    app.fill(fixture.workspace, &rows).await;
    let query = "{ tickets(filter: { subject: { eq: \"t1\" } }) { nodes { id } } }";
    let bobs = app
        .ask(&fixture.admin, query, json!({}))
        .await
        .at("/tickets/nodes/0/id");
    fixture
        .note(&app, &fixture.admin, &json!({ "ticketId": bobs }))
        .await;
    let rows = Rows {
        messages: vec![fill::message("m2", "t1", "bob@example.com")],
        ..Rows::default()
    };
    app.fill(fixture.workspace, &rows).await;
    let query = "query($id: ID!) { ticket(id: $id) { messageCount messages { totalCount } } }";
    let after = app.ask(&fixture.admin, query, json!({ "id": bobs })).await;
    assert_eq!(
        after.at("/ticket"),
        json!({ "messageCount": 2, "messages": { "totalCount": 3 } })
    );
}

async fn notes_of_customers_are_refused(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let log = app.log(fixture.workspace).await.len();
    for target in fixture.targets() {
        let input = json!({
            "target": target, "body": "Psst", "isInternal": true, "senderEmail": "ann@example.com",
        });
        let refused = app
            .write(&fixture.ann, "messageAdd", json!({ "input": input }))
            .await;
        assert_eq!(refused.errors(), ["FORBIDDEN input.isInternal"]);
    }
    assert_eq!(app.log(fixture.workspace).await.len(), log);
}

async fn a_key_needs_the_grant_for_notes(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let start = app
        .ask(
            &fixture.admin,
            "{ changes(first: 1) { changeCursor } }",
            json!({}),
        )
        .await
        .text("/changes/changeCursor");
    let with = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    for (grants, notes, said) in [(&with[..2], 0, 1), (&with[..], 2, 2)] {
        let key = app.api_key(&[fixture.workspace], grants).await;
        let seen = read_everything(&app, &fixture, &key).await;
        assert_eq!(seen["conversation"]["messages"]["totalCount"], said + notes);
        assert_eq!(seen["customer"]["messages"]["totalCount"], said + notes);
        assert_eq!(seen.to_string().contains("nuisance"), notes > 0);
        assert_eq!(seen["node"].is_null(), notes == 0);
        let mut socket = app.socket(&key).await;
        socket.begin("1", WATCH, &json!({ "after": start })).await;
        let count = usize::try_from(said + notes).expect("a count");
        let heard = received_bodies(&mut socket, count).await;
        assert_eq!(heard.contains(&SECRET.to_owned()), notes > 0);
        let made = fixture.note(&app, &key, &fixture.targets()[0]).await;
        let expected: &[&str] = if notes > 0 {
            &[]
        } else {
            &["FORBIDDEN input.isInternal"]
        };
        assert_eq!(made.errors(), expected);
        fixture.add_reply(&app, "And?").await;
        let next = received_bodies(&mut socket, 1).await;
        assert_eq!(next[0] == SECRET, notes > 0, "the log continues without notes");
    }
}

const FOLLOW: &str =
    "subscription($after: ChangeCursor) { changes(after: $after) { name objectId node { id } } }";
const WATCH: &str = "subscription($after: ChangeCursor) { messageAdded(after: $after) { body } }";

async fn received_bodies(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    while heard.len() < count {
        heard.push(text(&socket.data("1").await["messageAdded"]["body"]).to_owned());
    }
    heard
}

async fn only_agents_receive_events_of_notes(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let start = app
        .ask(
            &fixture.admin,
            "{ changes(first: 1) { changeCursor } }",
            json!({}),
        )
        .await
        .text("/changes/changeCursor");
    let after = json!({ "after": start });
    let (mut ann, mut all, mut changes) = (
        app.socket(&fixture.ann).await,
        app.socket(&fixture.admin).await,
        app.socket(&fixture.ann).await,
    );
    ann.begin("1", WATCH, &after).await;
    all.begin("1", WATCH, &after).await;
    changes.begin("1", FOLLOW, &after).await;
    let hello = "The parcel weighs two kilograms.";
    // Replay.
    assert_eq!(received_bodies(&mut ann, 1).await, [hello]);
    assert_eq!(received_bodies(&mut all, 3).await, [hello, SECRET, SECRET]);
    // Live events.
    fixture.note(&app, &fixture.admin, &fixture.targets()[0]).await;
    fixture.add_reply(&app, "And?").await;
    assert_eq!(received_bodies(&mut ann, 1).await, ["And?"]);
    assert_eq!(received_bodies(&mut all, 2).await, [SECRET, "And?"]);
    let deleted = json!({ "id": fixture.ann.id });
    let deleted = app.wrote(&fixture.admin, "customerDelete", deleted).await;
    assert_eq!(deleted["deletedMessages"], 5);
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "customer.deleted") {
        let change = changes.data("1").await["changes"].clone();
        assert!(!fixture.notes.contains(&text(&change["objectId"]).to_owned()));
        names.push(text(&change["name"]).to_owned());
    }
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!((count("message.created"), count("message.deleted")), (2, 2));
}

async fn an_export_of_the_customer_omits_notes(app: TestApp) {
    let fixture = NotesFixture::new(&app).await;
    let ann = Viewer::customer(fixture.ann.id.parse().expect("an id"), fixture.workspace);
    let operator = Viewer::operator(fixture.workspace);
    for (viewer, notes) in [(&ann, 0), (&operator, 2)] {
        let mut written = Vec::new();
        let wanted = Export {
            viewer,
            workspace: fixture.workspace,
            page_size: 500,
            complete: false,
        };
        export::run(&app.services, &wanted, &mut written, &|_| ())
            .await
            .expect("an export");
        let written = String::from_utf8(written).expect("a text");
        let told = written.lines().filter(|line| line.contains(SECRET)).count();
        assert_eq!(told, notes);
        assert_eq!(written.matches("\"internal\":true").count(), notes);
    }
}

on_each_database!(
    notes_change_nothing_that_the_customer_reads,
    agents_read_the_notes,
    a_note_does_not_change_the_ticket,
    notes_of_customers_are_refused,
    a_key_needs_the_grant_for_notes,
    only_agents_receive_events_of_notes,
    an_export_of_the_customer_omits_notes,
);

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
struct House {
    workspace: WorkspaceId,
    admin: Person,
    noter: Person,
    ann: Person,
    ticket: Value,
    notes: Vec<String>,
}

impl House {
    async fn new(app: &TestApp) -> Self {
        let (workspace, admin) = app.admin().await;
        let noter = app.agent(workspace, "Noter").await;
        let ann = app.customer(workspace, "ann@example.com").await;
        let ticket = app.ticket(&admin, "ann@example.com").await;
        let mut house = Self {
            workspace,
            admin,
            noter,
            ann,
            ticket,
            notes: Vec::new(),
        };
        app.clock_control.advance_ms(60_000);
        for target in house.targets() {
            let made = house.note(app, &house.noter, &target).await;
            assert_eq!(made.errors(), Vec::<String>::new());
            house.notes.push(text(&made["message"]["id"]).to_owned());
        }
        house
    }

    fn targets(&self) -> [Value; 2] {
        [
            json!({ "ticketId": self.ticket["id"] }),
            json!({ "conversationId": self.ticket["conversation"]["id"] }),
        ]
    }

    async fn note(&self, app: &TestApp, person: &Person, target: &Value) -> Payload {
        let input = json!({
            "target": target, "body": SECRET, "bodyHtml": format!("<p>{SECRET}</p>"), "internal": true,
            "senderEmail": "noter@agents.example.com",
        });
        app.write(person, "messageAdd", json!({ "input": input })).await
    }

    async fn say(&self, app: &TestApp, body: &str) {
        let input = json!({ "target": self.targets()[0], "body": body, "senderEmail": "ann@example.com" });
        app.wrote(&self.admin, "messageAdd", json!({ "input": input }))
            .await;
    }
}

const READ: &str = "query($ticket: ID!, $thread: ID!, $customer: ID!, $notes: [ID!]!, $note: ID!) {
    ticket(id: $ticket) {
        messageCount lastMessageAt updatedAt version status
        messages { totalCount nodes { body internal } }
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

async fn read(app: &TestApp, house: &House, person: &Person) -> Value {
    let variables = json!({
        "ticket": house.ticket["id"], "thread": house.ticket["conversation"]["id"], "customer": house.ann.id,
        "notes": house.notes, "note": house.notes[0],
    });
    app.ask(person, READ, variables).await.data()
}

async fn a_customer_is_shown_what_it_was_shown_before_the_note(app: TestApp) {
    let house = House::new(&app).await;
    let seen = read(&app, &house, &house.ann).await;
    let whole = seen.to_string();
    assert!(!whole.contains("nuisance"), "{whole}");
    for id in [&house.notes[0], &house.notes[1], &house.noter.id] {
        assert!(!whole.contains(id.as_str()), "{whole}");
    }
    let hello = json!({ "body": "The parcel weighs two kilograms." });
    let ticket = &seen["ticket"];
    for at in ["messageCount", "lastMessageAt", "updatedAt", "version"] {
        assert_eq!(ticket[at], house.ticket[at], "{at}");
    }
    assert_eq!(ticket["messages"]["totalCount"], 1);
    assert_eq!(ticket["messages"]["nodes"][0]["internal"], false);
    assert_eq!(ticket["last"]["nodes"], json!([hello]));
    assert_eq!(ticket["found"], json!({ "totalCount": 0, "nodes": [] }));
    assert_eq!(
        ticket["backwards"],
        json!({ "nodes": [hello], "pageInfo": { "hasNextPage": false } })
    );
    assert_eq!(ticket["conversation"]["messageCount"], 1);
    assert_eq!(
        ticket["conversation"]["lastMessageAt"],
        house.ticket["lastMessageAt"]
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

async fn an_agent_is_shown_the_notes(app: TestApp) {
    let house = House::new(&app).await;
    let seen = read(&app, &house, &house.admin).await;
    let ticket = &seen["ticket"];
    assert_eq!(ticket["messages"]["totalCount"], 2);
    assert_eq!(
        ticket["messages"]["nodes"][1],
        json!({ "body": SECRET, "internal": true })
    );
    assert_eq!(ticket["conversation"]["messages"]["totalCount"], 3);
    assert_eq!(ticket["messageCount"], 1, "notes are not counted");
    assert_eq!(seen["node"]["id"], house.notes[0]);
    let told = seen["changes"]["nodes"].as_array().expect("a list");
    let told: Vec<&str> = told.iter().map(|change| text(&change["objectId"])).collect();
    assert!(house.notes.iter().all(|note| told.contains(&note.as_str())));
    let query = "query($id: ID!) { message(id: $id) { sender { ... on Agent { id } } direction } }";
    let note = app
        .ask(&house.admin, query, json!({ "id": house.notes[0] }))
        .await;
    assert_eq!(note.at("/message/sender/id"), json!(house.noter.id));
}

async fn a_note_moves_nothing(app: TestApp) {
    let house = House::new(&app).await;
    let ticket = &house.ticket["id"];
    let solve = json!({ "id": ticket, "input": { "status": "SOLVED" } });
    let solved = app.wrote(&house.admin, "ticketUpdate", solve).await;
    let log = app.log(house.workspace).await.len();
    let made = house.note(&app, &house.admin, &house.targets()[0]).await;
    assert_eq!(made["message"]["ticket"]["status"], "SOLVED");
    assert_eq!(app.log(house.workspace).await.len(), log + 1);
    let query =
        "query($id: ID!) { ticket(id: $id) { version updatedAt lastMessageAt resolvedAt messageCount } }";
    let after = app.ask(&house.admin, query, json!({ "id": ticket })).await;
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
    app.fill(house.workspace, &rows).await;
    let query = "{ tickets(filter: { subject: { eq: \"t1\" } }) { nodes { id } } }";
    let bobs = app
        .ask(&house.admin, query, json!({}))
        .await
        .at("/tickets/nodes/0/id");
    house.note(&app, &house.admin, &json!({ "ticketId": bobs })).await;
    let rows = Rows {
        messages: vec![fill::message("m2", "t1", "bob@example.com")],
        ..Rows::default()
    };
    app.fill(house.workspace, &rows).await;
    let query = "query($id: ID!) { ticket(id: $id) { messageCount messages { totalCount } } }";
    let after = app.ask(&house.admin, query, json!({ "id": bobs })).await;
    assert_eq!(
        after.at("/ticket"),
        json!({ "messageCount": 2, "messages": { "totalCount": 3 } })
    );
}

async fn a_customer_writes_none(app: TestApp) {
    let house = House::new(&app).await;
    let log = app.log(house.workspace).await.len();
    for target in house.targets() {
        let input = json!({
            "target": target, "body": "Psst", "internal": true, "senderEmail": "ann@example.com",
        });
        let refused = app
            .write(&house.ann, "messageAdd", json!({ "input": input }))
            .await;
        assert_eq!(refused.errors(), ["FORBIDDEN input.internal"]);
    }
    assert_eq!(app.log(house.workspace).await.len(), log);
}

async fn a_key_needs_the_grant_for_notes(app: TestApp) {
    let house = House::new(&app).await;
    let start = app
        .ask(&house.admin, "{ changes(first: 1) { endCursor } }", json!({}))
        .await
        .text("/changes/endCursor");
    let with = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    for (grants, notes, said) in [(&with[..2], 0, 1), (&with[..], 2, 2)] {
        let key = app.api_key(&[house.workspace], grants).await;
        let seen = read(&app, &house, &key).await;
        assert_eq!(seen["conversation"]["messages"]["totalCount"], said + notes);
        assert_eq!(seen["customer"]["messages"]["totalCount"], said + notes);
        assert_eq!(seen.to_string().contains("nuisance"), notes > 0);
        assert_eq!(seen["node"].is_null(), notes == 0);
        let mut socket = app.socket(&key).await;
        socket.begin("1", WATCH, &json!({ "after": start })).await;
        let count = usize::try_from(said + notes).expect("a count");
        let heard = bodies(&mut socket, count).await;
        assert_eq!(heard.contains(&SECRET.to_owned()), notes > 0);
        let made = house.note(&app, &key, &house.targets()[0]).await;
        let expected: &[&str] = if notes > 0 {
            &[]
        } else {
            &["FORBIDDEN input.internal"]
        };
        assert_eq!(made.errors(), expected);
        house.say(&app, "And?").await;
        let next = bodies(&mut socket, 1).await;
        assert_eq!(next[0] == SECRET, notes > 0, "the log continues without notes");
    }
}

const FOLLOW: &str =
    "subscription($after: ChangeCursor) { changes(after: $after) { name objectId node { id } } }";
const WATCH: &str = "subscription($after: ChangeCursor) { messageAdded(after: $after) { body } }";

async fn bodies(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    while heard.len() < count {
        heard.push(text(&socket.data("1").await["messageAdded"]["body"]).to_owned());
    }
    heard
}

async fn nobody_hears_of_a_note_but_agents(app: TestApp) {
    let house = House::new(&app).await;
    let start = app
        .ask(&house.admin, "{ changes(first: 1) { endCursor } }", json!({}))
        .await
        .text("/changes/endCursor");
    let after = json!({ "after": start });
    let (mut ann, mut all, mut changes) = (
        app.socket(&house.ann).await,
        app.socket(&house.admin).await,
        app.socket(&house.ann).await,
    );
    ann.begin("1", WATCH, &after).await;
    all.begin("1", WATCH, &after).await;
    changes.begin("1", FOLLOW, &after).await;
    let hello = "The parcel weighs two kilograms.";
    // Replay.
    assert_eq!(bodies(&mut ann, 1).await, [hello]);
    assert_eq!(bodies(&mut all, 3).await, [hello, SECRET, SECRET]);
    // Live events.
    house.note(&app, &house.admin, &house.targets()[0]).await;
    house.say(&app, "And?").await;
    assert_eq!(bodies(&mut ann, 1).await, ["And?"]);
    assert_eq!(bodies(&mut all, 2).await, [SECRET, "And?"]);
    let deleted = json!({ "id": house.ann.id });
    let deleted = app.wrote(&house.admin, "customerDelete", deleted).await;
    assert_eq!(deleted["deletedMessages"], 5);
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "customer.deleted") {
        let change = changes.data("1").await["changes"].clone();
        assert!(!house.notes.contains(&text(&change["objectId"]).to_owned()));
        names.push(text(&change["name"]).to_owned());
    }
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!((count("message.created"), count("message.deleted")), (2, 2));
}

async fn an_export_of_the_customer_holds_none(app: TestApp) {
    let house = House::new(&app).await;
    let ann = Viewer::customer(house.ann.id.parse().expect("an id"), house.workspace);
    let operator = Viewer::operator(house.workspace);
    for (viewer, notes) in [(&ann, 0), (&operator, 2)] {
        let mut written = Vec::new();
        let wanted = Export {
            viewer,
            workspace: house.workspace,
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
    a_customer_is_shown_what_it_was_shown_before_the_note,
    an_agent_is_shown_the_notes,
    a_note_moves_nothing,
    a_customer_writes_none,
    a_key_needs_the_grant_for_notes,
    nobody_hears_of_a_note_but_agents,
    an_export_of_the_customer_holds_none,
);

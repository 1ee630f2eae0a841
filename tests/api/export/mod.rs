//! The export: everything that a viewer sees, as lines of JSON.

mod binary;
mod copy;
mod cursor;
mod fields;
mod scope;
mod shape;

use std::collections::BTreeMap;

use deskgraph::{
    auth::{Grant, Viewer},
    export::{self, Export},
    keyring::Keyring,
    service, store,
};
use entity::{ConversationId, WorkspaceId, external_reference};
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    fill::{Rows, customer, message, minute, ticket},
    text,
};

/// Smaller than any list of the tests, so that each is read in several pages.
const PAGE: u32 = 2;

/// Returns the export of a viewer with the smallest pages.
async fn lines(app: &TestApp, viewer: &Viewer, workspace: WorkspaceId, page_size: u32) -> Vec<Value> {
    let mut written = Vec::new();
    let wanted = Export {
        viewer,
        workspace,
        page_size,
        complete: false,
    };
    export::run(&app.services, &wanted, &mut written, &|_| ())
        .await
        .expect("an export");
    read(&written)
}

/// Parses the lines.
fn read(written: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(written).expect("a text");
    assert!(text.ends_with('\n'), "the last line has no line break");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Returns the viewer of a credential, as the server determines it.
async fn viewer(app: &TestApp, person: &Person) -> Viewer {
    let keyring = Keyring::new(&app.settings, app.services.clock.clone()).expect("a keyring");
    service::authenticate(&app.services, &keyring, &person.credential)
        .await
        .expect("a viewer")
}

/// Returns the lines of a type.
fn of<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

/// Returns the number of lines by type.
fn counted(lines: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(text(&line["type"])).or_default() += 1;
    }
    counts
}

/// A workspace with objects of every type.
struct ExportFixture {
    workspace: WorkspaceId,
    admin: Person,
    /// A key with the grant `READ` only. It does not see notes.
    reader: Person,
    ann: Person,
}

impl ExportFixture {
    async fn new(app: &TestApp) -> Self {
        let workspace = app.workspace("Test").await;
        let admin = app.admin_of(&[workspace]).await;
        let bob = app.agent(workspace, "Bob").await;
        imported(app, workspace).await;

        let made = "mutation($agents: [ID!]!) { a: teamCreate(input: { name: \"Billing\", agentIds: $agents }) { team { id } } \
             b: teamCreate(input: { name: \"Empty\" }) { team { id } } c: teamCreate(input: { name: \"Night\" }) { team { id } } \
             d: queueCreate(input: { name: \"First\" }) { queue { id } } }";
        let made = app
            .ask(&admin, made, json!({ "agents": [bob.id, admin.id] }))
            .await
            .data();
        let (team, night, queue) = (
            &made["a"]["team"]["id"],
            &made["c"]["team"]["id"],
            &made["d"]["queue"]["id"],
        );

        let ann = app.customer(workspace, "ann@example.com").await;
        let fields = json!({
            "name": "Ann \"AB\" Berg\n", "firstName": "Ann", "lastName": "Bérg", "username": "ann", "company": "Acme",
            "avatarUrl": "https://example.com/a.png", "displayColor": "#fff", "displayIcon": "star", "jobTitle": "CTO",
            "emails": [
                { "email": "ann@example.com", "type": "work", "isVerified": true, "isPrimary": true },
                { "email": "Ann@Home.example.com", "type": "home" },
            ],
            "phones": [{ "phone": "+49 30 1234", "type": "work", "isPrimary": true }, { "phone": "5678" }],
            "location": "Berlin", "timezone": "Europe/Berlin", "isVip": true, "priorityOverride": "HIGH",
            "tags": ["b", "a"], "internalNotes": "Between agents", "status": "INACTIVE", "sentiment": "ANGRY",
            "customFields": { "seats": 12, "plan": { "name": "pro" }, "empty": [] }, "externalId": "A-1",
            "salesforceContactId": "s", "hubspotContactId": "h", "hubspotCompanyId": "c",
            "signedUpAt": "2020-02-03T04:05:06.007Z",
        });
        app.wrote(&admin, "customerUpdate", json!({ "id": ann.id, "input": fields }))
            .await;
        for body in ["I love it, this is great!", "Awful. I hate it."] {
            app.clock_control.advance_ms(61_000);
            let input = json!({
                "subject": body, "customerEmail": "ann@example.com", "customerName": "Ann", "body": body,
                "bodyHtml": format!("<p>{body}</p>"), "assignedTo": bob.id, "teamId": team, "queueId": queue,
                "customFields": { "order": 7 }, "tags": ["x"],
            });
            let made = app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
            let (ticket, conversation) = (&made["ticket"]["id"], &made["ticket"]["conversation"]["id"]);
            let outbound = json!({
                "target": { "ticketId": ticket }, "direction": "OUTBOUND", "body": "We look into it.",
                "senderEmail": "bob@agents.example.com", "senderName": "Bob",
            });
            // Another customer writes to Ann's ticket. Ann does not see that the sender is a customer.
            let stranger = json!({
                "target": { "conversationId": conversation }, "direction": "INBOUND", "body": "Me too.",
                "senderEmail": "c1@example.com",
            });
            for input in [outbound, stranger] {
                app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
            }
            let input = json!({
                "name": "Thread", "assigneeIds": [bob.id, admin.id], "teamIds": [night, team], "queueId": queue,
                "status": "SNOOZED", "snoozedUntil": "2027-01-01T00:00:00Z", "tags": ["y"],
                "customFields": { "deep": [1, { "a": null }] },
            });
            app.wrote(
                &admin,
                "conversationUpdate",
                json!({ "id": conversation, "input": input }),
            )
            .await;
            let input = json!({ "status": "SOLVED", "resolutionType": "refund", "priority": "URGENT" });
            app.clock_control.advance_ms(1_500);
            app.wrote(&admin, "ticketUpdate", json!({ "id": ticket, "input": input }))
                .await;
        }
        chat(app, &admin, workspace).await;
        continued(app, &admin).await;
        let reader = app.api_key(&[workspace], &[Grant::Read]).await;
        Self {
            workspace,
            admin,
            reader,
            ann,
        }
    }
}

/// A conversation of Ann with an external id and enough messages for a sentiment trend.
async fn chat(app: &TestApp, admin: &Person, workspace: WorkspaceId) {
    let input = json!({ "customer": { "email": "ann@example.com" }, "externalId": "chat-1" });
    let made = app
        .wrote(admin, "conversationCreate", json!({ "input": input }))
        .await;
    let id = text(&made["conversation"]["id"]);
    for _ in 0..10 {
        let input = json!({
            "target": { "conversationId": id }, "direction": "INBOUND", "body": "Thank you, that is wonderful!",
            "senderEmail": "ann@example.com",
        });
        app.wrote(admin, "messageAdd", json!({ "input": input })).await;
    }
    let reference = external_reference::Model {
        told_as: None,
        read_as: None,
        workspace_id: workspace,
        system: "test".to_owned(),
        kind: external_reference::Kind::Conversation,
        external_id: "chat-1".to_owned(),
        object_id: id.parse::<ConversationId>().expect("an id").0,
        told: None,
    };
    let writing = app.services.db.begin().await.expect("a transaction");
    store::external_reference::insert_many(&writing, vec![reference])
        .await
        .expect("a reference");
    writing.commit().await.expect("a commit");
}

/// A closed ticket of another customer, to which that customer replies.
async fn continued(app: &TestApp, admin: &Person) {
    let query = "{ tickets(filter: { customerEmail: { eq: \"c1@example.com\" } }) { nodes { id } } }";
    let ticket = app.ask(admin, query, json!({})).await.at("/tickets/nodes/0/id");
    let closed = json!({ "id": ticket, "input": { "status": "CLOSED" } });
    app.wrote(admin, "ticketUpdate", closed).await;
    let input =
        json!({ "target": { "ticketId": ticket }, "body": "It is back.", "senderEmail": "c1@example.com" });
    app.wrote(admin, "messageAdd", json!({ "input": input })).await;
}

/// Customers, tickets and messages with external ids.
async fn imported(app: &TestApp, workspace: WorkspaceId) {
    let mut rows = Rows::default();
    for index in 1..=3_i64 {
        let (customer_id, ticket_id) = (format!("c{index}"), format!("t{index}"));
        rows.customers.push(customer(&customer_id));
        rows.tickets.push(ticket(&ticket_id, &customer_id));
        // The newest first, so that the order of rows differs from the order of creation.
        let mut said = message(&format!("m{index}"), &ticket_id, &format!("c{index}@example.com"));
        said.created_at = Some(minute(-index));
        said.attachments.push(entity::Attachment {
            name: Some(format!("{index}.pdf")),
            content_type: Some("application/pdf".to_owned()),
            size: Some(7),
            content_id: Some(format!("part{index}@example.com")),
        });
        rows.messages.push(said);
    }
    app.fill(workspace, &rows).await;
}

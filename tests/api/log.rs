//! Invariants of the change log: positions without gaps and duplicates, in the order of commits.

use std::sync::atomic::{AtomicBool, Ordering};

use deskgraph::{
    events::ChangeCursor,
    store::change::{self, LogPosition},
};
use entity::{
    Timestamp, WorkspaceId,
    change::{ActorKind, Model, Name},
};
use futures_util::future::{join, join_all};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Payload, Person, TestApp, on_each_database, position, text};

const WRITERS: usize = 16;

/// Results of one writer: what it wrote, and the cursor.
struct WriteRecord {
    event: (Name, Uuid),
    cursor: ChangeCursor,
}

fn write_record(name: Name, id: &str, payload: &Payload) -> WriteRecord {
    WriteRecord {
        event: (name, uuid(id)),
        cursor: text(&payload["changeCursor"]).parse().expect("a cursor"),
    }
}

fn uuid(id: &str) -> Uuid {
    if id.starts_with("msg_") {
        id.parse::<entity::MessageId>().expect("an id").0
    } else if id.starts_with("cust_") {
        id.parse::<entity::CustomerId>().expect("an id").0
    } else {
        id.parse::<entity::TicketId>().expect("an id").0
    }
}

/// Makes successful writes, a rejected one, one without a change, and a successful one again.
async fn write(app: &TestApp, person: &Person, number: usize) -> Vec<WriteRecord> {
    let mut all = Vec::new();
    let email = format!("c{}@example.com", number % 3);
    let input = json!({ "subject": "Help", "customerEmail": email, "body": "Please." });
    let made = app.wrote(person, "ticketCreate", json!({ "input": input })).await;
    all.push(write_record(
        Name::MessageCreated,
        text(&made["message"]["id"]),
        &made,
    ));
    let ticket = &made["ticket"]["id"];

    let nobody = entity::AgentId(Uuid::max()).to_string();
    let input = json!({
        "subject": "No", "customerEmail": format!("refused{number}@example.com"), "body": "No.", "assignedTo": nobody,
    });
    let refused = app.write(person, "ticketCreate", json!({ "input": input })).await;
    assert_eq!(refused.errors(), ["NOT_FOUND input.assignedTo"]);

    let solve = json!({ "id": ticket, "input": { "status": "SOLVED" } });
    let solved = app.wrote(person, "ticketUpdate", solve.clone()).await;
    all.push(write_record(Name::TicketUpdated, text(ticket), &solved));
    assert_eq!(app.wrote(person, "ticketUpdate", solve).await.position(), None);

    let input = json!({ "target": { "ticketId": ticket }, "body": "Again?", "senderEmail": email });
    let added = app.wrote(person, "messageAdd", json!({ "input": input })).await;
    all.push(write_record(Name::TicketUpdated, text(ticket), &added));

    let taken = json!({ "input": { "email": email } });
    let taken = app.write(person, "customerCreate", taken).await;
    assert_eq!(taken.errors(), ["EMAIL_TAKEN input.email"]);
    let own = json!({ "input": { "email": format!("own{number}@example.com") } });
    let own = app.wrote(person, "customerUpsert", own).await;
    all.push(write_record(
        Name::CustomerCreated,
        text(&own["customer"]["id"]),
        &own,
    ));
    all
}

/// Reads the log repeatedly while others write. Events stay unchanged, and none appears before an earlier one.
async fn watch(app: &TestApp, workspace: WorkspaceId, done: &AtomicBool) {
    let mut seen: Vec<Model> = Vec::new();
    while !done.load(Ordering::SeqCst) {
        let log = app.log(workspace).await;
        assert_dense(&log);
        assert_eq!(log[..seen.len()], seen[..], "events that were read have changed");
        seen = log;
        tokio::task::yield_now().await;
    }
}

fn assert_dense(log: &[Model]) {
    let positions: Vec<i64> = log.iter().map(|event| event.position).collect();
    let expected: Vec<i64> = (1..).take(log.len()).collect();
    assert_eq!(positions, expected);
}

async fn positions_are_dense_and_ordered_for_all_writers(app: TestApp) {
    let workspaces = [app.workspace("One").await, app.workspace("Two").await];
    let admins = [
        app.admin_of(&workspaces[..1]).await,
        app.admin_of(&workspaces[1..]).await,
    ];
    let done = AtomicBool::new(false);
    let writing = async {
        let all = (0..WRITERS).map(|number| write(&app, &admins[number % 2], number));
        let all = join_all(all).await;
        done.store(true, Ordering::SeqCst);
        all
    };
    let watching = join(
        watch(&app, workspaces[0], &done),
        watch(&app, workspaces[1], &done),
    );
    let (all, _) = join(writing, watching).await;

    for (index, workspace) in workspaces.into_iter().enumerate() {
        let log = app.log(workspace).await;
        assert_dense(&log);
        // Three customers with tickets. Each writer causes: conversation, ticket, message; solved; message, reopened;
        // customer.
        assert_eq!(log.len(), 3 + WRITERS / 2 * 7);
        assert_eq!(
            change::newest_unscoped(&app.services.db, workspace)
                .await
                .expect("a place")
                .position,
            as_i64(log.len())
        );
        for (number, writer) in all.iter().enumerate().filter(|(number, _)| number % 2 == index) {
            let positions: Vec<i64> = writer.iter().map(|told| told.cursor.position).collect();
            assert!(
                positions.is_sorted_by(|one, next| one < next),
                "writer {number}: {positions:?}"
            );
            for told in writer {
                assert_eq!(told.cursor.workspace, workspace);
                let event = &log[usize::try_from(told.cursor.position - 1).expect("from 1")];
                assert_eq!((event.name, event.object_id), told.event, "writer {number}");
            }
        }
        assert_whole(&log);
        // Rejected writes left nothing.
        let query = "{ customers { totalCount } tickets { totalCount } conversations { totalCount } }";
        let counts = app.ask(&admins[index], query, json!({})).await.data();
        let (customers, tickets) = (3 + WRITERS / 2, WRITERS / 2);
        assert_eq!(
            counts,
            json!({
                "customers": { "totalCount": customers }, "tickets": { "totalCount": tickets },
                "conversations": { "totalCount": tickets },
            })
        );
    }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).expect("small")
}

/// Checks that events of one commit are adjacent: that of a ticket is between those of its conversation and its first
/// message.
fn assert_whole(log: &[Model]) {
    let made = log
        .windows(3)
        .filter(|three| three[1].name == Name::TicketCreated);
    let mut count = 0;
    for three in made {
        let names = [three[0].name, three[2].name];
        assert_eq!(names, [Name::ConversationCreated, Name::MessageCreated]);
        assert_eq!(three[0].conversation_id, three[1].conversation_id);
        assert_eq!(three[2].ticket_id, three[1].ticket_id);
        count += 1;
    }
    assert_eq!(count, WRITERS / 2);
}

/// A transaction that takes a position and commits late delays the others: no later position is visible before.
async fn a_late_commit_delays_later_positions(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (db, upsert) = (
        &app.services.db,
        json!({ "input": { "email": "ann@example.com" } }),
    );
    let open = db.begin().await.expect("a transaction");
    let event = Model {
        workspace_id: workspace,
        position: 0,
        name: Name::CustomerCreated,
        object_id: Uuid::from_u128(1),
        customer_id: Uuid::from_u128(1).into(),
        ticket_id: None,
        conversation_id: None,
        actor_kind: ActorKind::Operator,
        actor_id: None,
        fields: None,
        at: Timestamp(0),
        internal: false,
        epoch: 0,
    };
    let taken = change::append(&open, workspace, &[event]).await;
    assert_eq!(
        taken.expect("a place"),
        Some(LogPosition {
            position: 1,
            epoch: 0
        })
    );
    let second = app.wrote(&admin, "customerUpsert", upsert);
    let first = async {
        for _ in 0..20 {
            assert!(app.log(workspace).await.is_empty());
            tokio::task::yield_now().await;
        }
        // The transaction is rolled back, and its position is used again.
        drop(open);
    };
    let (second, ()) = join(second, first).await;
    assert_eq!(second.position(), Some(1));
    assert_dense(&app.log(workspace).await);
}

/// Each writer waits for the other's address and for its place in the log. They must not deadlock.
async fn concurrent_writers_of_a_new_email_all_finish(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for round in 0..8 {
        let email = format!("new-{round}@example.com");
        let upsert = json!({ "input": { "email": email } });
        let upserts = (0..4).map(|_| app.wrote(&admin, "customerUpsert", upsert.clone()));
        let tickets = (0..4).map(|_| app.ticket(&admin, &email));
        join(join_all(tickets), join_all(upserts)).await;
    }
    assert_dense(&app.log(workspace).await);
}

async fn an_event_records_actor_change_and_time(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.clock_control.advance_ms(1_000);
    let change = json!({ "id": ticket["id"], "input": { "status": "SOLVED", "tags": ["a"] } });
    app.wrote(&admin, "ticketUpdate", change).await;
    let log = app.log(workspace).await;
    let names: Vec<Name> = log.iter().map(|event| event.name).collect();
    let expected = [
        Name::CustomerCreated,
        Name::ConversationCreated,
        Name::TicketCreated,
        Name::MessageCreated,
        Name::TicketUpdated,
    ];
    assert_eq!(names, expected);
    let event = &log[4];
    assert_eq!(event.actor_kind, ActorKind::Agent);
    assert_eq!(
        event.actor_id.map(|id| entity::AgentId(id).to_string()),
        Some(admin.id)
    );
    assert_eq!(event.at.to_rfc3339(), "2026-01-01T12:00:01.000Z");
    assert_eq!(event.customer_id.to_string(), text(&ticket["customer"]["id"]));
    assert_eq!(
        event.conversation_id.map(|id| id.to_string()).as_deref(),
        ticket["conversation"]["id"].as_str()
    );
    assert_eq!(
        event.fields,
        Some(json!({
            "status": { "before": "OPEN", "after": "SOLVED" }, "tags": { "before": [], "after": ["a"] },
            "resolvedAt": { "before": null, "after": "2026-01-01T12:00:01.000Z" },
        }))
    );
    assert!(log[..4].iter().all(|event| event.fields.is_none()));
}

async fn an_upsert_that_changes_nothing_writes_no_event(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let variables = json!({ "input": { "email": "ann@example.com", "tags": ["a"], "isVip": false } });
    app.wrote(&admin, "customerUpsert", variables.clone()).await;
    for _ in 0..3 {
        let same = app.wrote(&admin, "customerUpsert", variables.clone()).await;
        assert_eq!((&same["result"], same.position()), (&json!("UNCHANGED"), None));
    }
    assert_eq!(
        change::newest_unscoped(&app.services.db, workspace)
            .await
            .expect("a place")
            .position,
        1
    );
}

async fn a_message_has_the_cursor_of_its_event(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for email in ["ann@example.com", "ben@example.com", "ann@example.com"] {
        let ticket = app.ticket(&admin, email).await;
        let solve = json!({ "id": ticket["id"], "input": { "status": "SOLVED" } });
        app.wrote(&admin, "ticketUpdate", solve).await;
        let input = json!({ "target": { "ticketId": ticket["id"] }, "body": "Hm.", "senderEmail": email });
        app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
    }
    let query = "{ tickets { nodes { messages { nodes { id changeCursor } } } } }";
    let tickets = app.ask(&admin, query, json!({})).await.at("/tickets/nodes");
    let messages = tickets
        .as_array()
        .expect("tickets")
        .iter()
        .flat_map(|one| one["messages"]["nodes"].as_array().expect("messages").clone());
    let log = app.log(workspace).await;
    let mut count = 0;
    for message in messages {
        let at = usize::try_from(position(text(&message["changeCursor"]))).expect("from 1");
        assert_eq!(
            (log[at - 1].name, log[at - 1].object_id),
            (Name::MessageCreated, uuid(text(&message["id"])))
        );
        count += 1;
    }
    assert_eq!(count, 6);
}

on_each_database!(
    positions_are_dense_and_ordered_for_all_writers,
    a_late_commit_delays_later_positions,
    concurrent_writers_of_a_new_email_all_finish,
    an_event_records_actor_change_and_time,
    an_upsert_that_changes_nothing_writes_no_event,
    a_message_has_the_cursor_of_its_event,
);

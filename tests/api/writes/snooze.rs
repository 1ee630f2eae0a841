//! Snoozed conversations wake at their time, and when the customer writes.

use std::{collections::HashSet, time::Duration};

use deskgraph::service::conversation::wake;
use entity::{ConversationId, Word, change::ActorKind, conversation, sync_place};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Statement, sea_query::Expr,
};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database, text};

const SOON: &str = "2026-01-01T12:00:05.000Z";
const LATER: &str = "2026-01-01T13:00:00.000Z";

async fn snoozed(app: &TestApp, admin: &Person, until: &str) -> Value {
    let input =
        json!({ "customer": { "email": "ann@example.com" }, "status": "SNOOZED", "snoozedUntil": until });
    let made = app
        .wrote(admin, "conversationCreate", json!({ "input": input }))
        .await;
    made["conversation"]["id"].clone()
}

async fn read_conversation(app: &TestApp, admin: &Person, id: &Value) -> Value {
    let query = "query($id: ID!) { conversation(id: $id) { status snoozedUntil version updatedAt } }";
    app.ask(admin, query, json!({ "id": id }))
        .await
        .at("/conversation")
}

async fn a_snoozed_conversation_opens_at_its_time(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (soon, later) = (
        snoozed(&app, &admin, SOON).await,
        snoozed(&app, &admin, LATER).await,
    );
    let before = app.log(workspace).await.len();
    app.clock_control.advance_ms(4_999);
    wake(&app.services).await.expect("a look");
    assert_eq!(app.log(workspace).await.len(), before);
    app.clock_control.advance_ms(1);
    let woken = wake(&app.services).await.expect("a look");
    assert_eq!(
        woken.next.map(entity::Timestamp::to_rfc3339).as_deref(),
        Some(LATER)
    );
    assert_eq!(
        read_conversation(&app, &admin, &soon).await,
        json!({ "status": "OPEN", "snoozedUntil": null, "version": 2, "updatedAt": SOON })
    );
    assert_eq!(read_conversation(&app, &admin, &later).await["status"], "SNOOZED");
    wake(&app.services).await.expect("a look");
    let log = app.log(workspace).await;
    let event = log.last().expect("an event");
    assert_eq!(log.len(), before + 1);
    assert_eq!((event.actor_kind, event.actor_id), (ActorKind::System, None));
    assert_eq!(
        event.fields.clone().unwrap_or_default(),
        json!({
            "status": { "before": "SNOOZED", "after": "OPEN" }, "snoozedUntil": { "before": SOON, "after": null },
        })
    );
}

async fn concurrent_nodes_open_each_conversation_once(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for _ in 0..120 {
        snoozed(&app, &admin, SOON).await;
    }
    let before = app.log(workspace).await.len();
    let another = app.another().await;
    app.clock_control.advance_ms(5_000);
    another.clock_control.advance_ms(5_000);
    // In parallel with the periodic checks of the nodes.
    let looks = tokio::join!(wake(&app.services), wake(&another.services), wake(&app.services));
    for look in [looks.0, looks.1, looks.2] {
        look.expect("a look");
    }
    let log = app.log(workspace).await;
    assert_eq!(log.len(), before + 120);
    let woken: HashSet<_> = log[before..].iter().map(|event| event.object_id).collect();
    assert_eq!(woken.len(), 120);
}

async fn conversations_stay_snoozed_during_a_copy(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let id = snoozed(&app, &admin, SOON).await;
    let now = app.services.clock.now();
    let (system, resource) = deskgraph::store::sync_place::COPY;
    let place = sync_place::Model {
        workspace_id: workspace,
        system: system.to_owned(),
        resource: resource.to_owned(),
        place: "copy 1".to_owned(),
        started_at: now,
        updated_at: now,
    };
    let db = app.services.db.connection();
    let noted = sync_place::Entity::insert(place.into_active_model());
    noted.exec_without_returning(db).await.expect("noted");
    app.clock_control.advance_ms(5_000);
    wake(&app.services).await.expect("a look");
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "SNOOZED");
    sync_place::Entity::delete_many().exec(db).await.expect("removed");
    wake(&app.services).await.expect("a look");
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "OPEN");
}

async fn an_extended_snooze_opens_at_its_new_time(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = snoozed(&app, &admin, SOON).await;
    let longer = json!({ "id": id, "input": { "snoozedUntil": LATER } });
    app.wrote(&admin, "conversationUpdate", longer).await;
    app.clock_control.advance_ms(6_000);
    wake(&app.services).await.expect("a look");
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "SNOOZED");
    app.clock_control.advance_ms(3_600_000);
    wake(&app.services).await.expect("a look");
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "OPEN");
}

async fn a_starting_node_opens_due_conversations(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ids = [
        snoozed(&app, &admin, SOON).await,
        snoozed(&app, &admin, SOON).await,
    ];
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    let query = "subscription($after: ChangeCursor) { conversationChanged(after: $after) \
                 { name actor { __typename } conversation { id status } } }";
    let after = json!({ "after": start.to_string() });
    socket.begin("1", query, &after).await;
    // The first node checks again later. These conversations become due in the meantime.
    for (id, until) in ids.iter().zip([Some(1), None::<i64>]) {
        let id: ConversationId = text(id).parse().expect("an id");
        conversation::Entity::update_many()
            .col_expr(conversation::Column::SnoozedUntil, Expr::value(until))
            .filter(conversation::Column::Id.eq(id))
            .exec(app.services.db.connection())
            .await
            .expect("a change");
    }
    let _another = app.another().await;
    for id in ids {
        assert_eq!(
            socket.data("1").await["conversationChanged"],
            json!({
                "name": "conversation.updated", "actor": null, "conversation": { "id": id, "status": "OPEN" },
            })
        );
    }
}

async fn a_new_snooze_reschedules_the_next_check(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    let query = "subscription($after: ChangeCursor) { conversationChanged(after: $after) { name } }";
    let after = json!({ "after": start.to_string() });
    socket.begin("1", query, &after).await;
    snoozed(&app, &admin, SOON).await;
    app.clock_control.advance_ms(5_000);
    // Without the notification, the node checks half a minute after its start.
    for name in ["conversation.created", "conversation.updated"] {
        let next = tokio::time::timeout(Duration::from_secs(15), socket.data("1"));
        let event = next.await.expect("the node looked again");
        assert_eq!(event["conversationChanged"]["name"], name);
    }
}

async fn conversations_opened_by_the_customer_cause_no_second_event(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let id = snoozed(&app, &admin, SOON).await;
    let inbound = |target: Value| {
        json!({ "input": {
            "target": target, "body": "Still here?", "senderEmail": "ann@example.com",
        } })
    };
    let added = app
        .wrote(&admin, "messageAdd", inbound(json!({ "conversationId": id })))
        .await;
    assert_eq!(added["message"]["conversation"]["id"], id);
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "OPEN");
    let events = app.log(workspace).await.len();
    app.clock_control.advance_ms(10_000);
    wake(&app.services).await.expect("a look");
    assert_eq!(app.log(workspace).await.len(), events);
}

async fn messages_of_the_customer_open_conversation_and_ticket(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    for by_ticket in [true, false] {
        for conversation in [
            json!({ "status": "SNOOZED", "snoozedUntil": LATER }),
            json!({ "status": "DONE" }),
        ] {
            for status in ["PENDING", "SOLVED"] {
                let ticket = app.ticket(&admin, "ann@example.com").await;
                let (ticket, thread) = (&ticket["id"], &ticket["conversation"]["id"]);
                let change = json!({ "id": ticket, "input": { "status": status } });
                app.wrote(&admin, "ticketUpdate", change).await;
                let change = json!({ "id": thread, "input": conversation });
                app.wrote(&admin, "conversationUpdate", change).await;
                let target = if by_ticket {
                    json!({ "ticketId": ticket })
                } else {
                    json!({ "conversationId": thread })
                };
                let mut input =
                    json!({ "target": target, "body": "Hello?", "senderEmail": "ann@example.com" });
                let state = async || {
                    let query =
                        "query($id: ID!) { ticket(id: $id) { status conversation { status snoozedUntil } } }";
                    app.ask(&admin, query, json!({ "id": ticket }))
                        .await
                        .at("/ticket")
                };
                let before = state().await;
                for (field, value) in [("direction", json!("OUTBOUND")), ("isInternal", json!(true))] {
                    let mut other = input.clone();
                    other[field] = value;
                    app.wrote(&admin, "messageAdd", json!({ "input": other })).await;
                    assert_eq!(state().await, before, "{field}");
                }
                input["direction"] = json!("INBOUND");
                let events = app.log(workspace).await.len();
                app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
                assert_eq!(
                    state().await,
                    json!({ "status": "OPEN", "conversation": { "status": "OPEN", "snoozedUntil": null } })
                );
                let names: Vec<_> = app.log(workspace).await[events..]
                    .iter()
                    .map(|event| event.name.word())
                    .collect();
                assert_eq!(
                    names,
                    ["message.created", "ticket.updated", "conversation.updated"]
                );
            }
        }
    }
    let average = app
        .ask(
            &admin,
            "{ customers { nodes { openTickets totalTickets } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        average.at("/customers/nodes/0"),
        json!({ "openTickets": 8, "totalTickets": 8 })
    );
}

async fn a_new_ticket_opens_its_conversation(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = snoozed(&app, &admin, LATER).await;
    let input = json!({
        "subject": "Again", "customerEmail": "ann@example.com", "body": "It is broken.", "conversationId": id,
    });
    app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    assert_eq!(read_conversation(&app, &admin, &id).await["status"], "OPEN");
}

async fn new_snoozed_conversations_need_a_future_time(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (extra, expected) in [
        (json!({ "status": "SNOOZED" }), "REQUIRED input.snoozedUntil"),
        (json!({ "snoozedUntil": LATER }), "INVALID input.snoozedUntil"),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": "2025-01-01T00:00:00Z" }),
            "INVALID input.snoozedUntil",
        ),
    ] {
        let mut input = extra.clone();
        input["customer"] = json!({ "email": "ann@example.com" });
        let refused = app
            .write(&admin, "conversationCreate", json!({ "input": input }))
            .await;
        assert_eq!(refused.errors(), [expected], "{extra}");
    }
}

#[tokio::test]
async fn snoozed_conversations_are_found_by_an_index() {
    let app = TestApp::sqlite().await;
    wake(&app.services).await.expect("a look");
    let sql = format!("EXPLAIN QUERY PLAN {}", app.statements.look());
    let connection = app.services.db.connection();
    let plan = Statement::from_string(connection.get_database_backend(), sql);
    let plan = connection.query_all_raw(plan).await.expect("a plan");
    let steps: Vec<String> = plan
        .iter()
        .map(|step| step.try_get("", "detail").expect("a text"))
        // The table of workspaces that are being copied is small.
        .filter(|step: &String| step.contains("conversation"))
        .collect();
    assert_eq!(steps, ["SCAN conversation USING INDEX conversation_asleep"]);
}

on_each_database!(
    a_snoozed_conversation_opens_at_its_time,
    concurrent_nodes_open_each_conversation_once,
    conversations_stay_snoozed_during_a_copy,
    an_extended_snooze_opens_at_its_new_time,
    a_starting_node_opens_due_conversations,
    a_new_snooze_reschedules_the_next_check,
    conversations_opened_by_the_customer_cause_no_second_event,
    messages_of_the_customer_open_conversation_and_ticket,
    a_new_ticket_opens_its_conversation,
    new_snoozed_conversations_need_a_future_time,
);

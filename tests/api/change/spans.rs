//! A long log of which a viewer sees few events.

use deskgraph::{auth::jwt::TokenRole, events};
use entity::{ConversationId, CustomerId, MessageId, message::Direction};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{names, pull, pull_all};
use crate::support::{Person, TestApp, on_each_database, text};

/// More events than one read of the log covers.
const OTHERS: u128 = 20_100;

/// Creates Ann's ticket, many events of other customers, and a change of the ticket. Returns Ann and the cursor
/// after the creation.
async fn long_log(app: &TestApp) -> (Person, Value) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let after = pull(app, &admin, "first: 100", json!({})).await["changeCursor"].clone();
    let unknown = Uuid::from_u128(5);
    let event = |n: u128| {
        events::NewEvent::message_created(&entity::message::Model {
            id: MessageId(Uuid::from_u128(n)),
            workspace_id: workspace,
            customer_id: CustomerId(unknown),
            conversation_id: ConversationId(unknown),
            ticket_id: None,
            direction: Direction::Inbound,
            sender_email: String::new(),
            sender_name: None,
            sender_agent_id: None,
            sender_customer_id: None,
            body: String::new(),
            body_html: None,
            sentiment_score: None,
            created_at: app.services.clock.now(),
            internal: false,
            attachments: entity::Attachments::default(),
        })
    };
    let operator = deskgraph::auth::Viewer::operator(workspace);
    let writing = app.services.db.begin().await.expect("a transaction");
    let others = (0..OTHERS).map(event).collect();
    let now = app.services.clock.now();
    events::append(&writing, &operator, now, others)
        .await
        .expect("appended");
    writing.commit().await.expect("committed");
    let input = json!({ "id": ticket["id"], "input": { "priority": "URGENT" } });
    app.wrote(&admin, "ticketUpdate", input).await;
    let id = text(&ticket["customer"]["id"]).to_owned();
    let ann = Person {
        credential: app.token(&id, TokenRole::Customer, &[workspace]),
        id,
    };
    (ann, after)
}

async fn a_subscription_skips_events_of_others_in_few_statements(app: TestApp) {
    let (ann, after) = long_log(&app).await;
    let mut socket = app.socket(&ann).await;
    app.statements.take();
    let query = "subscription ($after: ChangeCursor) { ticketChanged(after: $after) { name changeCursor } }";
    socket.begin("1", query, &json!({ "after": after })).await;
    assert_eq!(socket.data("1").await["ticketChanged"]["name"], "ticket.updated");
    let statements = app.statements.take().len();
    // Three reads of four statements each, plus the start. A read per five hundred events would take more.
    assert!(statements <= 20, "{statements}");
}

async fn empty_pages_do_not_end_the_log(app: TestApp) {
    let (ann, after) = long_log(&app).await;
    let part = pull(&app, &ann, "after: $after", json!({ "after": after })).await;
    assert_eq!((&part["nodes"], &part["hasNextPage"]), (&json!([]), &json!(true)));
    let all = pull_all(&app, &ann, 2, Value::Null).await;
    assert_eq!(
        names(&all),
        [
            "customer.created",
            "conversation.created",
            "ticket.created",
            "message.created",
            "ticket.updated"
        ]
    );
}

on_each_database!(
    a_subscription_skips_events_of_others_in_few_statements,
    empty_pages_do_not_end_the_log,
);

//! Several nodes over one PostgreSQL database.

use needs::needs;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Person, Socket, TestApp};

const FOLLOW: &str = "subscription ($after: ChangeCursor) { changes(after: $after) { name } }";
/// An interval of polls longer than any test, so that events are received by notifications only.
pub const NEVER_MS: u64 = 60 * 60 * 1_000;
pub const NEW: [&str; 4] = [
    "customer.created",
    "conversation.created",
    "ticket.created",
    "message.created",
];

/// Subscribes on a node from a cursor on.
pub async fn listening(app: &TestApp, person: &Person, after: &Value) -> Socket {
    let mut socket = app.socket(person).await;
    socket.begin("1", FOLLOW, &json!({ "after": after })).await;
    socket
}

pub async fn assert_receives(socket: &mut Socket, names: &[&str]) {
    for name in names {
        assert_eq!(socket.data("1").await["changes"]["name"], *name);
    }
}

/// Returns the cursor at the end of the log.
pub async fn end(app: &TestApp, person: &Person) -> Value {
    let query = "{ changes(first: 100) { changeCursor } }";
    app.ask(person, query, json!({}))
        .await
        .at("/changes/changeCursor")
}

#[needs(postgres)]
#[tokio::test]
async fn hints_deliver_events_to_all_nodes_without_polling() {
    let one = TestApp::postgres_with(|settings| settings.change_poll_ms = NEVER_MS).await;
    let (_, admin) = one.admin().await;
    let (two, three) = (one.another().await, one.another().await);
    let after = end(&one, &admin).await;
    let mut sockets = [
        listening(&one, &admin, &after).await,
        listening(&two, &admin, &after).await,
        listening(&three, &admin, &after).await,
    ];
    // Late subscribers may read the first event from the log. Later events reach all of them by notifications.
    for (node, email) in [(&one, "ann"), (&three, "bob"), (&two, "cid"), (&one, "dan")] {
        node.ticket(&admin, &format!("{email}@example.com")).await;
        for socket in &mut sockets {
            assert_receives(socket, &NEW).await;
        }
    }
}

#[needs(postgres)]
#[tokio::test]
async fn no_event_is_lost_when_hints_are_cut_off() {
    let one = TestApp::postgres_with(|settings| settings.change_poll_ms = 20).await;
    let (_, admin) = one.admin().await;
    let two = one.another().await;
    let mut socket = listening(&two, &admin, &end(&one, &admin).await).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    for email in ["ann", "bob", "cid"] {
        one.ticket(&admin, &format!("{email}@example.com")).await;
        assert_receives(&mut socket, &NEW).await;
        let connection = one.services.db.connection();
        connection.execute_unprepared(cut).await.expect("cut off");
    }
}

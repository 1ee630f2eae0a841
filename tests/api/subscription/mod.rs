//! Subscriptions to messages over a WebSocket.

mod broken;
mod credential;
mod live;
mod operations;
mod panics;
mod protocol;
mod refused;
mod resume;
mod scope;
mod shared;
mod slow;
mod sse;

use serde_json::{Value, json};

use crate::support::{Person, Socket, TestApp};

const VIEWER: &str = "{ viewer { kind } }";
const WATCH: &str = "subscription ($ticketId: ID, $conversationId: ID, $customerId: ID, $workspaceId: ID, \
     $direction: MessageDirection, $after: ChangeCursor) { \
     messageAdded(ticketId: $ticketId, conversationId: $conversationId, customerId: $customerId, \
     workspaceId: $workspaceId, direction: $direction, after: $after) { id body changeCursor } }";

/// A ticket and related ids.
struct Ticket {
    id: String,
    conversation: String,
    customer: String,
    /// Cursor after its first message.
    cursor: String,
}

/// Creates a ticket of a customer. The text of its first message is `first`.
async fn ticket(app: &TestApp, person: &Person, workspace: Option<&str>, email: &str) -> Ticket {
    let query = "mutation ($workspaceId: ID, $input: TicketCreateInput!) { ticketCreate(workspaceId: $workspaceId, input: $input) \
         { ticket { id conversation { id } customer { id } } changeCursor userErrors { message } } }";
    let input = json!({ "customerEmail": email, "subject": "Help", "body": "first" });
    let made = app
        .ask(person, query, json!({ "workspaceId": workspace, "input": input }))
        .await;
    let made = made.at("/ticketCreate");
    let text = |pointer| text(&made, pointer);
    Ticket {
        id: text("/ticket/id"),
        conversation: text("/ticket/conversation/id"),
        customer: text("/ticket/customer/id"),
        cursor: text("/changeCursor"),
    }
}

/// Adds a message of the customer to a ticket. Returns the cursor after it.
async fn add(app: &TestApp, person: &Person, ticket: &Ticket, body: &str) -> String {
    add_to(app, person, json!({ "ticketId": ticket.id }), "INBOUND", body).await
}

async fn add_to(app: &TestApp, person: &Person, target: Value, direction: &str, body: &str) -> String {
    let query = "mutation ($input: MessageAddInput!) { messageAdd(input: $input) \
         { changeCursor userErrors { message } } }";
    let input = json!({
        "target": target, "direction": direction, "body": body, "senderEmail": "jane@example.com",
    });
    let added = app.ask(person, query, json!({ "input": input })).await;
    added.text("/messageAdd/changeCursor")
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
        .to_owned()
}

/// Returns the text of the next message that an operation receives.
async fn body(socket: &mut Socket, id: &str) -> String {
    text(&socket.data(id).await, "/messageAdded/body")
}

/// Returns the texts that an operation receives, up to the text `last`.
async fn bodies(socket: &mut Socket, id: &str, last: &str) -> Vec<String> {
    let mut received = Vec::new();
    while received.last().is_none_or(|text| text != last) {
        received.push(body(socket, id).await);
    }
    received
}

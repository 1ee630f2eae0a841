//! The counted workloads.

mod node;

use std::{hint::black_box, time::Duration};

use deskgraph::{
    auth::Viewer,
    budget::Account,
    graphql::{self, IncomingRequest, RequestId},
    request::Sent,
    service::message::{AddMessage, MessageTarget, add},
    subscriptions::{Outbox, OutboxContent, OutboxItem, Subscriptions},
};
use entity::message::Direction;
use tokio::sync::mpsc::Receiver;
use tokio_util::task::TaskTracker;

use self::node::Node;

/// Names of the workloads.
pub const NAMES: [&str; 4] = [COST, CURSORS, ROWS, EVENT];

/// Parses a document and computes its cost, twice.
const COST: &str = "parse-and-cost";
/// Decodes a thousand cursors for every list and order, and encodes those that are valid.
const CURSORS: &str = "cursors";
/// Returns a list of a thousand tickets with twelve fields, from the request to the bytes, without the thread of the
/// database.
const ROWS: &str = "answer-of-1000-rows";
/// Adds a message and sends it to a thousand subscribers with one document.
const EVENT: &str = "event-to-1000-listeners";

const LISTENERS: u64 = 1_000;
const TIMEOUT: Duration = Duration::from_mins(2);

/// Part of the name of the function in which instructions are counted.
pub const MEASURED: &str = "instructions_are_counted_here";

/// Not inlined, because callgrind finds it by its name.
#[inline(never)]
fn instructions_are_counted_here<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

const DOCUMENT: &str = "query Inbox($status: [TicketStatus!], $after: String) {
    tickets(first: 20, after: $after, filter: { status: $status }, orderBy: { field: UPDATED_AT, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        edges { cursor node { ...Row messages(last: 3) { nodes { id body direction createdAt sender { __typename ... on Agent { name } } } } } }
    }
    viewer { kind }
}
fragment Row on Ticket {
    id subject status priority createdAt updatedAt tags messageCount
    assignee { id name }
    customer { id name email isVip openTickets overallSentiment }
    conversation { id channel status }
}";

const LIST: &str = "{ tickets(first: 1000) { nodes { id subject status priority customerEmail customerName source tags \
                    messageCount createdAt updatedAt version } } }";

const WATCH: &str = "subscription($id: ID!, $after: ChangeCursor) {
    messageAdded(ticketId: $id, after: $after) { changeCursor id body direction senderEmail createdAt } }";

/// Runs a workload once.
pub fn run(name: &str) {
    match name {
        COST => cost(),
        CURSORS => cursors(),
        ROWS => rows(),
        EVENT => event(),
        other => panic!("no work is called {other}"),
    }
}

fn cost() {
    let request = format!("{DOCUMENT}\0{{\"status\": [\"OPEN\", \"PENDING\"]}}");
    // The first run builds the schema.
    graphql::fuzzing::cost(request.as_bytes());
    instructions_are_counted_here(|| graphql::fuzzing::cost(black_box(request.as_bytes())));
}

fn cursors() {
    // Cursors of the list of tickets by creation time, as sent by clients.
    let cursors: Vec<String> = (0..1000).map(node::cursor).collect();
    graphql::fuzzing::cursors(cursors[0].as_bytes());
    instructions_are_counted_here(|| {
        for cursor in &cursors {
            graphql::fuzzing::cursors(black_box(cursor.as_bytes()));
        }
    });
}

fn rows() {
    let node = Node::with_tickets(1000);
    let ask = || {
        let incoming = IncomingRequest {
            request: node.graph.open(Sent::text(LIST)),
            viewer: Viewer::operator(node.workspace),
            id: RequestId("bench".to_owned()),
            account: Account::unbounded(),
        };
        let answer = node.runtime.block_on(graphql::execute(&node.graph, incoming));
        serde_json::to_vec(&answer).expect("an answer")
    };
    // Prepares the statements and fills the cache of documents.
    let before = ask();
    let answer = instructions_are_counted_here(ask);
    assert!(
        answer == before && answer.len() > 300_000,
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

fn event() {
    let node = Node::with_tickets(1);
    let ticket = node.a_ticket();
    let viewer = Viewer::operator(node.workspace);
    let say = async || {
        let message = AddMessage {
            target: MessageTarget::Ticket(ticket),
            body: "Where is it?".to_owned(),
            body_html: None,
            sender_email: "c@example.com".to_owned(),
            sender_name: None,
            direction: Direction::Outbound,
            internal: false,
        };
        let added = add(&node.services, &viewer, message).await.expect("a message");
        added.cursor.expect("an event").to_string()
    };
    let mut listeners = node.runtime.block_on(async {
        let subscriptions = Subscriptions::new(node.graph.clone(), TaskTracker::new());
        let after = say().await;
        say().await;
        let mut listeners = Vec::new();
        for number in 0..LISTENERS {
            let variables = serde_json::json!({ "id": ticket.to_string(), "after": after });
            let incoming = IncomingRequest {
                request: node.graph.open(Sent {
                    variables: async_graphql::Variables::from_json(variables),
                    ..Sent::text(WATCH)
                }),
                viewer: viewer.clone(),
                id: RequestId(number.to_string()),
                account: Account::unbounded(),
            };
            let (outbox, mut taken) = Outbox::of(64, 1 << 20);
            let running = subscriptions.begin(|_| incoming, None, outbox.sender(number));
            // One after another, because they would exceed the timeout for the only database connection.
            answered(&mut taken).await;
            listeners.push((running, taken));
        }
        listeners
    });
    let mut hand_over = || {
        node.runtime.block_on(async {
            say().await;
            for (_, taken) in &mut listeners {
                answered(taken).await;
            }
        });
    };
    // After the first one, all subscribers are in one group.
    hand_over();
    instructions_are_counted_here(hand_over);
}

/// Receives one response.
async fn answered(taken: &mut Receiver<OutboxItem>) {
    let item = tokio::time::timeout(TIMEOUT, taken.recv()).await;
    let content = item.expect("an answer in time").expect("an answer").content;
    assert!(matches!(content, OutboxContent::Next(_)), "{content:?}");
}

//! Subscriptions: replay of the log and live events.

use serde_json::{Value, json};

use super::{Outsider, hidden::Hidden, sample::SampleWorkspace, twins::subscriptions};
use crate::support::{
    Socket, SocketEvent, TestApp, position,
    schema::{Document, Root, Schema},
    text,
};

/// Number of later queries that are answered before an event counts as missing.
const BEHIND: usize = 3;
/// Number of times that a difference must be observed, because the order of two messages on a socket is not defined.
const TRIES: usize = 5;

/// Subscribes with hidden and with nonexistent data in each argument. The responses must be equal.
pub async fn refused(app: &TestApp, schema: &Schema, onlooker: &Outsider, hidden: &Hidden) -> Vec<String> {
    let mut leaks = Vec::new();
    for request in subscriptions(schema, &onlooker.things, hidden) {
        let mut difference = None;
        for _ in 0..TRIES {
            let one = received_messages(app, onlooker, &request).await;
            let two = received_messages(app, onlooker, &hidden.twin(&request)).await;
            let found = hidden.found_in(&one, &request);
            if !found.is_empty() {
                leaks.push(format!("{} is shown {found:?} by {request}", onlooker.who));
            }
            difference = (hidden.twin(&one) != two).then(|| format!("\n  {one}\n  {two}"));
            if difference.is_none() {
                break;
            }
        }
        if let Some(difference) = difference {
            leaks.push(format!(
                "{} can tell what is hidden by {request}{difference}",
                onlooker.who
            ));
        }
    }
    leaks
}

/// Returns all messages of a subscription until later queries are answered.
async fn received_messages(app: &TestApp, onlooker: &Outsider, request: &str) -> String {
    let request: Value = serde_json::from_str(request).expect("JSON");
    let mut socket = app.socket(&onlooker.person).await;
    begin(&mut socket, &request).await;
    let mut all = Vec::new();
    for _ in 0..BEHIND {
        let question = "{ customers(first: 1) { totalCount nodes { id } } }";
        socket.begin("behind", question, &json!({})).await;
        loop {
            match socket.receive().await {
                SocketEvent::Message(message) if message["id"] == "behind" => {
                    if message["type"] == "complete" {
                        break;
                    }
                }
                SocketEvent::Message(message) => all.push(message.to_string()),
                SocketEvent::Closed(code) => panic!("closed with {code:?}"),
            }
        }
    }
    socket.close().await;
    all.join("\n")
}

async fn begin(socket: &mut Socket, request: &Value) {
    socket
        .begin("asked", text(&request["query"]), &request["variables"])
        .await;
}

/// Subscribes to everything from the start of the log while hidden and visible changes are written. Only the visible
/// ones must be received.
pub async fn followed(
    app: &TestApp,
    schema: &Schema,
    onlooker: &Outsider,
    hidden: &Hidden,
    own: &SampleWorkspace,
    theirs: &SampleWorkspace,
    sent: &str,
) -> Vec<String> {
    let mut leaks = Vec::new();
    let mut open = Vec::new();
    for field in schema.root(Root::Subscription) {
        let cursor = vec!["after".to_owned()];
        let value = &mut |place: &_| onlooker.things.value(schema, field, place);
        let arguments = schema.arguments_to(&field.arguments, &cursor, value);
        assert!(arguments.contains_key("after"), "{} has no cursor", field.name);
        let mut document = Document::new(Root::Subscription);
        document.add(field, &arguments, &schema.selection(&field.of.name, 1).text);
        let mut socket = app.socket(&onlooker.person).await;
        begin(&mut socket, &document.request()).await;
        open.push((field, socket));
    }
    theirs
        .stir(app, &format!("canary, and not for {}", onlooker.who))
        .await;
    own.stir(app, &format!("own, and for {}", onlooker.who)).await;
    // Each kind of visible event follows the hidden ones of its kind. That of the ticket is the last one.
    for (field, socket) in &mut open {
        let mut news = false;
        while !news {
            let item = socket.data("asked").await[&field.name].clone();
            let told = item.to_string();
            let found = hidden.found_in(&told, sent);
            if !found.is_empty() {
                leaks.push(format!(
                    "{} hears {found:?} of {}: {told}",
                    onlooker.who, field.name
                ));
            }
            let at = position(text(&item["changeCursor"]));
            news = at > position(&onlooker.things.cursor) && is_change_for(&item, onlooker.who);
        }
    }
    leaks
}

/// Returns true if an event belongs to the change written for an onlooker.
fn is_change_for(item: &Value, who: &str) -> bool {
    let word = format!("own, and for {who}");
    let is_new = |field: &Value| field["after"] == word;
    item["body"] == word
        || item["changedFields"]
            .as_array()
            .is_some_and(|all| all.iter().any(is_new))
}

//! A writer: sends mutations one after the other to any running node.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Phase, Run,
    stage::NodeSlot,
    tally::{Acknowledged, count},
};
use crate::{client::Answer, cursor, helpdesk::Target};

/// Wait after an error, in milliseconds. Immediate retries would increase the load.
const AFTER_REFUSAL: std::ops::Range<u64> = 20..100;
/// Percentage of messages for tickets with listeners. It is small because a transaction locks the row of its ticket
/// during its pause, so that writers of one ticket wait for each other.
const INTO_WATCHED: u32 = 10;

/// Maximum number of attempts for a mutation.
const TRIES: u32 = 30;

const MESSAGE_ADD: &str = "mutation ($input: MessageAddInput!, $key: String) { messageAdd(input: $input, idempotencyKey: $key) \
     { message { id } changeCursor userErrors { code } } }";
const TICKET_UPDATE: &str = "mutation ($id: ID!, $input: TicketUpdateInput!, $key: String) \
     { ticketUpdate(id: $id, input: $input, idempotencyKey: $key) \
     { ticket { id } changeCursor userErrors { code } } }";
const TICKET_CREATE: &str = "mutation ($input: TicketCreateInput!, $key: String) \
     { ticketCreate(input: $input, idempotencyKey: $key) \
     { ticket { id } changeCursor userErrors { code } } }";
const TEXTS: [&str; 5] = [
    "Thank you, this is great!",
    "It is broken again, and I am angry.",
    "The parcel weighs two kilograms.",
    "Where is my order?",
    "I love the new colours.",
];
const STATUSES: [&str; 3] = ["OPEN", "PENDING", "SOLVED"];

/// A mutation and its expected event.
struct Mutation {
    name: &'static str,
    query: &'static str,
    variables: Value,
    event: &'static str,
    /// Field of the payload that contains the id of the written object.
    noun: &'static str,
}

/// Writes until the writing phase ends.
pub async fn write(run: Arc<Run>, number: usize, mut rng: Rng) {
    let think = u64::try_from(run.settings.think().as_millis()).unwrap_or(u64::MAX);
    for turn in 0_u64.. {
        if *run.phase.borrow() != Phase::Breaking {
            return;
        }
        let mark = format!("{number}.{turn}");
        let mut mutation = choose(&run, &mut rng, &mark);
        mutation.variables["key"] = Value::from(mark);
        insist(&run, &mutation, &mut rng).await;
        if think > 0 {
            sleep(Duration::from_millis(rng.u64(0..=think))).await;
        }
    }
}

/// Sends a mutation to running nodes until it is acknowledged. A lost response leaves open whether it ran. The
/// idempotency key ensures that it runs once.
async fn insist(run: &Run, mutation: &Mutation, rng: &mut Rng) {
    for again in 0..TRIES {
        let place = run.stage.living(rng).await;
        count(&run.tally.sent);
        if again > 0 {
            count(&run.tally.sent_again);
        }
        let sent = run.stage.client.send(
            &place.address,
            &run.stage.agent.0,
            mutation.query,
            &mutation.variables,
        );
        let Err(reason) = judge(run, place, mutation, sent.await) else {
            return;
        };
        run.tally.refuse(reason);
        sleep(Duration::from_millis(rng.u64(AFTER_REFUSAL))).await;
    }
}

/// Records an acknowledged mutation. `Err` contains the reason why it was not acknowledged.
fn judge(run: &Run, place: &NodeSlot, mutation: &Mutation, answer: Answer) -> Result<(), String> {
    let body = match answer {
        Answer::Response(body) => body,
        Answer::Status(status) => return Err(format!("HTTP {status}")),
        Answer::Lost => return Err("no response".to_owned()),
    };
    let payload = &body["data"][mutation.name];
    if let Some(code) = payload["userErrors"][0]["code"].as_str() {
        return Err(format!("user error {code}"));
    }
    if let Some(code) = body["errors"][0]["extensions"]["code"].as_str() {
        return Err(code.to_owned());
    }
    let object = payload[mutation.noun]["id"].as_str();
    let position = payload["changeCursor"].as_str().and_then(cursor::position);
    let (Some(object), Some(position)) = (object, position) else {
        return Err(format!("not a response of the schema: {body}"));
    };
    run.tally.acknowledge(Acknowledged {
        event: mutation.event,
        object: object.to_owned(),
        position,
    });
    count(&place.acknowledged);
    Ok(())
}

fn choose(run: &Run, rng: &mut Rng, mark: &str) -> Mutation {
    let (targets, watched) = (&run.stage.targets, run.stage.watched.len());
    let from = if rng.u32(0..100) < INTO_WATCHED {
        &targets[..watched]
    } else {
        &targets[watched..]
    };
    let target = &from[rng.usize(0..from.len())];
    match rng.u32(0..100) {
        0..70 => message(target, rng, mark),
        70..92 => Mutation {
            name: "ticketUpdate",
            query: TICKET_UPDATE,
            variables: json!({
                "id": target.id,
                // The subject differs each time, because a mutation without a change has no cursor.
                "input": { "subject": format!("Ticket {mark}"), "status": STATUSES[rng.usize(0..STATUSES.len())] },
            }),
            event: "ticket.updated",
            noun: "ticket",
        },
        _ => {
            // Half of the messages are from a new customer.
            let email = if rng.bool() {
                target.email.clone()
            } else {
                format!("new-{mark}@example.com")
            };
            Mutation {
                name: "ticketCreate",
                query: TICKET_CREATE,
                variables: json!({ "input": { "subject": format!("New {mark}"), "customerEmail": email, "body": format!("{} #{mark}", TEXTS[0]) } }),
                event: "ticket.created",
                noun: "ticket",
            }
        }
    }
}

fn message(target: &Target, rng: &mut Rng, mark: &str) -> Mutation {
    let inbound = rng.bool();
    let sender = if inbound {
        target.email.as_str()
    } else {
        "ada@agents.example.com"
    };
    Mutation {
        name: "messageAdd",
        query: MESSAGE_ADD,
        variables: json!({ "input": {
            "target": { "ticketId": target.id },
            "direction": if inbound { "INBOUND" } else { "OUTBOUND" },
            "senderEmail": sender,
            "body": format!("{} #{mark}", TEXTS[rng.usize(0..TEXTS.len())]),
        } }),
        event: "message.created",
        noun: "message",
    }
}

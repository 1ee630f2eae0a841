//! Creates a workspace with an agent by commands of the gateway, and its tickets through the API.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    client::Client,
    cursor,
    failure::{Done, Failure},
    node::Gateway,
};

const AGENT: &str = "ada@agents.example.com";
/// Longer than any run.
pub const TOKEN_MINUTES: &str = "600";
/// Number of concurrent requests that create tickets.
const WORKERS: usize = 8;

const TICKET_CREATE: &str = "mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) \
     { ticket { id customer { id } } changeCursor userErrors { code } } }";

/// A person, identified by a token.
#[derive(Clone, Debug)]
pub struct Person(pub Arc<str>);

/// A ticket to write to.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: String,
    /// Address of its customer.
    pub email: String,
}

pub struct CreatedTicket {
    /// The ticket to write to.
    pub target: Target,
    /// Id of its customer.
    pub customer_id: String,
    /// Cursor of the log after its creation.
    pub cursor: String,
    /// Position in that cursor.
    pub position: i64,
}

/// Migrates the database and creates a workspace with an agent. Returns the version of the gateway and the agent.
pub async fn open(gateway: &Arc<Gateway>, workspace: &'static str) -> Done<(String, Person)> {
    let gateway = gateway.clone();
    let commands = move || {
        let version = gateway.run(&["--version"])?;
        gateway.run(&["migrate"])?;
        gateway.run(&["workspace", "create", workspace])?;
        gateway.run(&["agent", "create", "--name", "Ada Berg", "--email", AGENT])?;
        let token = gateway.run(&["token", "issue", "--agent", AGENT, "--minutes", TOKEN_MINUTES])?;
        Done::Ok((version, Person(token.into())))
    };
    spawn_blocking(commands).await?
}

/// Creates tickets, each of a different customer, so that writers of two tickets never need the same row.
pub async fn fill(client: &Client, address: &str, agent: &Person, count: usize) -> Done<Vec<CreatedTicket>> {
    let mut hands = JoinSet::new();
    for hand in 0..WORKERS {
        let (client, address, agent) = (client.clone(), address.to_owned(), agent.clone());
        hands.spawn(async move {
            let mut made = Vec::new();
            for number in (hand..count).step_by(WORKERS) {
                let email = format!("customer-{number}@example.com");
                let input =
                    json!({ "subject": format!("Ticket {number}"), "customerEmail": email, "body": "Hello" });
                let data = client
                    .ask(&address, &agent.0, TICKET_CREATE, &json!({ "input": input }))
                    .await?;
                made.push(read_made(&data["ticketCreate"], email)?);
            }
            Done::Ok(made)
        });
    }
    let mut made = Vec::new();
    while let Some(some) = hands.join_next().await {
        made.extend(some??);
    }
    Ok(made)
}

fn read_made(payload: &Value, email: String) -> Done<CreatedTicket> {
    let text = |pointer: &str| {
        payload
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let made = || {
        let cursor = text("/changeCursor")?;
        Some(CreatedTicket {
            target: Target {
                id: text("/ticket/id")?,
                email,
            },
            customer_id: text("/ticket/customer/id")?,
            position: cursor::position(&cursor)?,
            cursor,
        })
    };
    made().ok_or_else(|| Failure(format!("a ticket could not be created: {payload}")))
}

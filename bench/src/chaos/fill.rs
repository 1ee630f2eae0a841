//! Fills the workspace of a run with tickets, through the API.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::{JoinSet, spawn_blocking};

use super::{
    stage::{Person, TOKEN_MINUTES, Target},
    subject::Watched,
};
use crate::{
    client::Client,
    cursor,
    database::Database,
    failure::{Done, Failure, Trying},
    node::Gateway,
};

/// Requests that fill the workspace at a time.
const HANDS: usize = 8;

const TICKET_CREATE: &str = "mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) \
     { ticket { id customer { id } } cursor userErrors { code } } }";

/// A ticket that was made.
pub struct Made {
    /// Where to write.
    pub target: Target,
    /// Whose it is.
    pub customer_id: String,
    /// Where the log stood behind it.
    pub cursor: String,
    /// The same as a number.
    pub position: i64,
}

/// Makes tickets, each of a customer of its own: whoever writes into two of them holds no row that the other needs.
pub async fn fill(client: &Client, address: &str, agent: &Person, count: usize) -> Done<Vec<Made>> {
    let mut hands = JoinSet::new();
    for hand in 0..HANDS {
        let (client, address, agent) = (client.clone(), address.to_owned(), agent.clone());
        hands.spawn(async move {
            let mut made = Vec::new();
            for number in (hand..count).step_by(HANDS) {
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

fn read_made(payload: &Value, email: String) -> Done<Made> {
    let text = |pointer: &str| {
        payload
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let made = || {
        let cursor = text("/cursor")?;
        Some(Made {
            target: Target {
                id: text("/ticket/id")?,
                email,
            },
            customer_id: text("/ticket/customer/id")?,
            position: cursor::position(&cursor)?,
            cursor,
        })
    };
    made().ok_or_else(|| Failure(format!("a ticket could not be made: {payload}")))
}

/// A ticket that was made, with all that a listener must know of it.
pub async fn watch(gateway: &Arc<Gateway>, database: &Database, made: &Made) -> Done<Watched> {
    let (ticket, customer) = (database.hex("ticket_id"), database.hex("customer_id"));
    let rows = database
        .rows(&format!(
            "SELECT position, {ticket}, {customer} FROM change WHERE name = 21 AND position BETWEEN {} AND {}",
            made.position - 3,
            made.position
        ))
        .await?;
    // The newest: a ticket that was made just before may lie in the range too.
    let newest = rows.into_iter().max_by_key(|(position, ..)| *position);
    let (Some(row), Some(customer_row)) =
        newest.map_or((None, None), |(_, ticket, customer)| (ticket, customer))
    else {
        return Err(Failure("a ticket that was made is not in the log".to_owned()));
    };
    let (gateway, email) = (gateway.clone(), made.target.email.clone());
    let issue = move || gateway.run(&["token", "issue", "--customer", &email, "--minutes", TOKEN_MINUTES]);
    let token = spawn_blocking(issue).await?.trying("issue a customer's token")?;
    Ok(Watched {
        id: made.target.id.clone(),
        row,
        customer_id: made.customer_id.clone(),
        customer_row,
        customer: Person(token.into()),
    })
}

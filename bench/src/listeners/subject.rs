//! The measured servers: each creates events and sends them to subscribers.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::crowd::{Receipt, Source};
use crate::{
    client::Client,
    cursor,
    database::Database,
    failure::{Done, Failure},
};

/// Fields of a message that a typical client selects.
const QUERY: &str = "subscription Thread($after: ChangeCursor, $ticketId: ID!) { messageAdded(ticketId: $ticketId, \
     after: $after) { id body direction createdAt senderName senderEmail changeCursor } }";
const ADD: &str =
    "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { changeCursor userErrors { code } } }";
const BODY: &str =
    "Thank you for writing to us. We have looked into your order and will send you a new one tomorrow.";

/// A server that creates events.
pub enum Subject<'a> {
    /// The gateway. An event is a new message in a ticket.
    Gateway {
        /// The node, with the token of an agent.
        source: &'a Source,
        /// Database with the times of commits. `None` if it does not record them.
        database: Option<&'a Database>,
    },
    /// The broadcast server. An event is a text with a new cursor.
    Broadcast {
        /// The server.
        source: &'a Source,
        /// The text, with `CURSOR` in place of the cursor.
        text: &'a str,
    },
}

impl Subject<'_> {
    /// Returns the server to subscribe to.
    pub fn source(&self) -> &Source {
        match self {
            Self::Gateway { source, .. } | Self::Broadcast { source, .. } => source,
        }
    }

    /// Creates an event. Returns its cursor and, if already known, the time at which it was sent.
    pub async fn make(
        &self,
        client: &Client,
        target: &(String, String),
        number: u64,
    ) -> Done<(String, Option<i64>)> {
        match self {
            Self::Gateway { source, .. } => {
                let (ticket, email) = target;
                let input = json!({ "target": { "ticketId": ticket }, "senderEmail": email, "body": BODY });
                let data = client
                    .ask(&source.address, &source.token, ADD, &json!({ "input": input }))
                    .await?;
                let cursor = data["messageAdd"]["changeCursor"].as_str();
                let cursor = cursor.ok_or_else(|| Failure(format!("not written: {data}")))?;
                Ok((cursor.to_owned(), None))
            }
            Self::Broadcast { source, text } => {
                let cursor = format!("e{number}");
                let url = format!("http://{}/publish", source.address);
                let said = client
                    .http()
                    .post(url)
                    .body(text.replace("CURSOR", &cursor))
                    .send()
                    .await?;
                let at = said.text().await?;
                Ok((cursor, at.parse().ok()))
            }
        }
    }

    /// Returns the commit times of the events by cursor, if they are known.
    pub async fn commits(&self, receipts: &[Receipt]) -> Done<HashMap<String, i64>> {
        let Self::Gateway {
            database: Some(database),
            ..
        } = self
        else {
            return Ok(HashMap::new());
        };
        let cursors: HashMap<i64, String> = receipts
            .iter()
            .filter_map(|receipt| Some((cursor::position(&receipt.cursor)?, receipt.cursor.clone())))
            .collect();
        let Some(first) = cursors.keys().min() else {
            return Ok(HashMap::new());
        };
        let rows = database
            .rows(&format!(
                "SELECT position, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint::text, NULL \
                 FROM change WHERE position >= {first}"
            ))
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(position, at, _)| Some((cursors.get(&position)?.clone(), at?.parse().ok()?)))
            .collect())
    }
}

/// The subscribers of a round.
#[derive(Clone, Copy, Debug)]
pub struct Audience {
    /// Number of subscribers.
    pub listeners: usize,
    /// Number of tickets. Each has the same number of subscribers.
    pub tickets: usize,
    /// True if each subscriber sends a different document.
    pub own_documents: bool,
}

impl Audience {
    /// Subscribers of one ticket with the same document.
    pub fn of_one_ticket(listeners: usize) -> Self {
        Self {
            listeners,
            tickets: 1,
            own_documents: false,
        }
    }

    /// Returns the number of subscribers that receive one event.
    pub fn each(self) -> u64 {
        (self.listeners / self.tickets) as u64
    }

    /// Returns the request body of each subscriber, for all events behind a cursor.
    pub fn bodies(self, tickets: &[(String, String)], after: &str) -> Vec<Value> {
        let of = |number: usize| {
            let ticket = tickets.get(number % self.tickets).map(|(id, _)| id);
            let comment = if self.own_documents {
                format!("# {number}\n")
            } else {
                String::new()
            };
            json!({
                "query": format!("{comment}{QUERY}"),
                "variables": { "ticketId": ticket, "after": after },
            })
        };
        (0..self.listeners).map(of).collect()
    }
}

//! What is measured: something that makes an event, and sends it to those who listen.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::crowd::{Receipt, Source};
use crate::{
    client::Client,
    cursor,
    database::Database,
    failure::{Done, Failure},
};

/// What a frontend asks of a message.
const QUERY: &str = "subscription Thread($after: ChangeCursor, $ticketId: ID!) { messageAdded(ticketId: $ticketId, \
     after: $after) { id body direction createdAt senderName senderEmail cursor } }";
const ADD: &str =
    "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { cursor userErrors { code } } }";
const BODY: &str =
    "Thank you for writing to us. We have looked into your order and will send you a new one tomorrow.";

/// Something that makes events.
pub enum Subject<'a> {
    /// The gateway: a message is written into a ticket.
    Gateway {
        /// A node, as an agent.
        source: &'a Source,
        /// Where commits tell their time; none where they do not.
        database: Option<&'a Database>,
    },
    /// The bare broadcast: a text is handed out, with another cursor each time.
    Broadcast {
        /// Where.
        source: &'a Source,
        /// The text, with `CURSOR` in the place of the cursor.
        text: &'a str,
    },
}

impl Subject<'_> {
    /// Where to listen to it.
    pub fn source(&self) -> &Source {
        match self {
            Self::Gateway { source, .. } | Self::Broadcast { source, .. } => source,
        }
    }

    /// Makes an event. The answer is the cursor and, where that is known already, when it was handed out.
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
                let cursor = data["messageAdd"]["cursor"].as_str();
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

    /// When the events of these answers were committed, by cursor, where that is known.
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

/// Who listens to what.
#[derive(Clone, Copy, Debug)]
pub struct Audience {
    /// How many.
    pub listeners: usize,
    /// They listen to so many tickets, as many to each.
    pub tickets: usize,
    /// Each sends a document that nobody else sends.
    pub own_documents: bool,
}

impl Audience {
    /// Many who ask the same of one ticket.
    pub fn of_one_ticket(listeners: usize) -> Self {
        Self {
            listeners,
            tickets: 1,
            own_documents: false,
        }
    }

    /// How many hear of one event.
    pub fn each(self) -> u64 {
        (self.listeners / self.tickets) as u64
    }

    /// What each of them sends, to hear everything behind a position.
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

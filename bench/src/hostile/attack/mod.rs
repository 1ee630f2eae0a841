//! The attacks. A customer with a token can run each of them. They target the node's memory, processor time and
//! connections.

mod connections;
mod memory;
mod seconds;

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use crate::{client::Client, helpdesk};

/// The attacker's responses: the number for each result.
pub type Answers = BTreeMap<String, usize>;

pub struct Attack {
    pub name: &'static str,
    /// Description.
    pub about: &'static str,
    /// Settings that stop the attack.
    pub bounds: &'static [&'static str],
    pub run: fn(Target) -> BoxFuture<'static, Answers>,
}

/// The target of an attack, and the attacker.
#[derive(Clone, Debug)]
pub struct Target {
    /// Host and port.
    pub address: String,
    /// Token of the attacker.
    pub token: String,
    /// Ticket of the attacker.
    pub ticket: helpdesk::Target,
    pub client: Client,
    /// Duration of the attack.
    pub time: Duration,
}

pub fn all() -> impl Iterator<Item = &'static Attack> {
    [memory::ATTACKS, seconds::ATTACKS, connections::ATTACKS]
        .into_iter()
        .flatten()
}

impl Target {
    /// Sends an operation and returns the kind of result.
    async fn ask(&self, query: &str, variables: &Value) -> String {
        let request = self
            .client
            .http()
            .post(format!("http://{}/graphql", self.address));
        let body = json!({ "query": query, "variables": variables });
        let sent = request.bearer_auth(&self.token).json(&body).send().await;
        let Ok(response) = sent else {
            return "nothing".to_owned();
        };
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap_or_default();
        match body["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => status.to_string(),
        }
    }

    /// Adds a message.
    async fn write(&self, body: &str, html: Option<&str>) -> String {
        let query = "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { message { id } } }";
        let input = json!({
            "target": { "ticketId": self.ticket.id }, "senderEmail": self.ticket.email, "body": body, "bodyHtml": html,
        });
        self.ask(query, &json!({ "input": input })).await
    }

    /// Adds the same message a number of times.
    async fn fill(&self, messages: usize, body: &str) {
        for _ in 0..messages {
            self.write(body, None).await;
        }
    }

    fn head(&self, accept: &str, length: &str) -> String {
        format!(
            "POST /graphql HTTP/1.1\r\nHost: hostile\r\nContent-Type: application/json\r\nAccept: {accept}\r\n\
             Authorization: Bearer {}\r\n{length}\r\n\r\n",
            self.token
        )
    }
}

/// Repeats an action over eight connections for the duration of the attack.
async fn flood<F>(target: &Target, act: impl Fn(Target) -> F + Clone + Send + 'static) -> Answers
where
    F: Future<Output = String> + Send + 'static,
{
    let until = Instant::now() + target.time;
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let (target, act) = (target.clone(), act.clone());
        asking.spawn(async move {
            let mut answers = Answers::new();
            while Instant::now() < until {
                *answers.entry(act(target.clone()).await).or_default() += 1;
            }
            answers
        });
    }
    let mut all = Answers::new();
    while let Some(Ok(some)) = asking.join_next().await {
        for (answer, count) in some {
            *all.entry(answer).or_default() += count;
        }
    }
    all
}

/// Repeats a query over eight connections for the duration of the attack.
async fn flood_query(target: &Target, query: String) -> Answers {
    flood(target, move |target| {
        let query = query.clone();
        async move { target.ask(&query, &json!({})).await }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn every_bound_is_a_setting() {
        let settings = include_str!("../../../../src/config/mod.rs");
        for attack in all() {
            for bound in attack.bounds {
                let field = format!("\n    {}: ", bound.to_lowercase());
                assert!(settings.contains(&field), "{}: there is no {bound}", attack.name);
            }
        }
    }
}

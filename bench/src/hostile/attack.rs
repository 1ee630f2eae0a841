//! The attacks. Each is one that a customer with a token can carry out.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    client::{Client, Subscription, ws},
    helpdesk,
};

/// What an attacker was answered, and how often.
pub type Answers = BTreeMap<String, usize>;

/// An attack.
pub struct Attack {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The settings that stop it.
    pub bounds: &'static [&'static str],
    /// Carries it out.
    pub run: fn(Target) -> BoxFuture<'static, Answers>,
}

/// What is attacked, and as whom.
#[derive(Clone, Debug)]
pub struct Target {
    /// Host and port.
    pub address: String,
    /// The attacker's.
    pub token: String,
    /// The attacker's ticket.
    pub ticket: helpdesk::Target,
    /// Sends requests.
    pub client: Client,
    /// How long the attack takes.
    pub time: Duration,
}

const MEMORY: &[&str] = &["ANSWER_BYTES_MAX", "BYTES_PER_VIEWER", "HELD_BYTES_MAX"];

/// All of them.
pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "escapes",
        about: "long texts under thirty aliases: each byte of them is six of JSON",
        bounds: MEMORY,
        run: |target| Box::pin(async move { flood(&target, aliased(&target).await).await }),
    },
    Attack {
        name: "nested",
        about: "the same messages in one another",
        bounds: MEMORY,
        run: |target| {
            Box::pin(async move {
                target.fill(20, 100_000).await;
                let inner = "messages(first: 20) { nodes { body conversation { messages(first: 20) { nodes { body } } } } }";
                flood(
                    &target,
                    format!("{{ ticket(id: \"{}\") {{ {inner} }} }}", target.ticket.id),
                )
                .await
            })
        },
    },
    Attack {
        name: "unread-answers",
        about: "connections that ask for large answers and do not read them",
        bounds: MEMORY,
        run: |target| Box::pin(unread(target, "application/json")),
    },
    Attack {
        name: "unread-events",
        about: "the same over event streams",
        bounds: MEMORY,
        run: |target| Box::pin(unread(target, "text/event-stream")),
    },
    Attack {
        name: "listeners",
        about: "three hundred subscriptions with large answers that nothing reads, and messages for them",
        bounds: &[
            "ANSWER_BYTES_MAX",
            "BYTES_PER_VIEWER",
            "HELD_BYTES_MAX",
            "SUBSCRIPTION_BUFFER_BYTES",
        ],
        run: |target| Box::pin(listeners(target)),
    },
    Attack {
        name: "dripping-bodies",
        about: "bodies without a length that come slowly",
        bounds: &["BODIES_BYTES_MAX", "BODIES_BYTES_PER_VIEWER"],
        run: |target| Box::pin(drip(target)),
    },
];

impl Target {
    /// Asks, and tells how that was answered.
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

    /// Writes a message of so many costly bytes.
    async fn write(&self, bytes: usize) -> String {
        let query = "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { message { id } } }";
        let input = json!({
            "target": { "ticketId": self.ticket.id },
            "senderEmail": self.ticket.email,
            "body": "\u{1}".repeat(bytes),
        });
        self.ask(query, &json!({ "input": input })).await
    }

    /// Writes so many messages.
    async fn fill(&self, messages: usize, bytes: usize) {
        for _ in 0..messages {
            self.write(bytes).await;
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

/// Thirty times each of thirty texts.
async fn aliased(target: &Target) -> String {
    target.fill(30, 160_000).await;
    let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
    format!(
        "{{ ticket(id: \"{}\") {{ messages(first: 30) {{ nodes {{ {fields} }} }} }} }}",
        target.ticket.id
    )
}

/// Asks the same over eight connections until the time is over.
async fn flood(target: &Target, query: String) -> Answers {
    let until = Instant::now() + target.time;
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let (target, query) = (target.clone(), query.clone());
        asking.spawn(async move {
            let mut answers = Answers::new();
            while Instant::now() < until {
                let answer = target.ask(&query, &json!({})).await;
                *answers.entry(answer).or_default() += 1;
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

/// Opens connections, asks for some megabytes on each, and reads nothing.
async fn unread(target: Target, accept: &str) -> Answers {
    target.fill(1, 40_000).await;
    let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
    let query = format!(
        "{{ ticket(id: \"{}\") {{ messages(last: 1) {{ nodes {{ {fields} }} }} }} }}",
        target.ticket.id
    );
    let body = json!({ "query": query }).to_string();
    let request = target.head(accept, &format!("Content-Length: {}", body.len())) + &body;
    let mut open = Vec::new();
    for _ in 0..120 {
        if let Ok(mut stream) = TcpStream::connect(&target.address).await {
            let _ = stream.write_all(request.as_bytes()).await;
            open.push(stream);
        }
    }
    sleep(target.time).await;
    Answers::from([("unread".to_owned(), open.len())])
}

/// Subscribes three hundred times, reads nothing, and writes.
async fn listeners(target: Target) -> Answers {
    let mut open = Vec::new();
    for number in 0..300 {
        let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
        // No two are alike, so that each is executed by itself.
        let query = format!("subscription {{ messageAdded {{ n{number}: id {fields} }} }}");
        let subscription = Subscription {
            query,
            variables: json!({}),
            field: "messageAdded",
            id: "id",
        };
        open.extend(
            ws::Socket::open(&target.address, &target.token, &subscription, "")
                .await
                .ok(),
        );
    }
    let until = Instant::now() + target.time;
    let mut answers = Answers::from([("listeners".to_owned(), open.len())]);
    while Instant::now() < until {
        *answers.entry(target.write(40_000).await).or_default() += 1;
    }
    answers
}

/// Begins bodies of a megabyte and sends a byte of each now and then.
async fn drip(target: Target) -> Answers {
    let head = target.head("*/*", "Transfer-Encoding: chunked");
    let mut open = Vec::new();
    for _ in 0..64 {
        if let Ok(mut stream) = TcpStream::connect(&target.address).await {
            let _ = stream.write_all(head.as_bytes()).await;
            open.push(stream);
        }
    }
    let until = Instant::now() + target.time;
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    while Instant::now() < until {
        for stream in &mut open {
            let _ = stream.write_all(chunk.as_bytes()).await;
        }
        sleep(Duration::from_millis(100)).await;
    }
    Answers::from([("open".to_owned(), open.len())])
}

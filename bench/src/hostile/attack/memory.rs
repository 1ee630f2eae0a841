//! Attacks on memory.

use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{Answers, Attack, Target, flood_query};
use crate::client::{Subscription, ws};

const MEMORY: &[&str] = &["ANSWER_BYTES_MAX", "BYTES_PER_VIEWER", "HELD_BYTES_MAX"];

pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "escapes",
        about: "long texts under thirty aliases; each byte takes six bytes in JSON",
        bounds: MEMORY,
        run: |target| Box::pin(async move { flood_query(&target, aliased(&target).await).await }),
    },
    Attack {
        name: "nested",
        about: "the same messages nested in one another",
        bounds: MEMORY,
        run: |target| Box::pin(async move { flood_query(&target, nested(&target).await).await }),
    },
    Attack {
        name: "unread-answers",
        about: "connections that request large responses and do not read them",
        bounds: MEMORY,
        run: |target| Box::pin(unread(target, "application/json")),
    },
    Attack {
        name: "unread-events",
        about: "requests for large responses as event streams that are not read",
        bounds: MEMORY,
        run: |target| Box::pin(unread(target, "text/event-stream")),
    },
    Attack {
        name: "listeners",
        about: "three hundred subscriptions with large results that are not read, and messages for them",
        bounds: &[
            "ANSWER_BYTES_MAX",
            "BYTES_PER_VIEWER",
            "HELD_BYTES_MAX",
            "SUBSCRIPTION_BUFFER_BYTES",
        ],
        run: |target| Box::pin(listeners(target)),
    },
];

/// Returns a text in which each byte takes six bytes in JSON.
fn escapes(bytes: usize) -> String {
    "\u{1}".repeat(bytes)
}

/// Selects the same messages nested in one another.
async fn nested(target: &Target) -> String {
    target.fill(20, &escapes(100_000)).await;
    let inner =
        "messages(first: 20) { nodes { body conversation { messages(first: 20) { nodes { body } } } } }";
    format!("{{ ticket(id: \"{}\") {{ {inner} }} }}", target.ticket.id)
}

/// Selects each of thirty texts thirty times.
async fn aliased(target: &Target) -> String {
    target.fill(30, &escapes(160_000)).await;
    let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
    format!(
        "{{ ticket(id: \"{}\") {{ messages(first: 30) {{ nodes {{ {fields} }} }} }} }}",
        target.ticket.id
    )
}

/// Opens connections, requests some megabytes on each and reads nothing.
async fn unread(target: Target, accept: &str) -> Answers {
    target.fill(1, &escapes(40_000)).await;
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

/// Opens three hundred subscriptions, reads nothing and writes messages.
async fn listeners(target: Target) -> Answers {
    let mut open = Vec::new();
    for number in 0..300 {
        let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
        // All documents differ, so that each is executed separately.
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
    let body = escapes(40_000);
    let mut answers = Answers::from([("listeners".to_owned(), open.len())]);
    while Instant::now() < until {
        *answers.entry(target.write(&body, None).await).or_default() += 1;
    }
    answers
}

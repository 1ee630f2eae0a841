//! One request is sent concurrently to several processes, one of which is killed: it runs once, and every client gets
//! the result.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{path::Path, sync::Arc, time::Duration};

use deskgraph_bench::{
    client::{Answer, Client},
    database::{Database, Own},
    helpdesk::{self, Person},
    node::{Gateway, Node},
    postgres::of_tests,
};
use needs::needs;
use serde_json::{Value, json};
use tokio::{sync::Mutex, task::JoinSet};

const AT_ONCE: usize = 50;
const ROUNDS: usize = 4;
const TIMEOUT: Duration = Duration::from_mins(1);
const TICKET_CREATE: &str = "mutation ($input: TicketCreateInput!, $key: String) \
     { ticketCreate(input: $input, idempotencyKey: $key) \
     { ticket { id subject messageCount } customerCreated changeCursor userErrors { code path } } }";

struct Nodes {
    addresses: Vec<String>,
    all: Mutex<Vec<Node>>,
    client: Client,
    agent: Person,
}

async fn nodes(folder: &Path, url: &str) -> Nodes {
    let binary = Path::new(env!("CARGO_BIN_EXE_deskgraph"));
    let settings = [("DATABASE_CONNECTIONS", 8)];
    let gateway = Gateway::new(binary, folder.to_owned(), url, &settings).expect("a gateway");
    let gateway = Arc::new(gateway);
    let (_, agent) = helpdesk::open(&gateway, "Retries").await.expect("a helpdesk");
    let client = Client::new().expect("a client");
    let mut all = Vec::new();
    for number in 1..=3 {
        let mut node = Node::new(gateway.clone(), number).expect("a node");
        node.start(client.http(), TIMEOUT).await.expect("started");
        all.push(node);
    }
    let addresses = all.iter().map(|node| node.address().to_owned()).collect();
    Nodes {
        addresses,
        all: Mutex::new(all),
        client,
        agent,
    }
}

impl Nodes {
    /// Sends a request until it is answered. The first attempt uses the node with this number, later ones use the
    /// following nodes.
    async fn send_until_answered(&self, number: usize, variables: &Value) -> Value {
        for turn in 0.. {
            let address = &self.addresses[(number + turn) % self.addresses.len()];
            let sent = self.client.send(address, &self.agent.0, TICKET_CREATE, variables);
            match sent.await {
                Answer::Response(body) if body.get("errors").is_none() => return body["data"].clone(),
                Answer::Response(body) => {
                    let code = &body["errors"][0]["extensions"]["code"];
                    assert!(code == "UNAVAILABLE" || code == "TIMEOUT", "{body}");
                }
                Answer::Status(status) => panic!("HTTP {status}"),
                // The node is killed or not restarted yet.
                Answer::Lost => {}
            }
            assert!(turn < 1_000, "no node responds");
            tokio::task::yield_now().await;
        }
        unreachable!("the loop has no end")
    }
}

#[needs(postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_retries_runs_and_all_agree() {
    let server = of_tests().expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let own = Own::create(&server).await.expect("a database");
    let nodes = Arc::new(nodes(folder.path(), &own.url).await);
    for round in 0..ROUNDS {
        let input = json!({
            "subject": format!("Once {round}"), "customerEmail": format!("once-{round}@example.com"), "body": "Hello",
        });
        let variables = json!({ "input": input, "key": format!("round {round}") });
        let mut asking = JoinSet::new();
        for number in 0..AT_ONCE {
            let (nodes, variables) = (nodes.clone(), variables.clone());
            asking.spawn(async move { nodes.send_until_answered(number, &variables).await });
        }
        // Some requests are answered, others are waiting or in transit.
        let first = asking.join_next().await.expect("an answer").expect("no panic");
        nodes.all.lock().await[0].kill().expect("killed");
        assert!(first["ticketCreate"]["ticket"]["id"].is_string(), "{first}");
        while let Some(answer) = asking.join_next().await {
            assert_eq!(answer.expect("no panic"), first);
        }
        let mut all = nodes.all.lock().await;
        all[0]
            .start(nodes.client.http(), TIMEOUT)
            .await
            .expect("back again");
    }
    let database = Database::postgres(&own.url).await.expect("a database");
    for table in ["ticket", "message", "customer"] {
        let count = database.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(
            count.expect("a count"),
            i64::try_from(ROUNDS).expect("few"),
            "{table}"
        );
    }
    drop(nodes);
    own.drop().await.expect("dropped");
}

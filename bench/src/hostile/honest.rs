//! Measures the effect of an attack on others: an agent, and a supervisor that checks the node's health.

use std::time::Duration;

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::stage::Stage;
use crate::client::Answer;

/// Query of the agent.
const QUERY: &str = "{ tickets(first: 10) { nodes { id subject status customer { displayName } } } }";
/// Pause between two requests.
const PAUSE: Duration = Duration::from_millis(25);

/// Latencies of the agent or the supervisor.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// Latencies of responses, in ascending order.
    pub all: Vec<Duration>,
    /// Number of requests without a response.
    pub failed: usize,
}

/// Latencies of both.
#[derive(Clone, Debug, Default)]
pub struct Noticed {
    pub agent: Latencies,
    /// The supervisor.
    pub health: Latencies,
}

/// The running measurement of both.
pub struct Watch {
    agent: JoinSet<Latencies>,
    health: JoinSet<Latencies>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Watch {
    /// Starts the requests.
    pub fn begin(stage: &Stage) -> Self {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let (client, address, token) = (
            stage.client.clone(),
            stage.address().to_owned(),
            stage.agent.0.clone(),
        );
        let agent = asked(stopped.clone(), move || {
            let (client, address, token) = (client.clone(), address.clone(), token.clone());
            async move {
                let answer = client.send(&address, &token, QUERY, &json!({})).await;
                matches!(answer, Answer::Response(body) if body.get("errors").is_none())
            }
        });
        let (client, url) = (
            stage.client.clone(),
            format!("http://{}/health/live", stage.address()),
        );
        let health = asked(stopped, move || {
            let request = client.http().get(&url).timeout(Duration::from_secs(10)).send();
            async move { request.await.is_ok_and(|answer| answer.status().is_success()) }
        });
        let mut watch = Self {
            agent: JoinSet::new(),
            health: JoinSet::new(),
            stop,
        };
        watch.agent.spawn(agent);
        watch.health.spawn(health);
        watch
    }

    /// Ends the requests and returns the latencies.
    pub async fn end(self) -> Noticed {
        let _ = self.stop.send(true);
        Noticed {
            agent: self.agent.join_all().await.pop().unwrap_or_default(),
            health: self.health.join_all().await.pop().unwrap_or_default(),
        }
    }
}

async fn asked<F: Future<Output = bool>>(
    stopped: tokio::sync::watch::Receiver<bool>,
    ask: impl Fn() -> F,
) -> Latencies {
    let mut latencies = Latencies::default();
    while !*stopped.borrow() {
        let begun = Instant::now();
        if ask().await {
            latencies.all.push(begun.elapsed());
        } else {
            latencies.failed += 1;
        }
        sleep(PAUSE).await;
    }
    latencies.all.sort();
    latencies
}

impl Latencies {
    pub fn p99(&self) -> Duration {
        let place = (self.all.len() * 99 / 100).min(self.all.len().saturating_sub(1));
        self.all.get(place).copied().unwrap_or_default()
    }

    /// Returns the maximum.
    pub fn most(&self) -> Duration {
        self.all.last().copied().unwrap_or_default()
    }
}

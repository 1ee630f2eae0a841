//! Measures the rate of concurrent writers.

use std::{fmt, time::Duration};

use tokio::{task::JoinSet, time::Instant};

use super::{stage::Stage, subject::Subject};
use crate::{
    failure::{Done, Failure},
    process,
};

/// Number of concurrent writers.
const WRITERS: usize = 16;

/// Results of the writers.
#[derive(Clone, Copy, Debug)]
pub struct Writes {
    count: u64,
    took: Duration,
    server: Duration,
}

impl Writes {
    /// Adds messages to tickets of one workspace for a number of seconds. Each writer has its own ticket.
    pub async fn measure(stage: &Stage, seconds: u64) -> Done<Self> {
        eprintln!("{WRITERS} writers …");
        let (began, used) = (Instant::now(), process::processor_time(stage.pid()?)?);
        let until = began + Duration::from_secs(seconds);
        let mut writers = JoinSet::new();
        for number in 0..WRITERS {
            let (client, source) = (stage.client.clone(), stage.source.clone());
            let target = stage.tickets.get(number).cloned();
            let target = target.ok_or_else(|| Failure("there are too few tickets".to_owned()))?;
            writers.spawn(async move {
                let gateway = Subject::Gateway {
                    source: &source,
                    database: None,
                };
                let mut count = 0;
                while Instant::now() < until {
                    gateway.make(&client, &target, count).await?;
                    count += 1;
                }
                Done::Ok(count)
            });
        }
        let mut count = 0;
        while let Some(written) = writers.join_next().await {
            count += written??;
        }
        Ok(Self {
            count,
            took: began.elapsed(),
            server: process::processor_time(stage.pid()?)?.saturating_sub(used),
        })
    }
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_second = self.count as f64 / self.took.as_secs_f64();
        let each = self.server.as_secs_f64() * 1e6 / self.count.max(1) as f64;
        write!(
            f,
            "{WRITERS} writers in one workspace: {per_second:.0} messages per second, {each:.0} µs of server time per message."
        )
    }
}

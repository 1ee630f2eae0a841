//! Rounds: a number of events, one by one or concurrent, and their subscribers.

use std::{collections::HashMap, fmt, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    crowd::Crowd,
    figures::{Figures, latencies},
    stage::Stage,
    subject::{Audience, Subject},
};
use crate::{database::Database, failure::Done, process};

/// Number of concurrent events in a concurrent round. Smaller than the buffer of a connection, so that no subscriber
/// is too slow.
const UNDER_WAY: u64 = 8;
/// Factor for the number of events of a concurrent round.
const RUSH: u64 = 5;
/// Wait before idle subscribers are measured. PostgreSQL reports the transactions of a connection up to ten seconds
/// after the last one.
const SETTLE: Duration = Duration::from_secs(12);
const IDLE_SECONDS: u64 = 10;

/// Order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The next event starts when all subscribers have received the previous one.
    OneByOne,
    /// Several events are concurrent.
    AtOnce,
}

/// State that all rounds share.
pub struct Rounds<'a> {
    stage: &'a Stage,
    events: u64,
}

/// Cost of idle subscribers.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Bytes of the server's memory per subscriber.
    pub bytes_each: f64,
    /// Number of database transactions during the measurement. `None` if the database does not count them.
    pub transactions: Option<i64>,
    /// Duration of the measurement in seconds.
    pub seconds: u64,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} KiB of memory each", self.bytes_each / 1_024.0)?;
        match self.transactions {
            Some(count) => write!(f, "; {count} database transactions in {} s.", self.seconds),
            None => write!(f, "."),
        }
    }
}

impl<'a> Rounds<'a> {
    pub fn new(stage: &'a Stage, events: u64) -> Self {
        Self { stage, events }
    }

    /// Runs a round. `pid` is the process id of the server.
    pub async fn run(
        &self,
        name: &str,
        subject: &Subject<'_>,
        pid: u32,
        audience: Audience,
        pace: Pace,
    ) -> Done<Figures> {
        let (each, tickets) = (audience.each(), &self.stage.tickets[..audience.tickets]);
        eprintln!("{name}: {} listeners …", audience.listeners);
        let client = &self.stage.client;
        let (after, _) = subject.make(client, &tickets[0], 0).await?;
        let crowd = Crowd::open(subject.source(), audience.bodies(tickets, &after)).await?;
        // After the first event of a ticket, all subscriptions have started. The second one reaches them live.
        for (number, target) in tickets.iter().chain(tickets).enumerate() {
            subject.make(client, target, number as u64).await?;
            crowd.until((number as u64 + 1) * each).await?;
        }
        crowd.take();
        let (events, under_way) = match pace {
            Pace::OneByOne => (self.events, 1),
            Pace::AtOnce => (self.events * RUSH, UNDER_WAY),
        };
        // With few subscribers per event, more events are needed for stable percentiles.
        let events = if each < 10 { events * RUSH } else { events };
        let before = crowd.count();
        let (began, used) = (Instant::now(), process::processor_time(pid)?);
        let mut made = HashMap::new();
        for (number, target) in (0..events).zip(tickets.iter().cycle()) {
            let (cursor, at) = subject.make(client, target, number).await?;
            made.extend(at.map(|at| (cursor, at)));
            let heard = (number + 1).saturating_sub(under_way - 1) * each;
            crowd.until(before + heard).await?;
        }
        crowd.until(before + events * each).await?;
        let took = began.elapsed();
        let server = process::processor_time(pid)?.saturating_sub(used);
        let receipts = crowd.take();
        made.extend(subject.commits(&receipts).await?);
        Ok(Figures {
            name: name.to_owned(),
            listeners: audience.listeners,
            deliveries: crowd.count() - before,
            took,
            server,
            latencies: latencies(&receipts, &made),
        })
    }

    /// Measures subscribers while no event occurs.
    pub async fn idle(&self, subject: &Subject<'_>, pid: u32, audience: Audience) -> Done<Idle> {
        let listeners = audience.listeners;
        eprintln!("{listeners} idle …");
        let (after, _) = subject
            .make(&self.stage.client, &self.stage.tickets[0], 0)
            .await?;
        sleep(SETTLE).await;
        let before = process::resident(pid)?;
        let bodies = audience.bodies(&self.stage.tickets, &after);
        let crowd = Crowd::open(subject.source(), bodies).await?;
        sleep(SETTLE).await;
        let ran = transactions(&self.stage.database).await?;
        sleep(Duration::from_secs(IDLE_SECONDS)).await;
        let run = transactions(&self.stage.database).await?;
        let after = process::resident(pid)?;
        drop(crowd);
        Ok(Idle {
            bytes_each: after.saturating_sub(before) as f64 / listeners as f64,
            transactions: run.zip(ran).map(|(run, ran)| run - ran),
            seconds: IDLE_SECONDS,
        })
    }
}

/// Returns the number of transactions that the database has ended.
async fn transactions(database: &Database) -> Done<Option<i64>> {
    match database {
        Database::Sqlite(_) => Ok(None),
        Database::Postgres(_) => {
            let count = "SELECT (xact_commit + xact_rollback)::bigint FROM pg_stat_database \
                         WHERE datname = current_database()";
            Ok(Some(database.number(count).await?))
        }
    }
}

//! Rounds: events, one by one or as many as go, and all who listen to them.

use std::{collections::HashMap, fmt, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    crowd::Crowd,
    figures::{Figures, latencies},
    stage::Stage,
    subject::{Audience, Subject},
};
use crate::{database::Database, failure::Done, process};

/// Events that are under way at a time in a rush: fewer than wait for one connection, so that nobody is too slow.
const UNDER_WAY: u64 = 8;
/// So many times the events of a calm round.
const RUSH: u64 = 5;
/// For what is idle to become so. PostgreSQL counts what a connection ran up to ten seconds after it has fallen silent.
const SETTLE: Duration = Duration::from_secs(12);
const IDLE_SECONDS: u64 = 10;

/// How events follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The next when everybody has the last.
    OneByOne,
    /// As many as go.
    AtOnce,
}

/// What is the same for all rounds.
pub struct Rounds<'a> {
    stage: &'a Stage,
    events: u64,
}

/// What listeners cost who hear nothing.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Bytes of the server's memory for each.
    pub bytes_each: f64,
    /// Transactions of the database while they were idle; none where it does not count them.
    pub transactions: Option<i64>,
    /// For how long.
    pub seconds: u64,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} KiB of memory each", self.bytes_each / 1_024.0)?;
        match self.transactions {
            Some(count) => write!(f, "; {count} transactions of the database in {} s.", self.seconds),
            None => write!(f, "."),
        }
    }
}

impl<'a> Rounds<'a> {
    /// So many events in each calm one.
    pub fn new(stage: &'a Stage, events: u64) -> Self {
        Self { stage, events }
    }

    /// One round. `pid` is the server's.
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
        // Behind the first, everybody is there; with the next, everybody hears what is live.
        for (number, target) in tickets.iter().chain(tickets).enumerate() {
            subject.make(client, target, number as u64).await?;
            crowd.until((number as u64 + 1) * each).await?;
        }
        crowd.take();
        let (events, under_way) = match pace {
            Pace::OneByOne => (self.events, 1),
            Pace::AtOnce => (self.events * RUSH, UNDER_WAY),
        };
        // Where few hear of each, more are needed to tell what is usual.
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

    /// What those who listen cost while nothing happens.
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

/// Transactions that the database has ended so far.
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

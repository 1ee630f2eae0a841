//! Measures the cost of subscribers: latency, processor time and memory, compared with a server that only sends.
//!
//! There are three processes: the gateway or the broadcast server, its database, and this process with all clients.
//! They share the machine's cores, so latencies include the cost of the clients. Processor time is read for each
//! process.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people, of a few digits"
)]

pub mod broadcast;
mod crowd;
mod figures;
mod rounds;
mod stage;
mod subject;
mod writes;

use std::fmt::Write;

use clap::Args;

use self::{
    figures::{Figures, HEAD},
    rounds::{Idle, Pace, Rounds},
    stage::{Bare, Stage},
    subject::{Audience, Subject},
    writes::Writes,
};
use crate::{database::Database, failure::Done, machine, under_test::UnderTest};

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway to measure.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// Number of events of each round.
    #[arg(long, default_value_t = 40)]
    pub events: u64,
    /// Largest number of subscribers. Other numbers are derived from it.
    #[arg(long, default_value_t = 5_000)]
    pub listeners: usize,
    /// Duration of the measurement of writers, in seconds.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
}

/// Measures idle subscribers in a separate node, because memory that earlier subscribers left would be reused.
async fn idle_ones(settings: &Settings, tickets: usize, audience: Audience) -> Done<Idle> {
    let stage = Stage::build(settings, tickets).await?;
    let gateway = Subject::Gateway {
        source: &stage.source,
        database: None,
    };
    let rounds = Rounds::new(&stage, settings.events);
    rounds.idle(&gateway, stage.pid()?, audience).await
}

pub async fn run(settings: &Settings) -> Done<String> {
    let most = settings.listeners;
    let (many, tickets) = ((most / 5).max(1), (most * 2 / 5).max(16));
    let stage = Stage::build(settings, tickets).await?;
    let bare = Bare::start(&stage).await?;
    let gateway = Subject::Gateway {
        source: &stage.source,
        database: matches!(stage.database, Database::Postgres(_)).then_some(&stage.database),
    };
    let text = stage.sample(&gateway).await?;
    let limit = Subject::Broadcast {
        source: &bare.source,
        text: &text,
    };
    let mut report = format!(
        "{}, {}; {}. A result has {} bytes.\n\n{HEAD}\n",
        stage.version(),
        stage.database.version().await?,
        machine::describe(),
        text.len()
    );
    let rounds = Rounds::new(&stage, settings.events);
    let own_documents = Audience {
        own_documents: true,
        ..Audience::of_one_ticket(many)
    };
    let own_tickets = Audience {
        tickets,
        ..Audience::of_one_ticket(tickets)
    };
    let one = Audience::of_one_ticket;
    let mut idle = Vec::new();
    for (what, audience) in [
        ("one ticket each", own_tickets),
        ("one document", one(most - tickets)),
    ] {
        let cost = idle_ones(settings, tickets, audience).await?;
        idle.push(format!("{} idle, {what}: {cost}", audience.listeners));
    }
    let mut plan = Vec::new();
    for number in [1, many, most] {
        plan.push(("broadcast", one(number), Pace::OneByOne));
        plan.push(("gateway, one document", one(number), Pace::OneByOne));
    }
    plan.extend([
        ("gateway, separate documents", own_documents, Pace::OneByOne),
        ("gateway, one ticket each", own_tickets, Pace::OneByOne),
        ("broadcast, burst", one(many), Pace::AtOnce),
        ("gateway, one document, burst", one(many), Pace::AtOnce),
        ("gateway, separate documents, burst", own_documents, Pace::AtOnce),
    ]);
    for (name, audience, pace) in plan {
        let (subject, pid) = if name.starts_with("broadcast") {
            (&limit, bare.pid())
        } else {
            (&gateway, stage.pid()?)
        };
        let figures: Figures = rounds.run(name, subject, pid, audience, pace).await?;
        eprintln!("{figures}");
        writeln!(report, "{figures}")?;
    }
    writeln!(report, "\n{}", idle.join("\n"))?;
    writeln!(report, "{}", Writes::measure(&stage, settings.seconds).await?)?;
    Ok(report)
}

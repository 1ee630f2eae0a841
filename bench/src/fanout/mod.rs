//! Measures what listeners cost: latency, processor time, memory, beside a server that does nothing but send.
//!
//! Three processes: the gateway (or the bare broadcast), its database, and this one, which is all the clients. They share
//! the machine's cores, so latencies hold what the clients cost too; processor time is read for each process.

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

/// What is run.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway to measure.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// Events of each round.
    #[arg(long, default_value_t = 40)]
    pub events: u64,
    /// Largest number of listeners; the others go down with it.
    #[arg(long, default_value_t = 5_000)]
    pub listeners: usize,
    /// Seconds for which writers write.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
}

/// What those cost who hear nothing, in a process of their own: what earlier listeners left in memory would be used again.
async fn idle_ones(settings: &Settings, tickets: usize, audience: Audience) -> Done<Idle> {
    let stage = Stage::build(settings, tickets).await?;
    let gateway = Subject::Gateway {
        source: &stage.source,
        database: None,
    };
    let rounds = Rounds::new(&stage, settings.events);
    rounds.idle(&gateway, stage.pid()?, audience).await
}

/// Measures all of it; the answer is a report.
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
        "{}, {}; {}. An answer has {} bytes.\n\n{HEAD}\n",
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
        ("a ticket each", own_tickets),
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
        ("gateway, documents of their own", own_documents, Pace::OneByOne),
        ("gateway, a ticket each", own_tickets, Pace::OneByOne),
        ("broadcast, in a rush", one(many), Pace::AtOnce),
        ("gateway, one document, in a rush", one(many), Pace::AtOnce),
        (
            "gateway, documents of their own, in a rush",
            own_documents,
            Pace::AtOnce,
        ),
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

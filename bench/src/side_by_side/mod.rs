//! Measures the gateway, its alternatives and a lower bound of the cost (the limit), over the same data.
//!
//! Each server is one process or two, and all clients are one thread of this process. They share the machine's cores
//! with the database. Before the measurement, all servers must return the same data. Processor time is read for each
//! process. It is the figure that other load on the machine affects least.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people, of a few digits"
)]

mod dialect;
mod equality;
mod helpdesk;
mod kind;
mod load;
mod peers;
mod plain;
mod question;
mod rounds;
mod sample;
mod spread;
mod stage;
mod subject;
mod table;
mod wire;

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use tokio::task::spawn_blocking;

use self::{
    equality::compare, kind::Kind, question::Question, stage::Stage, subject::Subject, table::Report,
};
use crate::{failure::Done, machine, under_test::beside};

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway's binary [default: the one in the folder of this program].
    #[arg(long, value_name = "FILE", default_value_os_t = beside(), hide_default_value = true)]
    pub binary: PathBuf,
    /// Folder of the other servers.
    #[arg(long, value_name = "FOLDER", default_value = "bench/peers")]
    pub peers: PathBuf,
    /// Duration of each measurement in seconds. A quarter is added to warm up, and another quarter to measure with
    /// one client.
    #[arg(long, default_value_t = 4.0)]
    pub seconds: f64,
    /// Number of measurements of each query and server. The tables contain medians.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Scale of the data. 1 is 10 000 customers, 100 000 tickets and 500 000 messages.
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Number of connections, each with one request at a time.
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    /// Measure only these queries.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Question>,
    /// Measure only these servers.
    #[arg(long, value_enum, value_delimiter = ',')]
    subjects: Vec<Kind>,
}

/// Result of a run.
pub enum Outcome {
    /// The tables.
    Report(String),
    /// Differences between the servers, as sentences. Nothing was measured.
    Differences(Vec<String>),
}

pub async fn run(settings: &Settings) -> Done<Outcome> {
    let kinds = chosen(&settings.subjects, &Kind::ALL);
    let questions = chosen(&settings.only, &Question::ALL);
    for kind in kinds.clone() {
        let peers = settings.peers.clone();
        spawn_blocking(move || peers::prepare(kind, &peers)).await??;
    }
    let on_postgres = kinds.iter().any(|kind| !kind.on_sqlite());
    let on_sqlite = kinds.iter().any(|kind| kind.on_sqlite());
    let stage = Stage::build(settings, on_postgres, on_sqlite).await?;
    let mut subjects = Vec::new();
    for kind in &kinds {
        subjects.push(Subject::start(*kind, &stage, &settings.peers, settings.connections).await?);
    }
    eprintln!("comparing responses …");
    let compared = compare(&subjects, &questions).await?;
    if !compared.differences.is_empty() {
        return Ok(Outcome::Differences(compared.differences));
    }
    let folder = stage.folder.path();
    let figures = rounds::measure(settings, &mut subjects, &questions, folder).await?;
    let peaks = subjects.iter().map(rounds::peak_mib).collect::<Done<Vec<_>>>()?;
    let mut out = heading(settings, &stage, &kinds).await?;
    let report = Report {
        kinds: &kinds,
        questions: &questions,
        figures: &figures,
        peaks: &peaks,
        lengths: &compared.lengths,
    };
    report.write(&mut out)?;
    Ok(Outcome::Report(out))
}

/// Returns the selected items in the standard order. All if none are selected.
fn chosen<T: Copy + PartialEq>(named: &[T], all: &[T]) -> Vec<T> {
    let wanted = |one: &T| named.is_empty() || named.contains(one);
    all.iter().copied().filter(wanted).collect()
}

async fn heading(settings: &Settings, stage: &Stage, kinds: &[Kind]) -> Done<String> {
    let mut parts = vec![stage.version.clone()];
    for base in stage.postgres.iter().chain(&stage.sqlite) {
        parts.push(base.database.version().await?);
    }
    parts.extend(
        kinds
            .iter()
            .filter_map(|kind| peers::version(*kind, &settings.peers)),
    );
    let mut out = String::new();
    writeln!(
        out,
        "{}; {}. Scale {}, {} connections, {} rounds of {} s, medians.\n",
        parts.join(", "),
        machine::describe(),
        settings.scale,
        settings.connections,
        settings.rounds,
        settings.seconds
    )?;
    Ok(out)
}

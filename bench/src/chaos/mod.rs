//! Injects faults into running gateways and checks for lost events.
//!
//! Writers send mutations to real nodes with one database, and listeners subscribe to the changes. The harness cuts
//! connections, kills nodes and crashes the database. Transactions pause before their commit or roll back. At the
//! end, the events of each listener are compared with the log: none may be missing, repeated or out of order. The log
//! is compared with the acknowledged mutations.

mod differences;
mod fault;
mod listener;
mod log;
mod report;
pub mod settings;
mod stage;
mod subject;
mod tally;
mod trigger;
mod verdict;
mod watched;
mod writer;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use self::{
    listener::Listener,
    settings::Settings,
    stage::Stage,
    subject::{Subject, subjects},
    tally::Tally,
};
use crate::{
    cursor,
    failure::{Done, Failure},
};

pub use differences::Differences;
pub use report::Report;
pub use verdict::Verdict;

/// Maximum time for the last mutations when the writing phase is over.
const LAST_WRITES: Duration = Duration::from_mins(1);
/// Time that listeners continue after all have reached the end of the log, to find repeated events.
const GRACE: Duration = Duration::from_secs(2);
/// Interval of progress lines.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Writers, listeners and faults are active.
    Breaking,
    /// Only listeners are active, and read to the end of the log.
    Settling,
    /// All are stopped.
    Over,
}

/// State that all tasks of a run share.
#[derive(Debug)]
struct Run {
    settings: Settings,
    stage: Stage,
    subjects: Vec<Arc<Subject>>,
    tally: Tally,
    phase: watch::Receiver<Phase>,
}

pub async fn run(settings: Settings) -> Done<Report> {
    settings.check()?;
    let quiet = settings.quiet;
    let say = move |text: String| {
        if !quiet {
            eprintln!("{text}");
        }
    };
    say("Creating the environment …".to_owned());
    let stage = Stage::build(&settings).await?;
    let (turn, phase) = watch::channel(Phase::Breaking);
    let subjects = subjects(&stage.agent, &stage.watched);
    let run = Arc::new(Run {
        subjects: subjects.into_iter().map(Arc::new).collect(),
        tally: Tally::new(settings.listeners),
        stage,
        phase,
        settings: settings.clone(),
    });
    let mut listeners = JoinSet::new();
    for number in 0..settings.listeners {
        let listener = Listener::new(&run, number, rng(&settings, 1, number));
        listeners.spawn(listener.listen(run.clone()));
    }
    write_and_break(&run, &turn, say).await?;
    let quiet_since = Instant::now();
    let log = log::read(&run).await?;
    say(format!(
        "Waiting for listeners to reach the end of the log at {} …",
        log.len()
    ));
    settle(&run, &log).await;
    let settled = quiet_since.elapsed();
    sleep(GRACE).await;
    let _ = turn.send(Phase::Over);
    let mut heard = Vec::new();
    while let Some(listener) = listeners.join_next().await {
        heard.push(listener?);
    }
    let verdict = verdict::judge(&run, &log, &heard).await?;
    let report = Report::new(&run, verdict, &heard, settled).await?;
    drop(heard);
    let run = Arc::try_unwrap(run).map_err(|_| Failure("a task of the run has not ended".to_owned()))?;
    run.stage.end().await?;
    Ok(report)
}

/// Runs writers and faults for the configured time. Returns when both have ended.
async fn write_and_break(run: &Arc<Run>, turn: &watch::Sender<Phase>, say: impl Fn(String)) -> Done {
    let settings = &run.settings;
    let mut writers = JoinSet::new();
    for number in 0..settings.writers {
        writers.spawn(writer::write(run.clone(), number, rng(settings, 2, number)));
    }
    let mut faults = JoinSet::new();
    faults.spawn(fault::break_all(run.clone(), fault::plan(settings)));
    let begun = Instant::now();
    let end = begun + settings.seconds;
    while Instant::now() < end {
        sleep_until(end.min(Instant::now() + REPORT_INTERVAL)).await;
        say(progress(run, begun));
    }
    say("Waiting for mutations in progress …".to_owned());
    let _ = turn.send(Phase::Settling);
    while let Some(done) = faults.join_next().await {
        done??;
    }
    let last = async {
        while let Some(done) = writers.join_next().await {
            done?;
        }
        Done::Ok(())
    };
    // A writer waits without a limit if no gateway came back.
    let ended = timeout(LAST_WRITES, last).await;
    ended.map_err(|_| {
        Failure(format!(
            "writers did not end: {}",
            run.tally.findings().join("; ")
        ))
    })?
}

/// Waits until each listener has received its last expected event, for at most `patience`.
async fn settle(run: &Run, log: &[log::Logged]) {
    let start = cursor::position(&run.stage.start).unwrap_or_default();
    let last = |subject: &Subject| {
        let wanted = |event: &&log::Logged| event.position > start && subject.wants(event);
        log.iter().rev().find(wanted).map(|event| event.position)
    };
    let goals: Vec<_> = run.subjects.iter().map(|subject| last(subject)).collect();
    let begun = Instant::now();
    while begun.elapsed() < run.settings.patience {
        let mut reached = run.tally.reached.iter().enumerate();
        if reached.all(|(number, at)| Some(at.load(Ordering::Relaxed)) >= goals[number % goals.len()]) {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn progress(run: &Run, begun: Instant) -> String {
    let (tally, get) = (&run.tally, |counter: &std::sync::atomic::AtomicU64| {
        counter.load(Ordering::Relaxed)
    });
    format!(
        "{:>4} s: {} acknowledged of {} mutations, {} deliveries, {} cuts, {} outages",
        begun.elapsed().as_secs(),
        run.stage.acknowledged(),
        get(&tally.sent),
        get(&tally.deliveries),
        get(&tally.cuts),
        tally.outages().len(),
    )
}

/// Returns a generator of random numbers for one task. The same seed gives the same numbers.
fn rng(settings: &Settings, kind: u64, number: usize) -> Rng {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    Rng::with_seed(settings.seed ^ (kind << 32) ^ (number << 1) ^ 1)
}

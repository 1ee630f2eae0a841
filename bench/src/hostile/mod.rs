//! Runs attacks by one viewer and measures another viewer at the same time.
//!
//! [`attack`] contains the attacks, [`honest`] the measurement. Each attack runs against a new node, so that the
//! growth of its memory is due to that attack.

mod attack;
mod honest;
mod report;
pub mod settings;
mod stage;

use std::time::Duration;

use tokio::time::{sleep, timeout};

pub use attack::all as attacks;

use self::{
    attack::Attack,
    honest::Watch,
    report::{Outcome, Report},
    settings::Settings,
    stage::Stage,
};
use crate::{failure::Done, process};

/// Time that the honest viewer sends requests before the attack.
const CALM: Duration = Duration::from_millis(500);
/// Maximum delay until the database reports the rows that its connections read.
const REPORTED: Duration = Duration::from_millis(1_500);
/// Maximum time after the attack for its last responses.
const GRACE: Duration = Duration::from_secs(20);

pub async fn run(settings: &Settings) -> Done<Report> {
    let mut outcomes = Vec::new();
    for attack in settings.attacks()? {
        eprintln!("{} …", attack.name);
        let mut outcome = attacked(settings, attack).await?;
        for _ in 1..settings.tries {
            if !outcome.is_slow_alone(settings.growth << 20) {
                break;
            }
            eprintln!(
                "{}: the honest viewer waited too long; trying again …",
                attack.name
            );
            outcome = attacked(settings, attack).await?;
        }
        outcomes.push(outcome);
    }
    Ok(Report {
        outcomes,
        growth_max: settings.growth << 20,
    })
}

async fn attacked(settings: &Settings, attack: &'static Attack) -> Done<Outcome> {
    let stage = Stage::build(settings, attack).await?;
    let watch = Watch::begin(&stage);
    sleep(CALM).await;
    let before = process::resident(stage.pid())?;
    let (time_before, rows_before) = (process::processor_time(stage.pid())?, stage.rows_read().await?);
    let attacking = (attack.run)(stage.target(settings.time()));
    let said = timeout(settings.time() + GRACE, attacking).await;
    let lives = process::resident(stage.pid()).is_ok() && stage.is_ready().await;
    // Fails if the process has ended. The report then says that the node is down.
    let peak = process::peak(stage.pid()).unwrap_or(0);
    let time = process::processor_time(stage.pid()).unwrap_or_default();
    let noticed = watch.end().await;
    sleep(REPORTED).await;
    let rows_after = stage.rows_read().await?;
    stage.end().await?;
    Ok(Outcome {
        name: attack.name,
        lives,
        answers: said.unwrap_or_default(),
        growth: peak.saturating_sub(before),
        processor_time: time.saturating_sub(time_before),
        rows: rows_before
            .zip(rows_after)
            .map(|(before, after)| after.saturating_sub(before)),
        noticed,
    })
}

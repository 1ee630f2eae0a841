//! What is broken, and when: decided before the run, by its seed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep, sleep_until},
};

use super::{Phase, Run, settings::Settings, stage::Place, tally::Outage};
use crate::{failure::Done, postgres::Server, under_test::Kind};

/// How long a node is down at most before it is started again, in milliseconds.
const NODE_DOWN: u64 = 1_500;
/// How long PostgreSQL is down, beside the time that it takes to come back, in milliseconds.
const DATABASE_DOWN: u64 = 1_000;
/// How long anything may take to come back.
const COME_BACK: Duration = Duration::from_secs(45);
/// How often it is looked whether mutations are acknowledged again.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Something that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed, and started again after a time.
    Kill {
        /// Which.
        node: usize,
        /// The time.
        down: Duration,
    },
    /// The connections over which nodes hear of each other are cut.
    Deafen,
    /// The database crashes; where it must not, all connections to it are cut.
    Crash {
        /// For how long it is down.
        down: Duration,
    },
}

/// Every fault of a run, with the time from its beginning, in order.
pub fn plan(settings: &Settings) -> Vec<(Duration, Fault)> {
    let mut rng = Rng::with_seed(settings.seed);
    let mut faults = Vec::new();
    for at in times(&mut rng, settings.kill_every, settings.seconds) {
        let node = rng.usize(0..settings.nodes());
        let down = Duration::from_millis(rng.u64(0..=NODE_DOWN));
        faults.push((at, Fault::Kill { node, down }));
    }
    if settings.under_test.database == Kind::Postgres {
        for at in times(&mut rng, settings.deafen_every, settings.seconds) {
            faults.push((at, Fault::Deafen));
        }
        for number in 1..=settings.crashes {
            let down = Duration::from_millis(rng.u64(0..=DATABASE_DOWN));
            let part = f64::from(number) / f64::from(settings.crashes + 1);
            faults.push((settings.seconds.mul_f64(part), Fault::Crash { down }));
        }
    }
    faults.sort_by_key(|(at, _)| *at);
    faults
}

/// Instants about so far apart. The last leaves time for what it breaks to come back.
fn times(rng: &mut Rng, every: Duration, whole: Duration) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut at = every;
    while !every.is_zero() && at < whole.mul_f64(0.97) {
        times.push(at.mul_f64(0.9) + every.mul_f64(0.1 * rng.f64()));
        at += every;
    }
    times
}

/// Breaks what is planned, and comes back when everything is whole again.
pub async fn break_all(run: Arc<Run>, faults: Vec<(Duration, Fault)>) -> Done {
    let begun = Instant::now();
    let mut broken = JoinSet::new();
    for (at, fault) in faults {
        sleep_until(begun + at).await;
        let run = run.clone();
        broken.spawn(async move {
            match fault {
                Fault::Kill { node, down } => kill(&run, &run.stage.places[node], down).await,
                Fault::Deafen => {
                    let cut = run.stage.database.cut_off(true).await;
                    // Nobody could be asked while the database was away.
                    let cut = cut.unwrap_or(0).unsigned_abs();
                    run.tally.deafened.fetch_add(cut, Ordering::Relaxed);
                    Ok(())
                }
                Fault::Crash { down } => match run.stage.server.clone() {
                    Some(server) => crash(&run, server, down).await,
                    None => cut_off(&run).await,
                },
            }
        });
    }
    while let Some(done) = broken.join_next().await {
        done??;
    }
    Ok(())
}

async fn kill(run: &Run, place: &Place, down: Duration) -> Done {
    // One that has not come back from the last time is left alone.
    let Ok(mut node) = place.node.try_lock() else {
        return Ok(());
    };
    place.alive.store(false, Ordering::Release);
    let killed = Instant::now();
    node.kill()?;
    let before = place.acknowledged.load(Ordering::Relaxed);
    sleep(down).await;
    let started = Instant::now();
    match node.start(run.stage.client.http(), COME_BACK).await {
        Ok(starts) => {
            run.tally
                .failed_starts
                .fetch_add(u64::from(starts) - 1, Ordering::Relaxed);
        }
        Err(failure) => {
            run.tally.find(format!("a node did not come back: {failure}"));
            return Ok(());
        }
    }
    let ready = started.elapsed();
    place.alive.store(true, Ordering::Release);
    drop(node);
    let writes = first_write(run, killed, || {
        place.acknowledged.load(Ordering::Relaxed) > before
    })
    .await;
    run.tally.outage(Outage {
        what: "node",
        down: started - killed,
        ready,
        writes,
    });
    Ok(())
}

async fn crash(run: &Run, server: Arc<Server>, down: Duration) -> Done {
    let crashed = Instant::now();
    let gone = server.clone();
    spawn_blocking(move || gone.crash()).await??;
    sleep(down).await;
    // Whatever was acknowledged before it was gone has been told by now.
    let before = run.stage.acknowledged();
    let started = Instant::now();
    spawn_blocking(move || server.begin()).await??;
    let ready = started.elapsed();
    let writes = first_write(run, crashed, || run.stage.acknowledged() > before).await;
    run.tally.outage(Outage {
        what: "PostgreSQL",
        down: started - crashed,
        ready,
        writes,
    });
    Ok(())
}

async fn cut_off(run: &Run) -> Done {
    let cut_at = Instant::now();
    let cut = run.stage.database.cut_off(false).await?.unsigned_abs();
    run.tally.cut_off.fetch_add(cut, Ordering::Relaxed);
    let before = run.stage.acknowledged();
    let writes = first_write(run, cut_at, || run.stage.acknowledged() > before).await;
    run.tally.outage(Outage {
        what: "connections",
        down: Duration::ZERO,
        ready: Duration::ZERO,
        writes,
    });
    Ok(())
}

/// How long it took, from an instant, until something was written; none when nothing was before the writers ended.
async fn first_write(run: &Run, since: Instant, written: impl Fn() -> bool) -> Option<Duration> {
    while *run.phase.borrow() == Phase::Breaking {
        if written() {
            return Some(since.elapsed());
        }
        sleep(LOOK_EVERY).await;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(words: &str) -> Vec<(Duration, Fault)> {
        plan(&Settings::read(words).expect("settings"))
    }

    #[test]
    fn a_seed_decides_what_is_broken_and_when() {
        let faults = plan_of("--seed 7");
        assert_eq!(faults, plan_of("--seed 7"));
        assert_ne!(faults, plan_of("--seed 8"));
        let count = |wanted: fn(&Fault) -> bool| faults.iter().filter(|(_, fault)| wanted(fault)).count();
        assert_eq!(count(|fault| matches!(fault, Fault::Kill { node: 0..3, .. })), 5);
        assert_eq!(count(|fault| matches!(fault, Fault::Deafen)), 8);
        assert_eq!(count(|fault| matches!(fault, Fault::Crash { .. })), 1);
        assert!(faults.is_sorted_by_key(|(at, _)| *at));
        assert!(faults.iter().all(|(at, _)| *at < Duration::from_mins(1)));
    }

    #[test]
    fn on_sqlite_only_the_one_node_is_killed() {
        let faults = plan_of("--database sqlite --seconds 20 --kill-every 3");
        assert!(
            faults
                .iter()
                .all(|(_, fault)| matches!(fault, Fault::Kill { node: 0, .. }))
        );
        assert_eq!(faults.len(), 6);
    }
}

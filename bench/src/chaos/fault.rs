//! Faults and their times. The seed determines them before the run.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep, sleep_until},
};

use super::{Phase, Run, settings::Settings, stage::NodeSlot, tally::Outage};
use crate::{failure::Done, postgres::Server, under_test::Kind};

/// Maximum time before a killed node is started again, in milliseconds.
const NODE_DOWN: u64 = 1_500;
/// Maximum time before PostgreSQL is started again, in milliseconds. Its recovery is not included.
const DATABASE_DOWN: u64 = 1_000;
/// Maximum time for a restart.
const COME_BACK: Duration = Duration::from_secs(45);
/// Interval of checks whether mutations are acknowledged again.
const CHECK_INTERVAL: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Kills a node and starts it again later.
    Kill {
        /// Index of the node.
        node: usize,
        /// Time until it is started again.
        down: Duration,
    },
    /// Cuts the connections over which nodes receive notifications.
    Deafen,
    /// Crashes the database. On an external server, cuts all connections to it instead.
    Crash {
        /// Time until it is started again.
        down: Duration,
    },
}

/// Returns all faults of a run with their times from its start, in ascending order.
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

/// Returns random times at intervals of about `every`. The last fault leaves time for recovery.
fn times(rng: &mut Rng, every: Duration, whole: Duration) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut at = every;
    while !every.is_zero() && at < whole.mul_f64(0.97) {
        times.push(at.mul_f64(0.9) + every.mul_f64(0.1 * rng.f64()));
        at += every;
    }
    times
}

/// Executes the faults. Returns when all processes are running again.
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
                    // Fails while the database is down.
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

async fn kill(run: &Run, place: &NodeSlot, down: Duration) -> Done {
    // A node that is still down from an earlier fault is skipped.
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
            run.tally.find(format!("a node did not restart: {failure}"));
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
    // Everything acknowledged before the crash is counted by now.
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

/// Returns the time from `since` until a mutation was acknowledged. `None` if none was before the writers ended.
async fn first_write(run: &Run, since: Instant, written: impl Fn() -> bool) -> Option<Duration> {
    while *run.phase.borrow() == Phase::Breaking {
        if written() {
            return Some(since.elapsed());
        }
        sleep(CHECK_INTERVAL).await;
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
    fn the_seed_determines_faults_and_times() {
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
    fn the_sqlite_plan_kills_only_its_node() {
        let faults = plan_of("--database sqlite --seconds 20 --kill-every 3");
        assert!(
            faults
                .iter()
                .all(|(_, fault)| matches!(fault, Fault::Kill { node: 0, .. }))
        );
        assert_eq!(faults.len(), 6);
    }
}

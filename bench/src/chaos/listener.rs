//! A listener: one subscription that is cut repeatedly and resumes behind the last received event.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{Phase, Run, subject::Subject, tally::count};
use crate::{
    client::{Stream, StreamEvent, sse::Events, ws::Socket},
    cursor,
    failure::{Done, Failure},
};

/// Maximum time until a subscription starts.
const OPENING: Duration = Duration::from_secs(15);
/// Wait before reconnecting after an unplanned end, in milliseconds.
const BACK: std::ops::Range<u64> = 10..100;

/// Error codes that are expected during faults. Other codes mean that a listener or its cursor is wrong.
const PASSING: [&str; 3] = ["SLOW_CONSUMER", "INTERNAL", "UNAVAILABLE"];

/// The protocol of a listener, and the way in which it resumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// WebSocket, with `after` in the variables.
    Socket,
    /// Event stream, with `after` in the variables.
    Events,
    /// Event stream with `Last-Event-ID` and the variables of the first request.
    EventsWithLastId,
}

impl Way {
    /// Returns the protocol of the n-th listener of a subject. Half of them use a WebSocket.
    pub fn of(n: usize) -> Self {
        match n % 4 {
            0 | 2 => Self::Socket,
            1 => Self::EventsWithLastId,
            _ => Self::Events,
        }
    }
}

/// A listener and the events that it received.
#[derive(Debug)]
pub struct Listener {
    pub number: usize,
    /// The subscription.
    pub subject: Arc<Subject>,
    /// The protocol.
    pub way: Way,
    /// Positions and ids, in the order in which they were received.
    pub heard: Vec<(i64, String)>,
    /// Cursor to resume from.
    cursor: String,
    rng: Rng,
}

/// Reason why a connection ended.
enum Disconnect {
    Cut,
    Ended(String),
    Over,
}

impl Listener {
    pub fn new(run: &Run, number: usize, rng: Rng) -> Self {
        let subjects = &run.subjects;
        Self {
            number,
            subject: subjects[number % subjects.len()].clone(),
            way: Way::of(number / subjects.len() + number % subjects.len()),
            heard: Vec::new(),
            cursor: run.stage.start.clone(),
            rng,
        }
    }

    /// Listens until the run is over.
    pub async fn listen(mut self, run: Arc<Run>) -> Self {
        let mut phase = run.phase.clone();
        loop {
            let opened = tokio::select! {
                opened = self.open(&run) => opened,
                () = over(&mut phase) => return self,
            };
            let left = match opened {
                Ok(mut stream) => {
                    count(&run.tally.subscriptions);
                    let left = self.hear(&run, &mut stream, &mut phase).await;
                    stream.cut();
                    left
                }
                Err(failure) => Disconnect::Ended(failure.0),
            };
            match left {
                Disconnect::Over => return self,
                Disconnect::Cut => count(&run.tally.cuts),
                Disconnect::Ended(reason) => {
                    run.tally.end(reason);
                    sleep(Duration::from_millis(self.rng.u64(BACK))).await;
                }
            }
        }
    }

    async fn open(&mut self, run: &Run) -> Done<Stream> {
        let place = run.stage.living(&mut self.rng).await;
        let (token, subscription) = (&self.subject.person.0, &self.subject.subscription);
        let opening = async {
            match self.way {
                Way::Socket => Socket::open(&place.address, token, subscription, &self.cursor)
                    .await
                    .map(|socket| Stream::Socket(Box::new(socket))),
                Way::Events | Way::EventsWithLastId => {
                    let from = if self.way == Way::Events {
                        (self.cursor.as_str(), None)
                    } else {
                        (run.stage.start.as_str(), Some(self.cursor.as_str()))
                    };
                    Events::open(&run.stage.client, &place.address, token, subscription, from)
                        .await
                        .map(Stream::Events)
                }
            }
        };
        timeout(OPENING, opening)
            .await
            .unwrap_or_else(|_| Err(Failure("not opened in time".to_owned())))
    }

    async fn hear(
        &mut self,
        run: &Run,
        stream: &mut Stream,
        phase: &mut watch::Receiver<Phase>,
    ) -> Disconnect {
        let within = run.settings.cut.mul_f64(self.rng.f64());
        let cut_at = Instant::now() + within;
        loop {
            let cuts = *phase.borrow_and_update() == Phase::Breaking;
            let heard = tokio::select! {
                heard = stream.next(&self.subject.subscription) => heard,
                () = sleep_until(cut_at), if cuts => return Disconnect::Cut,
                changed = phase.changed() => {
                    if changed.is_err() || *phase.borrow() == Phase::Over {
                        return Disconnect::Over;
                    }
                    continue;
                }
            };
            match heard {
                StreamEvent::Event { cursor, object } => {
                    let Some(position) = cursor::position(&cursor) else {
                        return Disconnect::Ended(format!("not a cursor: {cursor}"));
                    };
                    if let Stream::Events(events) = stream
                        && events.last_id() != Some(cursor.as_str())
                    {
                        run.tally.find(format!("the event at {position} has another id"));
                    }
                    self.heard.push((position, object));
                    self.cursor = cursor;
                    run.tally.reached[self.number].store(position, Ordering::Relaxed);
                    count(&run.tally.deliveries);
                }
                StreamEvent::Refused {
                    code,
                    message,
                    cursor,
                } => {
                    if !PASSING.contains(&code.as_str()) {
                        run.tally.find(format!(
                            "a listener of {} received {code}: {message}",
                            self.subject.name
                        ));
                    }
                    // A cursor in an error replaces the listener's own. A wrong one shows as repeated or missing
                    // events.
                    self.cursor = cursor.unwrap_or_else(|| std::mem::take(&mut self.cursor));
                    return Disconnect::Ended(code);
                }
                StreamEvent::Over(reason) => return Disconnect::Ended(reason),
                StreamEvent::Nonsense(what) => {
                    run.tally.find(format!("a listener received {what}"));
                    return Disconnect::Ended("nonsense".to_owned());
                }
            }
        }
    }
}

/// Waits until the run is over.
async fn over(phase: &mut watch::Receiver<Phase>) {
    while *phase.borrow_and_update() != Phase::Over {
        if phase.changed().await.is_err() {
            return;
        }
    }
}

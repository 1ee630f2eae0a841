//! Limits the log lines of each place in the code, so that a repeated fault neither fills the disk nor hides
//! other lines.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tracing::{Event, Subscriber, callsite::Identifier};
use tracing_subscriber::{Layer, layer::Context};

/// Maximum number of lines of one place per [`WINDOW`].
const LINES: u32 = 100;
const WINDOW: Duration = Duration::from_secs(1);

/// The line counts of each place. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Rate(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// At most one entry per log call in the code.
    places: Mutex<HashMap<Identifier, Window>>,
    left_out: AtomicU64,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    lines: u32,
}

impl Rate {
    /// Number of suppressed lines since the last call.
    pub fn take_left_out(&self) -> u64 {
        self.0.left_out.swap(0, Ordering::Relaxed)
    }

    fn permit(&self, place: Identifier, now: Instant) -> bool {
        let mut places = self.0.places.lock();
        let window = places.entry(place).or_insert(Window { since: now, lines: 0 });
        let permitted = window.permit(now);
        if !permitted {
            self.0.left_out.fetch_add(1, Ordering::Relaxed);
        }
        permitted
    }
}

impl Window {
    /// Whether another line may be written now.
    fn permit(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= WINDOW {
            *self = Self { since: now, lines: 0 };
        }
        self.lines = self.lines.saturating_add(1);
        self.lines <= LINES
    }
}

impl<S: Subscriber> Layer<S> for Rate {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        self.permit(event.metadata().callsite(), Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tracing_subscriber::{fmt, layer::SubscriberExt};

    use super::*;

    /// Collects lines.
    #[derive(Clone, Debug, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_limited_place_logs_again_after_the_window() {
        let start = Instant::now();
        let mut window = Window {
            since: start,
            lines: 0,
        };
        let permitted = |window: &mut Window, now| (0..1_000).filter(|_| window.permit(now)).count();
        assert_eq!(permitted(&mut window, start), 100);
        assert_eq!(permitted(&mut window, start + WINDOW / 2), 0);
        assert_eq!(permitted(&mut window, start + WINDOW), 100);
    }

    #[test]
    fn repeated_lines_of_one_place_are_limited() {
        let (rate, lines) = (Rate::default(), Lines::default());
        let writer = lines.clone();
        let written = fmt()
            .with_writer(move || writer.clone())
            .finish()
            .with(rate.clone());
        tracing::subscriber::with_default(written, || {
            (0..10_000).for_each(|_| tracing::warn!("again"));
            tracing::warn!("another");
        });
        let text = String::from_utf8(lines.0.lock().clone()).expect("UTF-8");
        let count = |word: &str| text.matches(word).count() as u64;
        assert_eq!(count("another"), 1);
        let left_out = rate.take_left_out();
        assert!(left_out > 5_000, "{left_out}");
        assert_eq!(count("again") + left_out, 10_000);
        assert_eq!(rate.take_left_out(), 0);
    }
}

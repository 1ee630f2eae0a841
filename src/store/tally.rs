//! Counts statements and rows of a piece of work.
//!
//! Work that runs in [`counted`] is counted through a task-local value. For all other work, the cost is one
//! look-up of the missing value for each statement.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Cost of a piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of SQL statements, without those that begin and end transactions.
    pub statements: u64,
    /// Number of rows that the statements returned.
    pub rows: u64,
}

#[derive(Debug, Default)]
struct Counts {
    statements: AtomicU64,
    rows: AtomicU64,
}

tokio::task_local! {
    static COUNTS: Arc<Counts>;
}

/// Runs work and returns its result with its cost.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, Tally) {
    let counts = Arc::new(Counts::default());
    let done = COUNTS.scope(counts.clone(), work).await;
    let tally = Tally {
        statements: counts.statements.load(Ordering::Relaxed),
        rows: counts.rows.load(Ordering::Relaxed),
    };
    (done, tally)
}

/// Counts a statement.
pub(super) fn statement() {
    // Outside `counted` there is no counter.
    let _ = COUNTS.try_with(|counts| counts.statements.fetch_add(1, Ordering::Relaxed));
}

/// Counts rows that were read.
pub(super) fn rows<T>(rows: Vec<T>) -> Vec<T> {
    add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    rows
}

/// Counts a joined row.
pub(super) fn row<T>(row: T) -> T {
    add(1);
    row
}

fn add(count: u64) {
    let _ = COUNTS.try_with(|counts| counts.rows.fetch_add(count, Ordering::Relaxed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn statements_are_counted_for_each_task() {
        statement();
        let work = |count: usize| async move {
            for _ in 0..count {
                statement();
                tokio::task::yield_now().await;
            }
            rows(vec![(); 5]).len()
        };
        let (one, two) = tokio::join!(counted(work(2)), counted(work(3)));
        assert_eq!(
            one,
            (
                5,
                Tally {
                    statements: 2,
                    rows: 5
                }
            )
        );
        assert_eq!(
            two,
            (
                5,
                Tally {
                    statements: 3,
                    rows: 5
                }
            )
        );
    }
}

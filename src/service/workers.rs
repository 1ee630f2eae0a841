//! Threads for long computations, which would otherwise delay other requests.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::auth::{CallerLimits, Identity};

/// Maximum number of concurrent tasks of all callers.
const THREADS: usize = 2;
/// Maximum number of concurrent tasks of one caller. Its other tasks wait.
const PER_CALLER: usize = 1;

/// Worker threads. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Workers {
    threads: Arc<Semaphore>,
    shares: Arc<CallerLimits>,
}

impl Default for Workers {
    fn default() -> Self {
        Self {
            threads: Arc::new(Semaphore::new(THREADS)),
            shares: Arc::new(CallerLimits::new(PER_CALLER)),
        }
    }
}

impl Workers {
    /// Runs a task for a caller, after its earlier tasks. Returns `None` if the task panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        caller: Identity,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let share = self.shares.take(caller).await;
        // The semaphore is never closed.
        let thread = self.threads.clone().acquire_owned().await.ok();
        let done = tokio::task::spawn_blocking(move || {
            let answer = work();
            // Held until the task is done, even if the caller is gone.
            drop((share, thread));
            answer
        });
        done.await
            .inspect_err(|error| tracing::error!(%error, "a worker task failed"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use entity::AgentId;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn agent(number: u128) -> Identity {
        Identity::Agent(AgentId(Uuid::from_u128(number)))
    }

    #[tokio::test]
    async fn a_busy_caller_does_not_delay_other_callers() {
        let workers = Workers::default();
        let (go, wait) = mpsc::channel::<()>();
        let slow = workers.run(agent(1), move || wait.recv());
        tokio::pin!(slow);
        assert!(slow.as_mut().now_or_never().is_none());
        let next = workers.run(agent(1), || 2);
        tokio::pin!(next);
        assert!(next.as_mut().now_or_never().is_none(), "it waits for the first");
        assert_eq!(workers.run(agent(2), || 3).await, Some(3));
        go.send(()).expect("a worker");
        assert!(slow.await.is_some());
        assert_eq!(next.await, Some(2));
    }

    #[tokio::test]
    async fn a_panic_returns_no_result_and_frees_the_thread() {
        let workers = Workers::default();
        for _ in 0..=THREADS {
            let answer: Option<()> = workers.run(agent(1), || panic!("on purpose")).await;
            assert_eq!(answer, None);
        }
        assert_eq!(workers.run(agent(1), || 1).await, Some(1));
    }
}

//! Memory that requests take, counted in bytes: of one answer, of one viewer, of the node.
//!
//! Floor 1. Each execution has an [`Account`]. What it reads and writes is charged to the account as it grows, and with
//! it to the viewer and to the node; an execution that reaches a bound ends there, before the memory is allocated.
//! [`within`] runs work under an account, and [`read`] and [`hold`] charge the account of the running work, so that
//! neither the store nor a resolver has to be handed one.

use std::{
    collections::HashMap,
    future::poll_fn,
    hash::Hash,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

/// Entries of viewers that are looked through for those that are gone, at least.
const SWEEP_LEAST: usize = 64;

/// Bounds in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What one answer may have, and the rows that it is made of.
    pub answer: usize,
    /// What is held for one viewer.
    pub viewer: usize,
    /// What is held for all of them.
    pub node: usize,
}

/// The bound that an execution reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// The answer alone is too large.
    Answer {
        /// Bytes that it has at least.
        found: usize,
        /// Bytes that it may have.
        max: usize,
    },
    /// The viewer holds all that it may.
    Viewer,
    /// All viewers together hold all that the node has.
    Node,
}

/// Bytes of which some are taken.
#[derive(Debug)]
struct Pool {
    max: usize,
    taken: AtomicUsize,
}

impl Pool {
    fn new(max: usize) -> Arc<Self> {
        let taken = AtomicUsize::new(0);
        Arc::new(Self { max, taken })
    }

    fn take(&self, bytes: usize) -> bool {
        let take = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.max);
        let order = Ordering::Relaxed;
        self.taken.fetch_update(order, order, take).is_ok()
    }

    fn take_beyond(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The memory of a node, shared by viewers that are told apart by `K`.
#[derive(Debug)]
pub struct Budget<K> {
    limits: Limits,
    node: Arc<Pool>,
    viewers: Mutex<Viewers<K>>,
}

#[derive(Debug)]
struct Viewers<K> {
    pools: HashMap<K, Weak<Pool>>,
    sweep_at: usize,
}

impl<K: Eq + Hash> Budget<K> {
    /// A budget with these bounds.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            node: Pool::new(limits.node),
            viewers: Mutex::new(Viewers {
                pools: HashMap::new(),
                sweep_at: SWEEP_LEAST,
            }),
        }
    }

    /// An account of a viewer, for one execution.
    pub fn open(&self, viewer: K) -> Arc<Account> {
        Arc::new(Account::of(
            self.limits.answer,
            self.pool(viewer),
            self.node.clone(),
        ))
    }

    /// Bytes that are held for all viewers.
    pub fn taken(&self) -> usize {
        self.node.taken.load(Ordering::Relaxed)
    }

    fn pool(&self, viewer: K) -> Arc<Pool> {
        let mut viewers = self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        if viewers.pools.len() >= viewers.sweep_at {
            viewers.pools.retain(|_, pool| pool.strong_count() > 0);
            viewers.sweep_at = SWEEP_LEAST.max(2 * viewers.pools.len());
        }
        let entry = viewers.pools.entry(viewer).or_default();
        entry.upgrade().unwrap_or_else(|| {
            let pool = Pool::new(self.limits.viewer);
            *entry = Arc::downgrade(&pool);
            pool
        })
    }
}

/// What one execution holds.
#[derive(Debug)]
pub struct Account {
    answer_max: usize,
    viewer: Arc<Pool>,
    node: Arc<Pool>,
    /// All that is charged to it.
    held: AtomicUsize,
    /// Of that, what is given back when the work ends.
    working: AtomicUsize,
    /// Bytes of the rows that the work has read.
    read: AtomicUsize,
    exceeded: OnceLock<Exceeded>,
}

impl Account {
    fn of(answer_max: usize, viewer: Arc<Pool>, node: Arc<Pool>) -> Self {
        Self {
            answer_max,
            viewer,
            node,
            held: AtomicUsize::new(0),
            working: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            exceeded: OnceLock::new(),
        }
    }

    /// An account without bounds, for work that no viewer asks for.
    pub fn unbounded() -> Arc<Self> {
        let pool = || Pool::new(usize::MAX);
        Arc::new(Self::of(usize::MAX, pool(), pool()))
    }

    /// The same viewer's, for another execution.
    #[must_use]
    pub fn another(&self) -> Arc<Self> {
        Arc::new(Self::of(self.answer_max, self.viewer.clone(), self.node.clone()))
    }

    /// The bound that was reached.
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded.get().copied()
    }

    /// Takes some bytes.
    pub fn charge(self: &Arc<Self>, bytes: usize) -> Result<Charge, Exceeded> {
        self.take(bytes)?;
        Ok(self.charged(bytes))
    }

    /// Takes bytes of memory that exists already, even when they are more than there is: nothing else is to be had then.
    pub fn charge_beyond(self: &Arc<Self>, bytes: usize) -> Charge {
        self.viewer.take_beyond(bytes);
        self.node.take_beyond(bytes);
        self.held.fetch_add(bytes, Ordering::Relaxed);
        self.charged(bytes)
    }

    fn charged(self: &Arc<Self>, bytes: usize) -> Charge {
        let account = self.clone();
        Charge { account, bytes }
    }

    fn take(&self, bytes: usize) -> Result<(), Exceeded> {
        if !self.viewer.take(bytes) {
            let alone = self.held.load(Ordering::Relaxed).saturating_add(bytes);
            // With nothing else held it would not fit either.
            return Err(if alone > self.viewer.max {
                let max = self.viewer.max;
                Exceeded::Answer { found: alone, max }
            } else {
                Exceeded::Viewer
            });
        }
        if !self.node.take(bytes) {
            self.viewer.give_back(bytes);
            return Err(Exceeded::Node);
        }
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        self.viewer.give_back(bytes);
        self.node.give_back(bytes);
    }

    /// Charges what lives as long as the work. False, here and from now on, when a bound was reached.
    fn work_with(&self, bytes: usize) -> bool {
        if self.exceeded.get().is_some() {
            return false;
        }
        match self.take(bytes) {
            Ok(()) => {
                self.working.fetch_add(bytes, Ordering::Relaxed);
                true
            }
            Err(exceeded) => self.exceed(exceeded),
        }
    }

    fn read(&self, bytes: usize) -> bool {
        let found = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if found > self.answer_max {
            let max = self.answer_max;
            return self.exceed(Exceeded::Answer { found, max });
        }
        self.work_with(bytes)
    }

    fn exceed(&self, exceeded: Exceeded) -> bool {
        // The first bound is told.
        let _ = self.exceeded.set(exceeded);
        false
    }

    /// Gives back what lived as long as a piece of work.
    pub fn end_work(&self) {
        self.give_back(self.working.swap(0, Ordering::Relaxed));
        self.read.store(0, Ordering::Relaxed);
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.end_work();
    }
}

/// Bytes that are taken until this is dropped.
#[derive(Debug)]
pub struct Charge {
    account: Arc<Account>,
    bytes: usize,
}

impl Charge {
    /// None yet.
    pub fn none(account: Arc<Account>) -> Self {
        Self { account, bytes: 0 }
    }

    /// Makes it so many bytes for a part of an answer that will have `length`. False when a bound was reached: the work
    /// ends.
    pub fn grow(&mut self, length: usize, bytes: usize) -> bool {
        let account = &self.account;
        if account.exceeded().is_some() {
            return false;
        }
        let max = account.answer_max;
        if length > max {
            return account.exceed(Exceeded::Answer { found: length, max });
        }
        if let Err(exceeded) = account.take(bytes.saturating_sub(self.bytes)) {
            return account.exceed(exceeded);
        }
        self.bytes = self.bytes.max(bytes);
        true
    }

    /// Gives back what is above so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.account.give_back(less);
        self.bytes -= less;
    }

    /// Bytes that an answer may have.
    pub fn answer_max(&self) -> usize {
        self.account.answer_max
    }

    /// The account has reached a bound.
    pub fn is_exceeded(&self) -> bool {
        self.account.exceeded.get().is_some()
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.give_back(self.bytes);
    }
}

tokio::task_local! {
    static CURRENT: Arc<Account>;
}

/// Runs work under an account, and ends it when a bound is reached.
pub async fn within<T>(account: &Arc<Account>, work: impl Future<Output = T>) -> Result<T, Exceeded> {
    let bounded = async {
        let mut work = pin!(work);
        poll_fn(|context| {
            let polled = work.as_mut().poll(context);
            match (account.exceeded(), polled) {
                (Some(exceeded), _) => Poll::Ready(Err(exceeded)),
                (None, Poll::Ready(done)) => Poll::Ready(Ok(done)),
                (None, Poll::Pending) => Poll::Pending,
            }
        })
        .await
    };
    let done = CURRENT.scope(account.clone(), bounded).await;
    account.end_work();
    done
}

/// Does one step of work under an account.
pub fn step<T>(account: &Arc<Account>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(account.clone(), work)
}

/// The account of the running work.
pub fn current() -> Option<Arc<Account>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The running work has reached a bound, and is about to be ended.
pub fn is_exceeded() -> bool {
    CURRENT.try_with(|account| account.exceeded.get().is_some()) == Ok(true)
}

/// The running work has read rows of so many bytes. False when it must end.
pub fn read(bytes: usize) -> bool {
    CURRENT.try_with(|account| account.read(bytes)) != Ok(false)
}

/// The running work holds so many bytes until its end. False when it must end.
pub fn hold(bytes: usize) -> bool {
    CURRENT.try_with(|account| account.work_with(bytes)) != Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        answer: 100,
        viewer: 150,
        node: 200,
    };

    #[test]
    fn each_viewer_and_all_of_them_have_a_bound_and_get_back_what_they_gave() {
        let budget = Budget::new(LIMITS);
        let (one, other) = (budget.open(1), budget.open(2));
        let first = one.charge(100).expect("enough");
        assert_eq!(budget.open(1).charge(60).err(), Some(Exceeded::Viewer));
        assert_eq!(other.charge(120).err(), Some(Exceeded::Node));
        let second = other.charge(90).expect("enough for another");
        drop(first);
        let third = budget.open(1).charge(60).expect("what came back");
        assert_eq!(budget.taken(), 150);
        drop((second, third));
        assert_eq!(budget.taken(), 0);
    }

    #[test]
    fn what_would_never_fit_is_told_from_what_does_not_fit_now() {
        let budget = Budget::new(LIMITS);
        let _held = budget.open(1).charge(10).expect("enough");
        let account = budget.open(1);
        let (found, max) = (151, 150);
        assert_eq!(account.charge(151).err(), Some(Exceeded::Answer { found, max }));
        assert_eq!(account.charge(145).err(), Some(Exceeded::Viewer));
    }

    #[tokio::test]
    async fn work_ends_where_it_has_read_or_written_too_much() {
        let budget = Budget::new(LIMITS);
        let account = budget.open(1);
        let reading = async {
            assert!(read(60));
            assert!(!read(60), "over the bound of an answer");
            assert!(is_exceeded());
            std::future::pending::<()>().await;
        };
        let (found, max) = (120, 100);
        assert_eq!(
            within(&account, reading).await,
            Err(Exceeded::Answer { found, max })
        );
        assert_eq!(budget.taken(), 0);

        let account = budget.open(1);
        let mut charge = Charge::none(account.clone());
        assert!(charge.grow(50, 64));
        assert!(!charge.grow(101, 128));
        assert!(charge.is_exceeded());
        assert_eq!(budget.taken(), 64);
        charge.shrink(50);
        assert_eq!(budget.taken(), 50);
    }

    #[tokio::test]
    async fn work_gives_back_what_it_held_and_keeps_what_it_answered() {
        let budget = Budget::new(LIMITS);
        let account = budget.open(1);
        let work = async {
            assert!(read(40) && hold(40));
            current().expect("an account").charge(30)
        };
        let answer = within(&account, work).await.expect("within").expect("enough");
        assert_eq!(budget.taken(), 30);
        drop(answer);
        assert_eq!(budget.taken(), 0);
    }

    #[test]
    fn viewers_that_are_gone_are_forgotten() {
        let budget = Budget::new(LIMITS);
        for viewer in 0..1_000 {
            let _ = budget.open(viewer);
        }
        let viewers = budget.viewers.lock().expect("no panic");
        assert!(viewers.pools.len() <= SWEEP_LEAST, "{}", viewers.pools.len());
    }
}

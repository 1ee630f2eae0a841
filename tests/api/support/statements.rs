//! The SQL statements that a node ran.

use std::sync::{Arc, Mutex};

/// How the statement begins that looks which conversations sleep.
const ASLEEP: &str = "SELECT \"conversation\".\"id\", \"conversation\".\"workspace_id\", COALESCE";

/// How the statement begins that looks which agents no longer work.
const INACTIVE: &str = "SELECT \"agent\".\"id\" FROM \"agent\" WHERE \"agent\".\"is_active\"";

/// What the statement holds that looks whether the words of customers are complete.
const INDEXED: &str = "FROM \"word_index\"";

/// What was run, in order.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
    look: Arc<Mutex<String>>,
    panic: Arc<Mutex<String>>,
}

impl Statements {
    /// Notes each statement, but for the hints between nodes and the looks of what wakes, for which no operation waits, and
    /// for those of the credentials of agents, which come as time goes.
    pub fn watcher(&self) -> impl Fn(&str) + Clone + Send + Sync + 'static {
        let Self { seen, look, panic } = self.clone();
        move |sql: &str| {
            let part = panic.lock().expect("not poisoned").clone();
            assert!(
                part.is_empty() || !sql.contains(&part),
                "a statement of which the test wants a panic: {sql}"
            );
            if sql.starts_with(INACTIVE) || sql.contains(INDEXED) {
                // Asked once a second at most for an agent's token and while it is connected, and when a node starts.
            } else if sql.starts_with(ASLEEP) {
                sql.clone_into(&mut look.lock().expect("not poisoned"));
            } else if !sql.contains("pg_notify") {
                seen.lock().expect("not poisoned").push(sql.to_owned());
            }
        }
    }

    /// Whoever runs a statement with this part from now on panics in the middle of its work; nobody, if it is empty.
    pub fn panic_at(&self, part: &str) {
        part.clone_into(&mut self.panic.lock().expect("not poisoned"));
    }

    /// The statement that looks which conversations sleep.
    pub fn look(&self) -> String {
        self.look.lock().expect("not poisoned").clone()
    }

    /// Takes what was run since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().expect("not poisoned"))
    }
}

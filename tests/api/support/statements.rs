//! Recorded SQL statements of a node.

use std::sync::{Arc, Mutex};

/// Prefix of the statement that finds snoozed conversations.
const ASLEEP: &str = "SELECT \"conversation\".\"id\", \"conversation\".\"workspace_id\", COALESCE";

/// Prefix of the statement that finds deactivated agents.
const INACTIVE: &str = "SELECT \"agent\".\"id\" FROM \"agent\" WHERE \"agent\".\"is_active\"";

/// Part of the statement that checks whether the search index is complete.
const INDEXED: &str = "FROM \"word_index\"";

/// The statements in order.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    recorded: Arc<Mutex<Vec<String>>>,
    look: Arc<Mutex<String>>,
    panic: Arc<Mutex<String>>,
}

impl Statements {
    /// Returns a function that records statements. It ignores notifications between nodes, periodic tasks, and checks
    /// of agents' credentials, because these depend on time and not on operations.
    pub fn watcher(&self) -> impl Fn(&str) + Clone + Send + Sync + 'static {
        let Self {
            recorded,
            look,
            panic,
        } = self.clone();
        move |sql: &str| {
            let part = panic.lock().expect("not poisoned").clone();
            assert!(
                part.is_empty() || !sql.contains(&part),
                "a panic requested by the test: {sql}"
            );
            if sql.starts_with(INACTIVE) || sql.contains(INDEXED) {
                // Runs at most once per second for an agent's token, while the agent is connected, and at startup.
            } else if sql.starts_with(ASLEEP) {
                sql.clone_into(&mut look.lock().expect("not poisoned"));
            } else if !sql.contains("pg_notify") {
                recorded.lock().expect("not poisoned").push(sql.to_owned());
            }
        }
    }

    /// Makes statements with this text panic. An empty text disables this.
    pub fn panic_at(&self, part: &str) {
        part.clone_into(&mut self.panic.lock().expect("not poisoned"));
    }

    /// Returns the last statement that finds snoozed conversations.
    pub fn look(&self) -> String {
        self.look.lock().expect("not poisoned").clone()
    }

    /// Returns and clears the recorded statements.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.recorded.lock().expect("not poisoned"))
    }
}

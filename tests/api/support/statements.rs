//! The SQL statements that a node ran.

use std::sync::{Arc, Mutex};

/// What was run, in order.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
    panic: Arc<Mutex<String>>,
}

impl Statements {
    /// Notes each statement, but for the hints between nodes: no operation waits for those.
    pub fn watcher(&self) -> impl Fn(&str) + Clone + Send + Sync + 'static {
        let Self { seen, panic } = self.clone();
        move |sql: &str| {
            let part = panic.lock().expect("not poisoned").clone();
            assert!(
                part.is_empty() || !sql.contains(&part),
                "a statement of which the test wants a panic: {sql}"
            );
            if !sql.contains("pg_notify") {
                seen.lock().expect("not poisoned").push(sql.to_owned());
            }
        }
    }

    /// Whoever runs a statement with this part from now on panics in the middle of its work; nobody, if it is empty.
    pub fn panic_at(&self, part: &str) {
        part.clone_into(&mut self.panic.lock().expect("not poisoned"));
    }

    /// Takes what was run since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().expect("not poisoned"))
    }
}

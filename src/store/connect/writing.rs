//! Writing transactions.

use std::mem;

use entity::WorkspaceId;
use sea_orm::{DbErr, EntityName, QueryResult, Statement};
use tokio::sync::Mutex;

use super::{
    super::{StoreError, dialect::Dialect},
    connections::{Runs, Statements, Watcher},
    pool::Lease,
    session::{All, Execute, Plain, Session, Work, ends},
    together::{Numbered, Together, Write},
    turns::{Turn, Turns},
};

/// Writing transaction. Dropping it without a commit gives up the running statement and rolls back.
#[derive(Debug)]
pub struct Writing {
    inside: Statements<Inside>,
}

/// Runs statements inside a transaction, one after the other.
#[derive(Debug)]
pub struct Inside {
    dialect: Dialect,
    watcher: Watcher,
    turns: Turns,
    held: Mutex<Held>,
}

/// Connection of a transaction.
#[derive(Debug)]
struct Held {
    /// `None` after the end of the transaction.
    lease: Option<Lease>,
    state: State,
    /// Writes to send before any other operation.
    together: Together,
    /// While set, no other writer of this process writes into the change log of the workspace.
    turn: Option<Turn>,
}

/// State of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two statements, with no failure so far.
    Well,
    /// A statement runs or was given up.
    AtWork,
    /// A statement failed. The database has ended the transaction or will not commit it.
    Failed,
    /// The connection is unusable.
    Ended,
}

impl Writing {
    pub(super) fn new(dialect: Dialect, lease: Lease, watcher: Watcher, turns: Turns) -> Self {
        let held = Held {
            lease: Some(lease),
            state: State::Well,
            together: Together::default(),
            turn: None,
        };
        let runner = Inside {
            dialect,
            watcher: watcher.clone(),
            turns,
            held: Mutex::new(held),
        };
        Self {
            inside: Statements { runner, watcher },
        }
    }

    /// Connection for statements inside the transaction.
    pub fn connection(&self) -> &Statements<Inside> {
        &self.inside
    }

    /// Dialect of the database.
    pub fn dialect(&self) -> Dialect {
        self.inside.runner.dialect
    }

    /// Queues writes to a table. They are sent with the next statement of the transaction, which then also
    /// returns their errors.
    pub async fn put<E: EntityName>(
        &self,
        table: &E,
        write: Write,
        parameters: usize,
    ) -> Result<(), StoreError> {
        let inside = &self.inside.runner;
        let mut held = inside.held.lock().await;
        if !held.together.takes(table.table_name(), parameters) {
            inside.send(&mut held).await?;
        }
        held.together.add(table, write, parameters);
        Ok(())
    }

    /// Sends the queued writes, advances the counter of a workspace and inserts the rows with its numbers.
    /// Returns the rows that the statement returns. From this point on, other writers of the workspace wait
    /// for the commit.
    pub async fn put_numbered(
        &self,
        workspace: WorkspaceId,
        numbered: Numbered,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let inside = &self.inside.runner;
        let mut held = inside.held.lock().await;
        // SQLite has one writer at a time anyway.
        if inside.dialect == Dialect::Postgres && held.turn.is_none() {
            held.turn = inside.turns.free(workspace);
            if held.turn.is_none() {
                // While another writer has the turn, all other writes can already be sent.
                inside.send(&mut held).await?;
                held.turn = inside.turns.next(workspace).await;
            }
        }
        if !held.together.takes(numbered.counter, 0) {
            inside.send(&mut held).await?;
        }
        let statement = held.together.take_with(numbered, inside.dialect);
        Ok(inside
            .tell(&mut held, statement, |statement| {
                All::new(statement, Inside::IS_ANSWER)
            })
            .await?)
    }

    /// Commits. The writes are durable when this returns.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let inside = &mut self.inside.runner;
        inside.send(&mut *inside.held.lock().await).await?;
        let held = inside.held.get_mut();
        if held.lease.as_mut().is_some_and(Lease::is_shared) {
            return held.hand_on().await;
        }
        held.run(Plain::of("COMMIT"))
            .await
            .map_err(StoreError::of_commit)?;
        if let Some(lease) = held.lease.take() {
            lease.release();
        }
        Ok(())
    }
}

impl Runs for Inside {
    // Reads of a transaction serve its rules. They must not hit the limit of a response.
    const IS_ANSWER: bool = false;

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run<W: Work>(&self, work: W) -> Result<W::Answer, DbErr> {
        let mut held = self.held.lock().await;
        self.send(&mut held).await?;
        held.run(work).await
    }
}

impl Inside {
    /// Sends the queued writes.
    async fn send(&self, held: &mut Held) -> Result<(), DbErr> {
        if let Some(statement) = held.together.take(self.dialect) {
            self.tell(held, statement, Execute::new).await?;
        }
        Ok(())
    }

    async fn tell<W: Work>(
        &self,
        held: &mut Held,
        statement: Statement,
        work: impl FnOnce(Statement) -> W,
    ) -> Result<W::Answer, DbErr> {
        self.watcher.tell(&statement);
        held.run(work(statement)).await
    }
}

impl Held {
    /// Leaves the commit to another task and waits for its outcome.
    async fn hand_on(&mut self) -> Result<(), StoreError> {
        let session = self.lease.as_mut().map(Lease::session).transpose()?;
        let end = session
            .and_then(Session::batch)
            .and_then(|batch| batch.end_member());
        self.run(end).await?;
        let ended = self.lease.take().and_then(Lease::hand_on);
        let Some(ended) = ended else {
            return Err(StoreError::Busy);
        };
        // The channel closed without a value: the batch was given up, and the transaction can run again.
        ended.await.unwrap_or(Err(StoreError::Busy))
    }

    /// Runs work unless a statement has failed before. After a failure, SQLite can have ended the transaction
    /// silently, and later statements would commit one by one. PostgreSQL would turn a commit into a rollback
    /// without an error.
    async fn run<W: Work>(&mut self, work: W) -> Result<W::Answer, DbErr> {
        let lease = self.lease.as_mut().filter(|_| self.state == State::Well);
        let Some(lease) = lease else {
            let message = "a statement of this transaction failed before";
            return Err(DbErr::Custom(message.to_owned()));
        };
        self.state = State::AtWork;
        let answer = work.on(lease.session()?).await;
        self.state = match &answer {
            Ok(_) => State::Well,
            Err(error) if ends(error) => State::Ended,
            Err(_) => State::Failed,
        };
        answer
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut lease) = mem::take(&mut self.lease) else {
            return;
        };
        let is_given_up = self.state == State::AtWork;
        let is_on_server = matches!(lease.session(), Ok(Session::Postgres(..)));
        match self.state {
            State::Ended => {}
            // The server notices the closed connection and rolls back. Waiting for its response would take
            // until the end of the statement.
            State::AtWork if is_on_server => {}
            _ => {
                if is_given_up && let Ok(session) = lease.session() {
                    session.give_up();
                }
                lease.roll_back();
            }
        }
    }
}

//! Writing transactions.

use std::mem;

use entity::WorkspaceId;
use sea_orm::{DbErr, EntityName, QueryResult, Statement};
use tokio::sync::Mutex;

use super::{
    super::{StoreError, dialect::Dialect},
    connections::{StatementRunner, StatementWatcher, Statements},
    log_locks::{LogLock, LogLocks},
    pool::Lease,
    session::{Execute, FetchAll, Plain, Session, Work, ends},
    write_buffer::{NumberedInsert, Write, WriteBuffer},
};

/// Writing transaction. Dropping it without a commit gives up the running statement and rolls back.
#[derive(Debug)]
pub struct WriteTransaction {
    inside: Statements<TransactionRunner>,
}

/// Runs statements inside a transaction, one after the other.
#[derive(Debug)]
pub struct TransactionRunner {
    dialect: Dialect,
    watcher: StatementWatcher,
    log_locks: LogLocks,
    held: Mutex<TransactionConnection>,
}

#[derive(Debug)]
struct TransactionConnection {
    /// `None` after the end of the transaction.
    lease: Option<Lease>,
    state: State,
    /// Writes to send before any other operation.
    buffer: WriteBuffer,
    /// While set, no other writer of this process writes into the change log of the workspace.
    log_lock: Option<LogLock>,
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

impl WriteTransaction {
    pub(super) fn new(
        dialect: Dialect,
        lease: Lease,
        watcher: StatementWatcher,
        log_locks: LogLocks,
    ) -> Self {
        let held = TransactionConnection {
            lease: Some(lease),
            state: State::Well,
            buffer: WriteBuffer::default(),
            log_lock: None,
        };
        let runner = TransactionRunner {
            dialect,
            watcher: watcher.clone(),
            log_locks,
            held: Mutex::new(held),
        };
        Self {
            inside: Statements { runner, watcher },
        }
    }

    /// Connection for statements inside the transaction.
    pub fn connection(&self) -> &Statements<TransactionRunner> {
        &self.inside
    }

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
        if !held.buffer.takes(table.table_name(), parameters) {
            inside.send(&mut held).await?;
        }
        held.buffer.add(table, write, parameters);
        Ok(())
    }

    /// Sends the queued writes, advances the counter of a workspace and inserts the rows with its numbers.
    /// Returns the rows that the statement returns. From this point on, other writers of the workspace wait
    /// for the commit.
    pub async fn put_numbered(
        &self,
        workspace: WorkspaceId,
        numbered: NumberedInsert,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let inside = &self.inside.runner;
        let mut held = inside.held.lock().await;
        // SQLite has one writer at a time anyway.
        if inside.dialect == Dialect::Postgres && held.log_lock.is_none() {
            held.log_lock = inside.log_locks.free(workspace);
            if held.log_lock.is_none() {
                // While another writer has the turn, all other writes can already be sent.
                inside.send(&mut held).await?;
                held.log_lock = inside.log_locks.next(workspace).await;
            }
        }
        if !held.buffer.takes(numbered.counter, 0) {
            inside.send(&mut held).await?;
        }
        let statement = held.buffer.take_with(numbered, inside.dialect);
        Ok(inside
            .tell(&mut held, statement, |statement| {
                FetchAll::new(statement, TransactionRunner::IS_ANSWER)
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

impl StatementRunner for TransactionRunner {
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

impl TransactionRunner {
    /// Sends the queued writes.
    async fn send(&self, held: &mut TransactionConnection) -> Result<(), DbErr> {
        if let Some(statement) = held.buffer.take(self.dialect) {
            self.tell(held, statement, Execute::new).await?;
        }
        Ok(())
    }

    async fn tell<W: Work>(
        &self,
        held: &mut TransactionConnection,
        statement: Statement,
        work: impl FnOnce(Statement) -> W,
    ) -> Result<W::Answer, DbErr> {
        self.watcher.tell(&statement);
        held.run(work(statement)).await
    }
}

impl TransactionConnection {
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

impl Drop for TransactionConnection {
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

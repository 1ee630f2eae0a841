//! A writing transaction.

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

/// A writing transaction. Dropped without a commit, it gives up the statement that runs, and rolls back.
#[derive(Debug)]
pub struct Writing {
    inside: Statements<Inside>,
}

/// For statements inside a transaction, one after the other.
#[derive(Debug)]
pub struct Inside {
    dialect: Dialect,
    watcher: Watcher,
    turns: Turns,
    held: Mutex<Held>,
}

/// The connection of a transaction.
#[derive(Debug)]
struct Held {
    /// None when the transaction is over.
    lease: Option<Lease>,
    state: State,
    /// What is to be written before anything else is done.
    together: Together,
    /// From when on nobody else of this process writes into the log of the workspace.
    turn: Option<Turn>,
}

/// How a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two statements, all of which went well.
    Well,
    /// A statement runs, or was given up.
    AtWork,
    /// A statement failed: the database has ended the transaction, or will not commit it.
    Failed,
    /// The connection is of no use any more.
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

    /// For statements inside it.
    pub fn connection(&self) -> &Statements<Inside> {
        &self.inside
    }

    /// Which words the database understands.
    pub fn dialect(&self) -> Dialect {
        self.inside.runner.dialect
    }

    /// Writes rows of a table, with whatever else is written before something is asked: an error may be told then.
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

    /// Writes what waits to be written, advances the counter of a workspace, and adds the rows that it numbers. Answers
    /// what they return. From now on others wait for the commit.
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
                // While others have their turn, everything else can be written.
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

    /// Makes all of it durable.
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
            lease.come_back();
        }
        Ok(())
    }
}

impl Runs for Inside {
    // What a transaction reads is for its rules, and must not keep it from its end.
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
    /// Writes what waits to be written.
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
    /// Leaves it to others to make it durable, and waits until they did.
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
        // Without a word, it was given up with what came behind it, and can be done again.
        ended.await.unwrap_or(Err(StoreError::Busy))
    }

    /// Does something, unless a statement failed before. SQLite may have ended the transaction then, without a word: what
    /// came after it would be made durable one by one. PostgreSQL would answer a commit as if it were one.
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
            // The server notices, and rolls back. Whoever waited for its answer would wait for a statement's end.
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

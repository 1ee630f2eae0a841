//! Operations of those who stay connected, and one execution for all who ask the same.
//!
//! A subscriber is first given what the log holds behind its position, by an execution of its own that ends there. Then
//! it joins the group of those who ask the same and see the same: whoever publishes for the group executes each event
//! once, writes the answer once, and hands it to all. Idle subscribers cost an entry in a table.
//!
//! What must stay true: an answer behind a subscriber's position reaches it once, in order. Who joins tells how far it
//! was given; when the group is further, its answers wait while what lies between is read. No connection holds others
//! up: one without room is told from where to go on.

mod answer;
mod group;
mod question;
mod shared;

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use async_graphql::{Response, parser::types::OperationType};
use futures_util::{Stream, StreamExt};
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use self::{
    answer::{Gone, failed},
    group::{Group, Left},
    question::{Key, Question},
    shared::SharedLoaders,
};
use super::{
    Asked, Schema,
    error::{broken_off, finish, out_of_room, slow_consumer},
    execute::{admit, execute, execute_stream, kind},
    follow::{Part, Run},
    turns::Turns,
};
use crate::{events::ChangeCursor, service::Services};

pub use answer::{Answer, Outbox, Room, Said, What};

/// Runs operations. Cheap to clone.
#[derive(Clone)]
pub struct Fanout {
    schema: Schema,
    tasks: TaskTracker,
    groups: Arc<Mutex<HashMap<Arc<Key>, Arc<Group>>>>,
    loaders: Arc<SharedLoaders>,
    turns: Turns,
}

/// An operation that runs, until this is dropped.
#[derive(Debug)]
pub struct Running {
    task: AbortHandle,
    /// Kept here and by the task, which takes it.
    _seat: Arc<OnceLock<Seat>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A place in a group, until it is dropped.
struct Seat {
    fanout: Fanout,
    key: Arc<Key>,
    group: Arc<Group>,
    number: u64,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Under this lock nobody can join in between.
        let mut groups = self.fanout.locked();
        if self.group.leave(self.number) {
            self.fanout.forget(&mut groups, &self.key, &self.group);
        }
    }
}

impl Fanout {
    /// Over a schema. Whoever works for an operation does it in `tasks`.
    pub fn new(schema: Schema, tasks: TaskTracker) -> Self {
        Self {
            schema,
            tasks,
            groups: Arc::default(),
            loaders: Arc::default(),
            turns: Turns::default(),
        }
    }

    /// Runs an operation of any kind, and says what it answers into the outbox. A subscription goes on behind `resume`
    /// where that is given, whatever its arguments say.
    pub fn begin(&self, asked: Asked, resume: Option<ChangeCursor>, outbox: Outbox) -> Running {
        let seat = Arc::default();
        let run = self.clone().run(asked, resume, outbox, Arc::clone(&seat));
        // The handle keeps the memory of the task, but not what is in the box.
        let task = self.tasks.spawn(Box::pin(run)).abort_handle();
        Running { task, _seat: seat }
    }

    async fn run(
        self,
        mut asked: Asked,
        resume: Option<ChangeCursor>,
        outbox: Outbox,
        seat: Arc<OnceLock<Seat>>,
    ) {
        // Who is gone hears nothing more.
        let _ = if kind(&self.schema, &mut asked.request) == Some(OperationType::Subscription) {
            self.subscribe(asked, resume, &outbox, &seat).await
        } else {
            self.once(asked, &outbox).await
        };
    }

    async fn once(&self, asked: Asked, outbox: &Outbox) -> Result<(), Gone> {
        let (account, id) = (asked.account.clone(), asked.id.clone());
        let response = execute(&self.schema, asked).await;
        if failed(&response) {
            // It may not have been executed either; then nothing is told of data.
            return outbox.say(What::Failed(Box::new(response))).await;
        }
        let answer = Answer::of(response, &account);
        if let Some(exceeded) = account.exceeded() {
            let response = finish(out_of_room(exceeded), &id.0);
            return outbox.say(What::Failed(Box::new(response))).await;
        }
        outbox.say(What::Next(Arc::new(answer))).await?;
        outbox.say(What::Complete).await
    }

    async fn subscribe(
        &self,
        mut asked: Asked,
        resume: Option<ChangeCursor>,
        outbox: &Outbox,
        seat: &OnceLock<Seat>,
    ) -> Result<(), Gone> {
        let document = match admit(&self.schema, &mut asked) {
            Ok(document) => document,
            Err(refused) => return outbox.say(What::Refused(refused)).await,
        };
        let (question, key) = Question::of(asked, document.as_deref().map(|prepared| &prepared.document));
        drop(document);
        let key = Arc::new(key);
        let Some(mut reached) = self.replay(&question, resume, true, outbox).await? else {
            return Ok(());
        };
        let mut waiting: Option<Seat> = None;
        let joined = loop {
            if let Some(waits) = waiting.take() {
                match waits.group.catch_up(waits.number, reached) {
                    Ok(()) => break waits,
                    Err(given) => reached = given,
                }
            } else {
                match self.join(&key, &question, reached, outbox) {
                    (joined, false) => break joined,
                    (joined, true) => waiting = Some(joined),
                }
            }
            match self.replay(&question, Some(reached), false, outbox).await? {
                Some(further) => reached = further,
                None => return Ok(()),
            }
        };
        // An operation joins once.
        let _ = seat.set(joined);
        Ok(())
    }

    /// Gives what the log holds, and tells how far that is; nothing when the subscription has ended with it.
    async fn replay(
        &self,
        question: &Question,
        resume: Option<ChangeCursor>,
        mut is_first: bool,
        outbox: &Outbox,
    ) -> Result<Option<ChangeCursor>, Gone> {
        let run = Run::new(Part::Held { resume }, self.turns.of(question.viewer()));
        let mut answers = pin!(self.execute(question, run.clone()));
        while let Some(response) = answers.next().await {
            if is_first && failed(&response) && run.last().is_none() {
                outbox.say(What::Refused(Box::new(response))).await?;
                return Ok(None);
            }
            is_first = false;
            let answer = Arc::new(Answer::in_run(response, &run, question.account()));
            run.end_turn(answer.json.len());
            outbox.say(What::Next(answer.clone())).await?;
            if answer.is_ending() {
                outbox.say(What::Complete).await?;
                return Ok(None);
            }
        }
        let end = run.end();
        if end.is_none() {
            outbox.say(What::Complete).await?;
        }
        Ok(end)
    }

    /// Joins those who ask the same; the first begins the group. The answer says whether the group is further.
    fn join(&self, key: &Arc<Key>, question: &Question, from: ChangeCursor, outbox: &Outbox) -> (Seat, bool) {
        let mut groups = self.locked();
        let seat = |number, key: &Arc<Key>, group: &Arc<Group>| Seat {
            fanout: self.clone(),
            key: key.clone(),
            group: group.clone(),
            number,
        };
        let entry = groups.entry(key.clone());
        if let Entry::Occupied(there) = &entry
            && let Some(joined) = there.get().join(outbox.clone(), from.position)
        {
            // Its key, and not one more copy of the document.
            return (seat(joined.number, there.key(), there.get()), joined.is_behind);
        }
        let (group, number) = Group::begin(outbox.clone(), from.position);
        let group = Arc::new(group);
        let publish = self
            .clone()
            .publish(key.clone(), question.clone(), from, group.clone());
        group.published_by(self.tasks.spawn(Box::pin(publish)).abort_handle());
        entry.insert_entry(group.clone());
        (seat(number, key, &group), false)
    }

    /// Executes for a group, from a position on.
    async fn publish(self, key: Arc<Key>, question: Question, after: ChangeCursor, group: Arc<Group>) {
        let run = Run::new(Part::Live { after }, self.turns.of(question.viewer()));
        let mut publishing = Publishing {
            fanout: self,
            key,
            group,
            after,
            epoch: after.epoch,
            id: question.id().to_owned(),
            is_over: false,
        };
        let mut answers = pin!(publishing.fanout.execute(&question, run.clone()));
        let account = question.account().clone();
        drop(question);
        while let Some(response) = answers.next().await {
            let answer = Arc::new(Answer::in_run(response, &run, &account));
            run.end_turn(answer.json.len());
            if publishing.publish(&answer) {
                break;
            }
            // Those who carry the answers get their turn before the next one is made.
            tokio::task::yield_now().await;
        }
        publishing.is_over = true;
    }

    fn execute(&self, question: &Question, run: Run) -> impl Stream<Item = Response> + Send + use<> {
        let loaders = self
            .schema
            .data::<Services>()
            .map(|services| self.loaders.of(&services.db, question.scope()));
        execute_stream(&self.schema, question.asked(run), loaders)
    }

    /// Takes a group out of the table.
    fn forget(&self, groups: &mut HashMap<Arc<Key>, Arc<Group>>, key: &Key, group: &Arc<Group>) {
        if groups.get(key).is_some_and(|there| Arc::ptr_eq(there, group)) {
            groups.remove(key);
        }
        group.stop();
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Arc<Key>, Arc<Group>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The execution for a group, until it ends in whatever way: its members must not wait for an answer that nobody makes.
struct Publishing {
    fanout: Fanout,
    key: Arc<Key>,
    group: Arc<Group>,
    after: ChangeCursor,
    /// That of the newest answer. It is good for what was answered before.
    epoch: i64,
    id: String,
    /// It ended as it should.
    is_over: bool,
}

impl Publishing {
    /// Gives an answer to all. True when nothing more is to be given.
    fn publish(&mut self, answer: &Arc<Answer>) -> bool {
        if let Some(cursor) = answer.cursor {
            self.epoch = cursor.epoch;
        }
        for left in self.group.publish(answer) {
            let told = slow_consumer(self.at(left.position));
            self.end(left, Some(told));
        }
        answer.is_ending() || self.group.end_if_empty()
    }

    fn at(&self, position: i64) -> ChangeCursor {
        let (workspace, epoch) = (self.after.workspace, self.epoch);
        ChangeCursor {
            workspace,
            position,
            epoch,
        }
    }

    /// Tells somebody the last, as soon as there is room.
    fn end(&self, left: Left, last: Option<Response>) {
        let last = last.map(|last| Answer::last(finish(last, &self.id)));
        self.fanout.tasks.spawn(end(left.outbox, last));
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        let left = {
            // Under this lock nobody can join in between.
            let mut groups = self.fanout.locked();
            self.fanout.forget(&mut groups, &self.key, &self.group);
            self.group.end()
        };
        for left in left {
            let told = (!self.is_over).then(|| broken_off(self.at(left.position)));
            self.end(left, told);
        }
    }
}

/// Says the last that an operation says, as soon as there is room.
async fn end(outbox: Outbox, answer: Option<Answer>) {
    let last = match answer {
        Some(answer) => outbox.say(What::Next(Arc::new(answer))).await,
        None => Ok(()),
    };
    if last.is_ok() {
        // Nobody hears it when the connection is gone.
        let _ = outbox.say(What::Complete).await;
    }
}

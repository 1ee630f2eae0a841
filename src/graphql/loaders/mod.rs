//! Loaders: batched reads of rows. All fields read rows through them.
//!
//! A key type implements [`LoaderKey`] and determines what is loaded. Loads of one key type at the same time become
//! one statement. The first load waits for others: it yields to the executor until no more keys arrive, and never
//! sleeps. Loaders live as long as one request, or are shared by executions that see the same rows. They do not
//! cache, so that no viewer gets rows of another viewer or outdated rows. A request that only reads may read rows
//! [ahead](Prefetched) that it selects later.

mod by_id;
mod by_object;
mod children;
mod nouns;
mod shared;

use std::{
    collections::{HashMap, HashSet},
    fmt::Debug,
    future::Future,
    hash::Hash,
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{sync::oneshot, task::yield_now};

pub use by_id::*;
pub use by_object::{MembersOf, ReferencesByObject};
pub use children::{ChildCount, Children};
pub use nouns::{Joinable, Loadable, NounSlots, Prefetched, RowSelection};
pub use shared::SharedLoaders;

pub(super) use nouns::nouns;

use super::error::{Result, internal};
use crate::{
    auth::Scope,
    store::{
        Columns, Db, JoinedRow, StoreError,
        link::{AgentsOfConversation, AgentsOfTeam, TeamsOfAgent, TeamsOfConversation},
    },
};

/// Number of yields without a new key before a batch is loaded. The executor continues a task with about a hundred
/// fields at a time, so a level of a thousand fields adds its keys over several yields.
const YIELDS: usize = 3;
/// Batches below this size need only one yield without a new key, because so few fields run in one turn of the
/// executor.
const FEW: usize = 32;

/// The database and the context that loaders read with.
#[derive(Debug)]
pub struct Reader {
    /// The database.
    pub db: Db,
    /// The rows that the viewer sees.
    pub scope: Scope,
    /// The columns and pointers to read.
    pub asked: RowSelection,
    /// Rows that were read ahead.
    pub prefetched: Prefetched,
}

impl Reader {
    /// Returns the columns of a noun to read.
    pub fn columns<N: Loadable>(&self) -> Columns {
        self.asked.columns::<N>()
    }

    /// Returns the rows to read together with rows of a noun.
    pub fn beside<N: Joinable>(&self) -> Vec<Box<dyn JoinedRow<N> + '_>> {
        let asked = self.asked.pointers::<N>();
        asked.filter_map(|pointer| N::beside(pointer, self)).collect()
    }
}

/// A loader key. One statement loads all keys of a batch.
pub trait LoaderKey: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// Value of one key.
    type Answer: Clone + Send + Sync + 'static;

    /// Loads the values. Keys without a value are missing in the result.
    fn answer(
        reader: &Reader,
        keys: &[Self],
    ) -> impl Future<Output = Result<Answers<Self>, StoreError>> + Send;

    /// Returns the value if it was read ahead.
    fn known(&self, _: &Reader) -> Option<Self::Answer> {
        None
    }

    /// Returns the slot of the loader of this key.
    fn slot(loaders: &Loaders) -> &Slot<Self>;
}

/// Values by key. Keys without a value are missing.
type Answers<Q> = HashMap<Q, <Q as LoaderKey>::Answer>;

/// A load that waits for its batch.
struct Waiter<Q: LoaderKey> {
    questions: Vec<Q>,
    answer: oneshot::Sender<Result<Answers<Q>, Arc<StoreError>>>,
}

/// The loads of one key type that wait for the next batch.
pub struct Slot<Q: LoaderKey>(Mutex<Vec<Waiter<Q>>>);

impl<Q: LoaderKey> Default for Slot<Q> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Held by the first load of a batch, which executes the batch.
struct BatchCollector<'a, Q: LoaderKey>(&'a Slot<Q>);

impl<Q: LoaderKey> BatchCollector<'_, Q> {
    /// Waits until no more keys arrive and returns all loads of the batch.
    async fn all(self) -> Vec<Waiter<Q>> {
        let mut count = 0;
        loop {
            let now = self.0.0.lock().len();
            if now == count {
                let all = std::mem::take(&mut *self.0.0.lock());
                // The next load starts a new batch.
                std::mem::forget(self);
                return all;
            }
            count = now;
            let turns = if now < FEW { 1 } else { YIELDS };
            for _ in 0..turns {
                yield_now().await;
            }
        }
    }
}

impl<Q: LoaderKey> Drop for BatchCollector<'_, Q> {
    /// Runs when the first load is cancelled: the other loads of the batch then start again. After `all`, it does not
    /// run.
    fn drop(&mut self) {
        self.0.0.lock().clear();
    }
}

/// Loads the keys in one statement and distributes the values.
async fn ask<Q: LoaderKey>(reader: &Reader, mut waiting: Vec<Waiter<Q>>) {
    let mut seen = HashSet::new();
    let all = waiting.iter().flat_map(|one| &one.questions);
    let questions: Vec<Q> = all.filter(|question| seen.insert(*question)).cloned().collect();
    if questions.is_empty() {
        return;
    }
    let answers = Q::answer(reader, &questions).await.map_err(Arc::new);
    let last = waiting.pop();
    for one in waiting {
        let answers = answers.as_ref().map_err(Arc::clone).map(|answers| {
            let of_one = one.questions.into_iter();
            of_one
                .filter_map(|question| answers.get_key_value(&question))
                .map(|(question, answer)| (question.clone(), answer.clone()))
                .collect()
        });
        // Fails if the load was cancelled.
        one.answer.send(answers).ok();
    }
    if let Some(last) = last {
        // Gets all values without a copy. Values of other loads are ignored.
        last.answer.send(answers).ok();
    }
}

/// Slots of the loaders of a noun: its rows by id, pages of children, and numbers of children.
pub struct RowSlots<N: Loadable> {
    by_id: Slot<N::ById>,
    pages: Slot<Children<N>>,
    counts: Slot<ChildCount<N>>,
}

impl<N: Loadable> Default for RowSlots<N> {
    fn default() -> Self {
        Self {
            by_id: Slot::default(),
            pages: Slot::default(),
            counts: Slot::default(),
        }
    }
}

/// The loaders of one request, or of all subscriptions with the same scope.
pub struct Loaders {
    reader: Reader,
    /// True if the request has one root field: the first key then cannot be batched with others.
    is_single: bool,
    workspace_by_id: Slot<WorkspaceById>,
    api_key_by_id: Slot<ApiKeyById>,
    references_by_object: Slot<ReferencesByObject>,
    agents_of_team: Slot<MembersOf<AgentsOfTeam>>,
    teams_of_agent: Slot<MembersOf<TeamsOfAgent>>,
    agents_of_conversation: Slot<MembersOf<AgentsOfConversation>>,
    teams_of_conversation: Slot<MembersOf<TeamsOfConversation>>,
    html_by_message: Slot<HtmlByMessage>,
    place_by_message: Slot<PlaceByMessage>,
    nouns: NounSlots,
}

impl Loaders {
    /// Creates loaders that read the given columns of the rows in `scope`.
    pub fn new(db: Db, scope: Scope, asked: RowSelection) -> Self {
        Self {
            reader: Reader {
                db,
                scope,
                asked,
                prefetched: Prefetched::default(),
            },
            is_single: false,
            workspace_by_id: Slot::default(),
            api_key_by_id: Slot::default(),
            references_by_object: Slot::default(),
            agents_of_team: Slot::default(),
            teams_of_agent: Slot::default(),
            agents_of_conversation: Slot::default(),
            teams_of_conversation: Slot::default(),
            html_by_message: Slot::default(),
            place_by_message: Slot::default(),
            nouns: NounSlots::default(),
        }
    }

    /// Marks the loaders as those of a request with one root field.
    #[must_use]
    pub fn of_single_root(self) -> Self {
        Self {
            is_single: true,
            ..self
        }
    }

    /// Returns the database and the context of the loaders.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Loads the key of a root field. With several root fields, it is batched. With one, it is loaded at once.
    pub async fn load_root<Q: LoaderKey>(&self, question: Q) -> Result<Option<Q::Answer>> {
        if !self.is_single {
            return self.load(question).await;
        }
        let answers = Q::answer(&self.reader, std::slice::from_ref(&question)).await;
        let mut answers = answers.map_err(|error| internal(Arc::new(error)))?;
        Ok(answers.remove(&question))
    }

    /// Loads the value of a key, batched with other loads of its type.
    pub async fn load<Q: LoaderKey>(&self, question: Q) -> Result<Option<Q::Answer>> {
        if let Some(answer) = question.known(&self.reader) {
            return Ok(Some(answer));
        }
        Ok(self.collect(vec![question.clone()]).await?.remove(&question))
    }

    /// Loads the values of several keys in one batch. The result may contain further keys.
    pub async fn load_many<Q: LoaderKey>(&self, questions: Vec<Q>) -> Result<HashMap<Q, Q::Answer>> {
        let mut known = HashMap::with_capacity(questions.len());
        let mut unknown = questions;
        unknown.retain(|question| match question.known(&self.reader) {
            Some(answer) => {
                known.insert(question.clone(), answer);
                false
            }
            None => true,
        });
        if !unknown.is_empty() {
            let found = self.collect(unknown).await?;
            if known.is_empty() {
                return Ok(found);
            }
            known.extend(found);
        }
        Ok(known)
    }

    async fn collect<Q: LoaderKey>(&self, questions: Vec<Q>) -> Result<Answers<Q>> {
        let slot = Q::slot(self);
        loop {
            let (answer, answered) = oneshot::channel();
            let is_first = {
                let mut waiting = slot.0.lock();
                waiting.push(Waiter {
                    questions: questions.clone(),
                    answer,
                });
                waiting.len() == 1
            };
            if is_first {
                let waiting = BatchCollector(slot).all().await;
                ask(&self.reader, waiting).await;
            }
            // An error means that the load that executes the batch was cancelled because a sibling field failed. Then
            // try again.
            if let Ok(answer) = answered.await {
                return answer.map_err(internal);
            }
        }
    }
}

//! The one way in which fields read rows: questions of one request, asked together.
//!
//! A key type is a question, and its name says which one. Questions of one kind that are asked at the same time become
//! one statement: the loader waits for others by yielding to the executor, never by sleeping. Loaders live as long as
//! one request and remember nothing, so that no viewer meets another's rows or yesterday's.

mod by_id;
mod children;

use std::{
    collections::HashMap,
    fmt::Debug,
    future::Future,
    hash::Hash,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use dataloader::{BatchFn, non_cached::Loader};
use entity::{agent, conversation, customer, message, ticket};

pub use by_id::{
    AgentById, ConversationById, CustomerById, HtmlByMessage, MessageById, PositionByMessage, TicketById,
    WorkspaceById,
};
pub use children::{ChildCount, Children};

use super::{
    error::{Result, internal},
    pagination::Listed,
};
use crate::{
    auth::Scope,
    store::{Db, StoreError},
};

/// How often a loader yields before it asks: enough for every field of one level to have put its question.
const YIELDS: usize = 10;
/// More questions than any document can put at once: a batch is never cut.
const BATCH_MAX: usize = 1_000_000;

/// What a question is answered from.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The database.
    pub db: Db,
    /// The rows that the viewer sees.
    pub scope: Scope,
}

/// A question, asked for many keys in one statement.
pub trait Question: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What is answered for one key.
    type Answer: Clone + Send + Sync + 'static;

    /// The answers; a key without one is absent.
    fn answer(
        reader: &Reader,
        keys: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Self::Answer>, StoreError>> + Send;

    /// Where the loader of this question is kept.
    fn slot(loaders: &Loaders) -> &Slot<Self>;
}

type Answered<Q> = Result<Option<<Q as Question>::Answer>, Arc<StoreError>>;

/// Answers the questions of one kind.
pub struct Batch<Q> {
    reader: Reader,
    question: PhantomData<fn() -> Q>,
}

impl<Q: Question> BatchFn<Q, Answered<Q>> for Batch<Q> {
    async fn load(&mut self, keys: &[Q]) -> HashMap<Q, Answered<Q>> {
        match Q::answer(&self.reader, keys).await {
            Ok(mut answers) => keys
                .iter()
                .map(|key| (key.clone(), Ok(answers.remove(key))))
                .collect(),
            Err(error) => {
                let error = Arc::new(error);
                keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect()
            }
        }
    }
}

/// A place for a loader, made when its question is first asked.
pub struct Slot<Q: Question>(OnceLock<Loader<Q, Answered<Q>, Batch<Q>>>);

impl<Q: Question> Default for Slot<Q> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

/// Places for the two questions about children.
pub struct ChildSlots<N: Listed> {
    pages: Slot<Children<N>>,
    counts: Slot<ChildCount<N>>,
}

impl<N: Listed> Default for ChildSlots<N> {
    fn default() -> Self {
        Self {
            pages: Slot::default(),
            counts: Slot::default(),
        }
    }
}

/// The loaders of one request.
pub struct Loaders {
    reader: Reader,
    workspace_by_id: Slot<WorkspaceById>,
    agent_by_id: Slot<AgentById>,
    customer_by_id: Slot<CustomerById>,
    ticket_by_id: Slot<TicketById>,
    conversation_by_id: Slot<ConversationById>,
    message_by_id: Slot<MessageById>,
    html_by_message: Slot<HtmlByMessage>,
    position_by_message: Slot<PositionByMessage>,
    /// Tickets of a parent.
    pub tickets: ChildSlots<ticket::Entity>,
    /// Conversations of a parent.
    pub conversations: ChildSlots<conversation::Entity>,
    /// Messages of a parent.
    pub messages: ChildSlots<message::Entity>,
    /// Customers of a parent.
    pub customers: ChildSlots<customer::Entity>,
    /// Agents of a parent.
    pub agents: ChildSlots<agent::Entity>,
}

impl Loaders {
    /// For one request.
    pub fn new(db: Db, scope: Scope) -> Self {
        Self {
            reader: Reader { db, scope },
            workspace_by_id: Slot::default(),
            agent_by_id: Slot::default(),
            customer_by_id: Slot::default(),
            ticket_by_id: Slot::default(),
            conversation_by_id: Slot::default(),
            message_by_id: Slot::default(),
            html_by_message: Slot::default(),
            position_by_message: Slot::default(),
            tickets: ChildSlots::default(),
            conversations: ChildSlots::default(),
            messages: ChildSlots::default(),
            customers: ChildSlots::default(),
            agents: ChildSlots::default(),
        }
    }

    /// The answer to a question, asked together with others of its kind.
    pub async fn load<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        let loader = Q::slot(self).0.get_or_init(|| {
            let batch = Batch {
                reader: self.reader.clone(),
                question: PhantomData,
            };
            Loader::new(batch)
                .with_max_batch_size(BATCH_MAX)
                .with_yield_count(YIELDS)
        });
        match loader.try_load(question).await {
            Ok(answer) => answer.map_err(internal),
            Err(lost) => Err(internal(lost)),
        }
    }
}

//! The one way in which fields read rows: questions of one request, asked together.
//!
//! A key type is a question, and its name says which one. Questions of one kind that are asked at the same time become
//! one statement: whoever asks first waits for the others by yielding to the executor, never by sleeping, until no more
//! come. Loaders live as long as one request, or are shared by executions that see the same rows; they remember
//! nothing, so that no viewer meets another's rows or yesterday's.
//! What a request that only reads is known to ask for next may be read [`ahead`].

mod ahead;
mod beside;
mod by_id;
mod children;

use std::{
    collections::{HashMap, HashSet},
    fmt::Debug,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::{agent, conversation, customer, message, queue, team, ticket};
use tokio::{sync::oneshot, task::yield_now};

pub use ahead::{Ahead, Target};
pub use beside::{MembersOf, ReferencesByObject};
pub use by_id::{
    AgentById, ApiKeyById, ConversationById, CustomerById, HtmlByMessage, MessageById, PlaceByMessage,
    QueueById, TeamById, TicketById, WorkspaceById,
};
pub use children::{ChildCount, Children};

use super::{
    columns::AskedRows,
    error::{Result, internal},
    pagination::Listed,
};
use crate::{
    auth::Scope,
    store::{
        Beside, Columns, Db, StoreError,
        link::{AgentsOfConversation, AgentsOfTeam, TeamsOfAgent, TeamsOfConversation},
    },
};

/// How often a loader yields without a new question before it asks. The executor lets a task go on with about a hundred
/// fields at a time, so a level of a thousand takes several turns to put its questions.
const YIELDS: usize = 3;
/// So few questions are all put in one turn: one more shows that no others come.
const FEW: usize = 32;

/// What a question is answered from.
#[derive(Debug)]
pub struct Reader {
    /// The database.
    pub db: Db,
    /// The rows that the viewer sees.
    pub scope: Scope,
    /// What is asked of them.
    pub asked: AskedRows,
    /// Those that were read before they were asked for.
    pub ahead: Ahead,
}

impl Reader {
    /// What is asked of the rows of a noun.
    pub fn columns<N: Listed>(&self) -> Columns {
        self.asked.columns::<N>()
    }

    /// What is read with the rows of a noun, because it is asked for, too.
    pub fn beside<N: Listed>(&self) -> Vec<Box<dyn Beside<N> + '_>> {
        let asked = self.asked.pointers::<N>();
        asked.map(|pointer| pointer.beside(self)).collect()
    }
}

/// A question, asked for many keys in one statement.
pub trait Question: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What is answered for one key.
    type Answer: Clone + Send + Sync + 'static;

    /// The answers; a key without one is absent.
    fn answer(
        reader: &Reader,
        keys: &[Self],
    ) -> impl Future<Output = Result<Answers<Self>, StoreError>> + Send;

    /// The answer, when it is known before it is asked for.
    fn known(&self, _: &Reader) -> Option<Self::Answer> {
        None
    }

    /// Where the loader of this question is kept.
    fn slot(loaders: &Loaders) -> &Slot<Self>;
}

/// The answers to questions; one without an answer is absent.
type Answers<Q> = HashMap<Q, <Q as Question>::Answer>;

/// Who waits for the answers to questions.
struct Waiting<Q: Question> {
    questions: Vec<Q>,
    answer: oneshot::Sender<Result<Answers<Q>, Arc<StoreError>>>,
}

/// The questions of one kind that wait to be asked.
pub struct Slot<Q: Question>(Mutex<Vec<Waiting<Q>>>);

impl<Q: Question> Default for Slot<Q> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Question> Slot<Q> {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<Q>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the first who asks, for all who come along.
struct Collecting<'a, Q: Question>(&'a Slot<Q>);

impl<Q: Question> Collecting<'_, Q> {
    /// The questions, when no more have come for a while.
    async fn all(self) -> Vec<Waiting<Q>> {
        let mut count = 0;
        loop {
            let now = self.0.waiting().len();
            if now == count {
                let all = std::mem::take(&mut *self.0.waiting());
                // Whoever asks from now on collects for itself.
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

impl<Q: Question> Drop for Collecting<'_, Q> {
    /// When the field of the first is given up, the others learn it and ask again. Nothing is left after the end.
    fn drop(&mut self) {
        self.0.waiting().clear();
    }
}

/// Asks the questions in one statement and hands the answers out.
async fn ask<Q: Question>(reader: &Reader, mut waiting: Vec<Waiting<Q>>) {
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
        // Who no longer waits does not need it.
        one.answer.send(answers).ok();
    }
    if let Some(last) = last {
        // What others asked for is not in its way.
        last.answer.send(answers).ok();
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

/// The loaders of one request, or of all who listen and see the same.
pub struct Loaders {
    reader: Reader,
    /// The request is one root field: nothing is asked at the same time as the first question.
    is_single: bool,
    workspace_by_id: Slot<WorkspaceById>,
    agent_by_id: Slot<AgentById>,
    customer_by_id: Slot<CustomerById>,
    ticket_by_id: Slot<TicketById>,
    conversation_by_id: Slot<ConversationById>,
    message_by_id: Slot<MessageById>,
    api_key_by_id: Slot<ApiKeyById>,
    team_by_id: Slot<TeamById>,
    queue_by_id: Slot<QueueById>,
    references_by_object: Slot<ReferencesByObject>,
    agents_of_team: Slot<MembersOf<AgentsOfTeam>>,
    teams_of_agent: Slot<MembersOf<TeamsOfAgent>>,
    agents_of_conversation: Slot<MembersOf<AgentsOfConversation>>,
    teams_of_conversation: Slot<MembersOf<TeamsOfConversation>>,
    html_by_message: Slot<HtmlByMessage>,
    place_by_message: Slot<PlaceByMessage>,
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
    /// Teams of a parent.
    pub teams: ChildSlots<team::Entity>,
    /// Queues of a parent.
    pub queues: ChildSlots<queue::Entity>,
}

impl Loaders {
    /// For those who see the rows of a scope, and ask this of them.
    pub fn new(db: Db, scope: Scope, asked: AskedRows) -> Self {
        Self {
            reader: Reader {
                db,
                scope,
                asked,
                ahead: Ahead::default(),
            },
            is_single: false,
            workspace_by_id: Slot::default(),
            agent_by_id: Slot::default(),
            customer_by_id: Slot::default(),
            ticket_by_id: Slot::default(),
            conversation_by_id: Slot::default(),
            message_by_id: Slot::default(),
            api_key_by_id: Slot::default(),
            team_by_id: Slot::default(),
            queue_by_id: Slot::default(),
            references_by_object: Slot::default(),
            agents_of_team: Slot::default(),
            teams_of_agent: Slot::default(),
            agents_of_conversation: Slot::default(),
            teams_of_conversation: Slot::default(),
            html_by_message: Slot::default(),
            place_by_message: Slot::default(),
            tickets: ChildSlots::default(),
            conversations: ChildSlots::default(),
            messages: ChildSlots::default(),
            customers: ChildSlots::default(),
            agents: ChildSlots::default(),
            teams: ChildSlots::default(),
            queues: ChildSlots::default(),
        }
    }

    /// The same, for a request that is one root field.
    #[must_use]
    pub fn of_single_root(self) -> Self {
        Self {
            is_single: true,
            ..self
        }
    }

    /// What their questions are answered from.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The answer to the one question of a root field: together with those of other root fields, and at once where there
    /// are none.
    pub async fn load_root<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        if !self.is_single {
            return self.load(question).await;
        }
        let answers = Q::answer(&self.reader, std::slice::from_ref(&question)).await;
        let mut answers = answers.map_err(|error| internal(Arc::new(error)))?;
        Ok(answers.remove(&question))
    }

    /// The answer to a question, asked together with others of its kind.
    pub async fn load<Q: Question>(&self, question: Q) -> Result<Option<Q::Answer>> {
        if let Some(answer) = question.known(&self.reader) {
            return Ok(Some(answer));
        }
        Ok(self.collect(vec![question.clone()]).await?.remove(&question))
    }

    /// The answers to questions that are known to be asked together, and with others of their kind. There may be more
    /// answers than questions.
    pub async fn load_many<Q: Question>(&self, questions: Vec<Q>) -> Result<HashMap<Q, Q::Answer>> {
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

    async fn collect<Q: Question>(&self, questions: Vec<Q>) -> Result<Answers<Q>> {
        let slot = Q::slot(self);
        loop {
            let (answer, answered) = oneshot::channel();
            let is_first = {
                let mut waiting = slot.waiting();
                waiting.push(Waiting {
                    questions: questions.clone(),
                    answer,
                });
                waiting.len() == 1
            };
            if is_first {
                let waiting = Collecting(slot).all().await;
                ask(&self.reader, waiting).await;
            }
            // Without an answer, the field that asked for this one was given up: a sibling of it failed.
            if let Ok(answer) = answered.await {
                return answer.map_err(internal);
            }
        }
    }
}

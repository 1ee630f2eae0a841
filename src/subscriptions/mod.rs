//! Runs operations of persistent connections, and executes equal subscriptions once.
//!
//! Layer 7. A subscription starts with a replay: an execution of its own, from the subscriber's position to the end of
//! the log. Then the subscriber joins the group of subscriptions with the same request and the same visible rows. The
//! group executes each event once, serializes the response once and sends it to all members. An idle subscriber costs
//! one entry in a table.
//!
//! Invariant: a subscriber receives each response after its position once and in order. A subscriber joins with the
//! position that it has received. If the group is ahead of it, the responses of the group wait until the events in
//! between are replayed. A slow connection does not delay others: when its buffer is full, its subscription ends with
//! an error that contains the cursor to resume from.

mod group;
mod outbox;
mod request;

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::pin,
    sync::{Arc, OnceLock},
};

use async_graphql::{Response, parser::types::OperationType};
use futures_util::{Stream, StreamExt};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use self::{
    group::{FormerMember, Group},
    outbox::{Disconnected, failed},
    request::{SubscriptionKey, SubscriptionRequest},
};
use crate::{
    events::ChangeCursor,
    graphql::{
        ExecutionSlots, Graph, IncomingRequest, LogPart, SharedLoaders, SubscriptionRun, admit,
        error::{broken_off, finish, out_of_room, slow_consumer},
        execute,
    },
};

pub use outbox::{EncodedResponse, Outbox, OutboxContent, OutboxItem, OutboxSender};

/// Runs operations. Cheap to clone.
#[derive(Clone)]
pub struct Subscriptions {
    graph: Graph,
    tasks: TaskTracker,
    groups: Arc<Mutex<HashMap<Arc<SubscriptionKey>, Arc<Group>>>>,
    loaders: Arc<SharedLoaders>,
    slots: ExecutionSlots,
}

/// A running operation. Aborted on drop.
#[derive(Debug)]
pub struct RunningOperation {
    task: AbortHandle,
    /// Shared with the task, which sets it when it joins a group.
    _membership: Arc<OnceLock<Membership>>,
}

impl Drop for RunningOperation {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Membership in a group. Ends on drop.
struct Membership {
    subscriptions: Subscriptions,
    key: Arc<SubscriptionKey>,
    group: Arc<Group>,
    number: u64,
}

impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // This lock prevents a join in between.
        let mut groups = self.subscriptions.groups.lock();
        if self.group.leave(self.number) {
            self.subscriptions.forget(&mut groups, &self.key, &self.group);
        }
    }
}

impl Subscriptions {
    /// Creates a runner for a graph. Operations run as tasks of `tasks`.
    pub fn new(graph: Graph, tasks: TaskTracker) -> Self {
        Self {
            graph,
            tasks,
            groups: Arc::default(),
            loaders: Arc::default(),
            slots: ExecutionSlots::default(),
        }
    }

    /// Runs an operation of any type and sends its messages to the outbox. If `resume` is given, a subscription starts
    /// after that cursor instead of the one in its arguments.
    pub fn begin(
        &self,
        open: impl FnOnce(&Graph) -> IncomingRequest + Send + 'static,
        resume: Option<ChangeCursor>,
        sender: OutboxSender,
    ) -> RunningOperation {
        let membership = Arc::default();
        let run = self.clone().run(open, resume, sender, Arc::clone(&membership));
        // An abort handle keeps the memory of the task. Boxed, the future is freed when it ends.
        let task = self.tasks.spawn(Box::pin(run)).abort_handle();
        RunningOperation {
            task,
            _membership: membership,
        }
    }

    async fn run(
        self,
        open: impl FnOnce(&Graph) -> IncomingRequest,
        resume: Option<ChangeCursor>,
        sender: OutboxSender,
        membership: Arc<OnceLock<Membership>>,
    ) {
        let incoming = open(&self.graph);
        // `Disconnected` means that the connection is closed, so there is no receiver for errors.
        let _ = if incoming.request.kind() == Some(OperationType::Subscription) {
            self.subscribe(incoming, resume, &sender, &membership).await
        } else {
            self.once(incoming, &sender).await
        };
    }

    async fn once(&self, incoming: IncomingRequest, sender: &OutboxSender) -> Result<(), Disconnected> {
        let (account, id) = (incoming.account.clone(), incoming.id.clone());
        let response = execute(&self.graph, incoming).await;
        if failed(&response) {
            // The operation may not have run at all. The message then has no data.
            return sender.send(OutboxContent::Failed(Box::new(response))).await;
        }
        let encoded = EncodedResponse::of(response, &account);
        if let Some(exceeded) = account.exceeded() {
            let response = finish(out_of_room(exceeded), &id.0);
            return sender.send(OutboxContent::Failed(Box::new(response))).await;
        }
        sender.send(OutboxContent::Next(Arc::new(encoded))).await?;
        sender.send(OutboxContent::Complete).await
    }

    async fn subscribe(
        &self,
        incoming: IncomingRequest,
        resume: Option<ChangeCursor>,
        sender: &OutboxSender,
        membership: &OnceLock<Membership>,
    ) -> Result<(), Disconnected> {
        let ready = match admit(&self.graph, incoming) {
            Ok(ready) => ready,
            Err(refused) => return sender.send(OutboxContent::Refused(refused)).await,
        };
        let (subscription, key) = SubscriptionRequest::of(ready);
        let key = Arc::new(key);
        let Some(mut reached) = self.replay(&subscription, resume, true, sender).await? else {
            return Ok(());
        };
        let mut waiting: Option<Membership> = None;
        let joined = loop {
            if let Some(member) = waiting.take() {
                match member.group.catch_up(member.number, reached) {
                    Ok(()) => break member,
                    Err(position) => reached = position,
                }
            } else {
                match self.join(&key, &subscription, reached, sender) {
                    (joined, false) => break joined,
                    (joined, true) => waiting = Some(joined),
                }
            }
            match self.replay(&subscription, Some(reached), false, sender).await? {
                Some(further) => reached = further,
                None => return Ok(()),
            }
        };
        // Set once, because an operation joins one group.
        let _ = membership.set(joined);
        Ok(())
    }

    /// Sends the events in the log and returns the position reached. `None` if the subscription has ended.
    async fn replay(
        &self,
        subscription: &SubscriptionRequest,
        resume: Option<ChangeCursor>,
        mut is_first: bool,
        sender: &OutboxSender,
    ) -> Result<Option<ChangeCursor>, Disconnected> {
        let run = SubscriptionRun::new(LogPart::Held { resume }, self.slots.of(subscription.viewer()));
        let mut responses = pin!(self.execute(subscription, run.clone()));
        while let Some(response) = responses.next().await {
            if is_first && failed(&response) && run.last().is_none() {
                sender.send(OutboxContent::Refused(Box::new(response))).await?;
                return Ok(None);
            }
            is_first = false;
            let response = Arc::new(EncodedResponse::in_run(response, &run, subscription.account()));
            run.end_turn(response.json.len());
            sender.send(OutboxContent::Next(response.clone())).await?;
            if response.is_ending() {
                sender.send(OutboxContent::Complete).await?;
                return Ok(None);
            }
        }
        let end = run.end();
        if end.is_none() {
            sender.send(OutboxContent::Complete).await?;
        }
        Ok(end)
    }

    /// Joins the group of equal subscriptions, or creates it. The second value is true if the group is ahead.
    fn join(
        &self,
        key: &Arc<SubscriptionKey>,
        subscription: &SubscriptionRequest,
        from: ChangeCursor,
        sender: &OutboxSender,
    ) -> (Membership, bool) {
        let mut groups = self.groups.lock();
        let membership = |number, key: &Arc<SubscriptionKey>, group: &Arc<Group>| Membership {
            subscriptions: self.clone(),
            key: key.clone(),
            group: group.clone(),
            number,
        };
        let entry = groups.entry(key.clone());
        if let Entry::Occupied(found) = &entry
            && let Some(joined) = found.get().join(sender.clone(), from)
        {
            // Uses the key of the table, because a copy would contain the document again.
            return (
                membership(joined.number, found.key(), found.get()),
                joined.is_behind,
            );
        }
        let (group, number) = Group::begin(sender.clone(), from);
        let group = Arc::new(group);
        let publish = self
            .clone()
            .publish(key.clone(), subscription.clone(), from, group.clone());
        group.published_by(self.tasks.spawn(Box::pin(publish)).abort_handle());
        entry.insert_entry(group.clone());
        (membership(number, key, &group), false)
    }

    /// Executes events for a group, starting after `after`.
    async fn publish(
        self,
        key: Arc<SubscriptionKey>,
        subscription: SubscriptionRequest,
        after: ChangeCursor,
        group: Arc<Group>,
    ) {
        let run = SubscriptionRun::new(LogPart::Live { after }, self.slots.of(subscription.viewer()));
        let mut publisher = PublisherGuard {
            subscriptions: self,
            key,
            group,
            id: subscription.id().to_owned(),
            is_over: false,
        };
        let mut responses = pin!(publisher.subscriptions.execute(&subscription, run.clone()));
        let account = subscription.account().clone();
        drop(subscription);
        while let Some(response) = responses.next().await {
            let response = Arc::new(EncodedResponse::in_run(response, &run, &account));
            run.end_turn(response.json.len());
            if publisher.publish(&response) {
                break;
            }
            // Lets the connections send the response before the next event is executed.
            tokio::task::yield_now().await;
        }
        publisher.is_over = true;
    }

    fn execute(
        &self,
        subscription: &SubscriptionRequest,
        run: SubscriptionRun,
    ) -> impl Stream<Item = Response> + Send + use<> {
        let loaders = self.loaders.of(&self.graph.services().db, &subscription.scope());
        subscription.again().stream(&self.graph, loaders, run)
    }

    /// Removes a group from the table and stops it.
    fn forget(
        &self,
        groups: &mut HashMap<Arc<SubscriptionKey>, Arc<Group>>,
        key: &SubscriptionKey,
        group: &Arc<Group>,
    ) {
        if groups.get(key).is_some_and(|current| Arc::ptr_eq(current, group)) {
            groups.remove(key);
        }
        group.stop();
    }
}

/// The execution for a group. On drop, ends the group in all cases, including a panic: members must not wait for a
/// response that never comes.
struct PublisherGuard {
    subscriptions: Subscriptions,
    key: Arc<SubscriptionKey>,
    group: Arc<Group>,
    id: String,
    /// True if the execution ended without being aborted.
    is_over: bool,
}

impl PublisherGuard {
    /// Sends a response to all members. Returns true if the execution ends with it.
    fn publish(&self, response: &Arc<EncodedResponse>) -> bool {
        for member in self.group.publish(response) {
            let error = slow_consumer(member.reached);
            self.end(member, Some(error));
        }
        response.is_ending() || self.group.end_if_empty()
    }

    /// Sends the last message to a former member as soon as its buffer has space.
    fn end(&self, member: FormerMember, last: Option<Response>) {
        let last = last.map(|last| EncodedResponse::last(finish(last, &self.id)));
        self.subscriptions.tasks.spawn(end(member.sender, last));
    }
}

impl Drop for PublisherGuard {
    fn drop(&mut self) {
        let members = {
            // This lock prevents a join in between.
            let mut groups = self.subscriptions.groups.lock();
            self.subscriptions.forget(&mut groups, &self.key, &self.group);
            self.group.end()
        };
        for member in members {
            let error = (!self.is_over).then(|| broken_off(member.reached));
            self.end(member, error);
        }
    }
}

/// Sends the last response, if any, and the completion, as soon as the buffer has space.
async fn end(sender: OutboxSender, response: Option<EncodedResponse>) {
    let last = match response {
        Some(response) => sender.send(OutboxContent::Next(Arc::new(response))).await,
        None => Ok(()),
    };
    if last.is_ok() {
        // Without effect if the connection is closed.
        let _ = sender.send(OutboxContent::Complete).await;
    }
}

//! Shared code of all subscriptions: the target, and the stream of events that the subscriber sees.

use std::sync::Arc;

use async_graphql::{Context, ID};
use entity::{ConversationId, CustomerId, TicketId, WorkspaceId};
use futures_util::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use uuid::Uuid;

use super::{
    context::ContextExt,
    error::{Result, bad_input, from_store, from_stream, workspace_required},
    execution_slots::{ExecutionPermit, ViewerSlots},
    id,
    loaders::{ConversationById, CustomerById, TicketById, WorkspaceById},
    scalars::ChangeCursor,
};
use crate::{
    events::{self, EventSelection, SharedEvent},
    service::wording,
    store::change::{self as log, ChangeFilter},
};

/// The arguments that select the target of a subscription. At most one is allowed.
#[derive(Clone, Debug, Default)]
pub struct TargetIds {
    /// Id of a ticket.
    pub ticket_id: Option<ID>,
    /// Id of a conversation.
    pub conversation_id: Option<ID>,
    /// Id of a customer.
    pub customer_id: Option<ID>,
    /// Id of a workspace.
    pub workspace_id: Option<ID>,
}

impl TargetIds {
    /// Returns the workspace whose log is read, and the filter for events of the target.
    async fn find(
        self,
        ctx: &Context<'_>,
        filter: ChangeFilter,
        after: Option<ChangeCursor>,
    ) -> Result<(WorkspaceId, ChangeFilter)> {
        let given = [
            ("ticketId", &self.ticket_id),
            ("conversationId", &self.conversation_id),
            ("customerId", &self.customer_id),
            ("workspaceId", &self.workspace_id),
        ];
        let mut named = given.iter().filter(|(_, id)| id.is_some());
        if let (Some((first, _)), Some((second, _))) = (named.next(), named.next()) {
            return Err(bad_input(second, &wording::not_with(first)));
        }
        let loaders = ctx.loaders();
        if let Some(id) = id::optional::<TicketId>("ticketId", self.ticket_id.as_ref())? {
            let row = loaders
                .load(TicketById(id))
                .await?
                .map(|row| row.workspace_id())
                .transpose()?;
            return Ok((
                workspace_of(ctx, row, id.0, after, "ticketId", "ticket").await?,
                ChangeFilter {
                    ticket: Some(id),
                    ..filter
                },
            ));
        }
        if let Some(id) = id::optional::<ConversationId>("conversationId", self.conversation_id.as_ref())? {
            let row = loaders
                .load(ConversationById(id))
                .await?
                .map(|row| row.workspace_id())
                .transpose()?;
            let workspace = workspace_of(ctx, row, id.0, after, "conversationId", "conversation").await?;
            return Ok((
                workspace,
                ChangeFilter {
                    conversation: Some(id),
                    ..filter
                },
            ));
        }
        if let Some(id) = id::optional::<CustomerId>("customerId", self.customer_id.as_ref())? {
            let row = loaders
                .load(CustomerById(id))
                .await?
                .map(|row| row.workspace_id())
                .transpose()?;
            let workspace = workspace_of(ctx, row, id.0, after, "customerId", "customer").await?;
            return Ok((
                workspace,
                ChangeFilter {
                    customer: Some(id),
                    ..filter
                },
            ));
        }
        Ok((workspace(ctx, self.workspace_id.as_ref()).await?, filter))
    }
}

/// Returns the workspace of a target. A deleted target is found in the log, so that a client that continues from a
/// cursor receives its deletion.
async fn workspace_of(
    ctx: &Context<'_>,
    workspace: Option<WorkspaceId>,
    id: Uuid,
    after: Option<ChangeCursor>,
    argument: &str,
    noun: &str,
) -> Result<WorkspaceId> {
    if let Some(workspace) = workspace {
        return Ok(workspace);
    }
    if let Some(ChangeCursor(after)) = after {
        let (db, scope) = (&ctx.services().db, ctx.viewer().scope());
        let is_logged = log::tells_of(db, &scope, after.workspace, id)
            .await
            .map_err(from_store)?;
        if is_logged {
            return Ok(after.workspace);
        }
    }
    Err(bad_input(argument, &not_found(noun)))
}

/// The error for an id of an object that does not exist or that the viewer cannot see.
fn not_found(noun: &str) -> String {
    format!("is not the id of an existing {noun}.")
}

/// Returns the named workspace, or the viewer's only workspace. Cursors belong to one workspace.
pub async fn workspace(ctx: &Context<'_>, named: Option<&ID>) -> Result<WorkspaceId> {
    match id::optional("workspaceId", named)? {
        Some(id) => {
            let row = ctx.loaders().load(WorkspaceById(id)).await?;
            Ok(row
                .ok_or_else(|| bad_input("workspaceId", &not_found("workspace")))?
                .id)
        }
        None => ctx.viewer().only_workspace().ok_or_else(workspace_required),
    }
}

/// Checks that a cursor belongs to the workspace.
pub fn position(cursor: ChangeCursor, workspace: WorkspaceId) -> Result<events::ChangeCursor> {
    if cursor.0.workspace != workspace {
        return Err(bad_input("after", "is a cursor of another workspace."));
    }
    Ok(cursor.0)
}

/// The part of the log that one execution of a subscription covers.
#[derive(Clone, Copy, Debug)]
pub enum LogPart {
    /// The events in the log. The execution then completes. `resume` overrides the argument `after`, because a client
    /// that reconnects automatically repeats the variables of its first request.
    Held {
        /// Cursor after which the execution starts.
        resume: Option<events::ChangeCursor>,
    },
    /// All events after a cursor. Overrides the argument `after`.
    Live {
        /// Cursor after which the execution starts.
        after: events::ChangeCursor,
    },
}

/// State of one execution of a subscription: its part of the log, and its progress, which the sender of responses
/// reads.
#[derive(Clone, Debug)]
pub struct SubscriptionRun {
    part: LogPart,
    progress: Arc<Mutex<Progress>>,
    slots: ViewerSlots,
    turn: Arc<Mutex<EventPermit>>,
}

/// Assumed size of the response to the first event, in bytes. Later events use the size of the previous response.
const FIRST: usize = 256 << 10;

/// The permits for the event that is executed.
#[derive(Debug)]
struct EventPermit {
    turn: Option<ExecutionPermit>,
    /// Size of the previous response, in bytes.
    bytes: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    last: Option<events::ChangeCursor>,
    end: Option<events::ChangeCursor>,
}

impl SubscriptionRun {
    /// Creates the state for a part of the log. Executions wait for permits of `slots`.
    pub fn new(part: LogPart, slots: ViewerSlots) -> Self {
        Self {
            part,
            progress: Arc::default(),
            slots,
            turn: Arc::new(Mutex::new(EventPermit {
                turn: None,
                bytes: FIRST,
            })),
        }
    }

    /// Waits for the permits to execute an event.
    async fn begin_turn(&self) {
        let bytes = self.turn.lock().bytes;
        let turn = self.slots.acquire(bytes).await;
        self.turn.lock().turn = Some(turn);
    }

    /// Releases the permits and records the size of the response.
    pub fn end_turn(&self, bytes: usize) {
        let mut permit = self.turn.lock();
        *permit = EventPermit { turn: None, bytes };
    }

    /// Releases the permits of an event that has no response.
    fn skip_turn(&self) {
        self.turn.lock().turn = None;
    }

    /// Returns the cursor after which the execution starts, if it was given to the execution.
    pub fn start(&self) -> Option<events::ChangeCursor> {
        match self.part {
            LogPart::Held { resume } => resume,
            LogPart::Live { after } => Some(after),
        }
    }

    /// Returns the cursor of the last event. `None` before the first.
    pub fn last(&self) -> Option<events::ChangeCursor> {
        self.progress.lock().last
    }

    /// Returns the cursor to continue from after a replay. `None` until the replay is complete.
    pub fn end(&self) -> Option<events::ChangeCursor> {
        self.progress.lock().end
    }

    fn record(&self, event: &events::Event) {
        self.progress.lock().last = Some(event.cursor());
    }
}

/// Returns the events of this execution that match the target and the filter and that the subscriber sees.
pub async fn follow(
    ctx: &Context<'_>,
    ids: TargetIds,
    filter: ChangeFilter,
    after: Option<ChangeCursor>,
) -> Result<impl Stream<Item = Result<SharedEvent>> + use<>> {
    let run: &SubscriptionRun = ctx.data_unchecked();
    let after = match run.part {
        LogPart::Held { resume } => resume.map(ChangeCursor).or(after),
        LogPart::Live { after } => Some(ChangeCursor(after)),
    };
    let (workspace, filter) = ids.find(ctx, filter, after).await?;
    let after = after.map(|cursor| position(cursor, workspace)).transpose()?;
    let (hub, scope) = (&ctx.services().hub, ctx.viewer().scope());
    let wanted = EventSelection {
        workspace,
        scope,
        filter,
    };
    let events = match (run.part, after) {
        (LogPart::Live { .. }, Some(after)) => {
            let live = events::stream(hub, wanted, after).await.map_err(from_stream)?;
            live.left_stream()
        }
        (_, after) => {
            let run = run.clone();
            let on_end = Box::new(move |end| run.progress.lock().end = Some(end));
            let held = events::replay(hub, wanted, after, on_end).await;
            let held = held.map_err(from_stream)?;
            held.right_stream()
        }
    };
    let mut events = Box::pin(events);
    let (run, source) = (run.clone(), run.clone());
    let events = stream::poll_fn(move |context| {
        // A poll for the next event means that the previous one is complete, with or without a response.
        source.skip_turn();
        events.as_mut().poll_next(context)
    });
    Ok(events.then(move |event| {
        let run = run.clone();
        async move {
            let event = event.map_err(from_stream)?;
            run.record(&event);
            run.begin_turn().await;
            Ok(event)
        }
    }))
}

/// Ends the stream after the first error. A subscriber that resumes from its cursor must not have received later
/// events.
pub fn until_error<T>(items: impl Stream<Item = Result<T>>) -> impl Stream<Item = Result<T>> {
    stream::unfold(Some(Box::pin(items)), |items| async {
        let mut items = items?;
        let item = items.next().await?;
        // The stream is dropped and not polled again, because a poll would wait for the next event.
        let rest = item.is_ok().then_some(items);
        Some((item, rest))
    })
}

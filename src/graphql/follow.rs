//! What every subscription shares: whose events it wants, and the stream of those that the subscriber may see.

use std::{
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::{Context, ID};
use entity::{ConversationId, CustomerId, TicketId, WorkspaceId};
use futures_util::{Stream, StreamExt, stream};
use uuid::Uuid;

use super::{
    context::ContextExt,
    error::{Result, bad_input, from_store, from_stream, workspace_required},
    id,
    loaders::{ConversationById, CustomerById, TicketById, WorkspaceById},
    scalars::ChangeCursor,
    turns::{Lane, Turn},
};
use crate::{
    events::{self, SharedEvent, Wanted},
    store::change::{self as log, ChangeFilter},
};

/// The arguments that say whose events are wanted: at most one of them.
#[derive(Clone, Debug, Default)]
pub struct TargetIds {
    /// A ticket.
    pub ticket_id: Option<ID>,
    /// A conversation.
    pub conversation_id: Option<ID>,
    /// A customer.
    pub customer_id: Option<ID>,
    /// A whole workspace.
    pub workspace_id: Option<ID>,
}

impl TargetIds {
    /// Whose log is followed, and which events of it.
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
        if let Some((name, _)) = given.iter().filter(|(_, id)| id.is_some()).nth(1) {
            return Err(bad_input(name, "give at most one target."));
        }
        let loaders = ctx.loaders();
        if let Some(id) = id::optional::<TicketId>("ticketId", self.ticket_id.as_ref())? {
            let row = loaders.load(TicketById(id)).await?.map(|row| row.workspace_id);
            return Ok((
                there(ctx, row, id.0, after, "ticketId", "ticket").await?,
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
                .map(|row| row.workspace_id);
            let workspace = there(ctx, row, id.0, after, "conversationId", "conversation").await?;
            return Ok((
                workspace,
                ChangeFilter {
                    conversation: Some(id),
                    ..filter
                },
            ));
        }
        if let Some(id) = id::optional::<CustomerId>("customerId", self.customer_id.as_ref())? {
            let row = loaders.load(CustomerById(id)).await?.map(|row| row.workspace_id);
            let workspace = there(ctx, row, id.0, after, "customerId", "customer").await?;
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

/// The workspace of a target. One that is gone is still told of by the log: whoever goes on from a cursor learns what
/// became of it.
async fn there(
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
        let told = log::tells_of(db, &scope, after.workspace, id)
            .await
            .map_err(from_store)?;
        if told {
            return Ok(after.workspace);
        }
    }
    Err(bad_input(argument, &format!("there is no such {noun}.")))
}

/// The workspace that is named, or the viewer's only one: a cursor lives in one workspace.
pub async fn workspace(ctx: &Context<'_>, named: Option<&ID>) -> Result<WorkspaceId> {
    match id::optional("workspaceId", named)? {
        Some(id) => {
            let row = ctx.loaders().load(WorkspaceById(id)).await?;
            Ok(row
                .ok_or_else(|| bad_input("workspaceId", "there is no such workspace."))?
                .id)
        }
        None => ctx.viewer().only_workspace().ok_or_else(workspace_required),
    }
}

/// A cursor, which must be of a workspace's log.
pub fn position(cursor: ChangeCursor, workspace: WorkspaceId) -> Result<events::ChangeCursor> {
    if cursor.0.workspace != workspace {
        return Err(bad_input("after", "this is a cursor of another workspace."));
    }
    Ok(cursor.0)
}

/// Which part of the log one execution of a subscription gives.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// What is there already, then it completes. The position goes before the argument `after`: a client that comes
    /// back by itself sends the variables of its first time.
    Held {
        /// Behind which position.
        resume: Option<events::ChangeCursor>,
    },
    /// Everything behind a position, whatever the arguments say.
    Live {
        /// That position.
        after: events::ChangeCursor,
    },
}

/// How one execution of a subscription goes: what it gives, and how far it came, for whoever carries its answers.
#[derive(Clone, Debug)]
pub struct Run {
    part: Part,
    heard: Arc<Mutex<Heard>>,
    lane: Lane,
    turn: Arc<Mutex<Turning>>,
}

/// Bytes for which the answer to the first event is taken: how large it gets is not known before.
const FIRST: usize = 256 << 10;

/// The turn of the event that is being executed.
#[derive(Debug)]
struct Turning {
    turn: Option<Turn>,
    /// Bytes of the answer before.
    bytes: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    last: Option<events::ChangeCursor>,
    end: Option<events::ChangeCursor>,
}

impl Run {
    /// One that gives this part, and executes when it is the viewer's turn.
    pub fn new(part: Part, lane: Lane) -> Self {
        Self {
            part,
            heard: Arc::default(),
            lane,
            turn: Arc::new(Mutex::new(Turning {
                turn: None,
                bytes: FIRST,
            })),
        }
    }

    /// Waits for the turn to execute an event.
    async fn begin_turn(&self) {
        let bytes = self.turning().bytes;
        let turn = self.lane.turn(bytes).await;
        self.turning().turn = Some(turn);
    }

    /// The event was executed, and its answer has so many bytes.
    pub fn end_turn(&self, bytes: usize) {
        let mut turning = self.turning();
        *turning = Turning { turn: None, bytes };
    }

    /// The event was not answered.
    fn skip_turn(&self) {
        self.turning().turn = None;
    }

    fn turning(&self) -> MutexGuard<'_, Turning> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The position behind which it was told to begin.
    pub fn begun(&self) -> Option<events::ChangeCursor> {
        match self.part {
            Part::Held { resume } => resume,
            Part::Live { after } => Some(after),
        }
    }

    /// The position of the event that was given last; none before the first.
    pub fn last(&self) -> Option<events::ChangeCursor> {
        self.heard().last
    }

    /// The position to go on from when all that is held was given; none as long as it was not.
    pub fn end(&self) -> Option<events::ChangeCursor> {
        let Heard { last, end } = *self.heard();
        // More may have been written while the log was read.
        end.map(|end| last.filter(|last| last.position > end.position).unwrap_or(end))
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: &events::Event) {
        self.heard().last = Some(event.cursor());
    }
}

/// The events that are wanted and that the subscriber may see, of the part of the log that this execution gives.
pub async fn follow(
    ctx: &Context<'_>,
    ids: TargetIds,
    filter: ChangeFilter,
    after: Option<ChangeCursor>,
) -> Result<impl Stream<Item = Result<SharedEvent>> + use<>> {
    let run: &Run = ctx.data_unchecked();
    let after = match run.part {
        Part::Held { resume } => resume.map(ChangeCursor).or(after),
        Part::Live { after } => Some(ChangeCursor(after)),
    };
    let (workspace, filter) = ids.find(ctx, filter, after).await?;
    let after = after.map(|cursor| position(cursor, workspace)).transpose()?;
    let (hub, scope) = (&ctx.services().hub, ctx.viewer().scope());
    let wanted = Wanted {
        workspace,
        scope,
        filter,
    };
    let events = match (run.part, after) {
        (Part::Live { .. }, Some(after)) => {
            let live = events::stream(hub, wanted, after).await.map_err(from_stream)?;
            live.left_stream()
        }
        (_, after) => {
            let (end, held) = events::replay(hub, wanted, after).await.map_err(from_stream)?;
            let run = run.clone();
            let ended = stream::once(async move {
                run.heard().end = Some(end);
                None
            });
            held.chain(ended.filter_map(ready)).right_stream()
        }
    };
    let mut events = Box::pin(events);
    let (run, source) = (run.clone(), run.clone());
    let events = stream::poll_fn(move |context| {
        // When the next event is wanted, the last one is done, answered or not.
        source.skip_turn();
        events.as_mut().poll_next(context)
    });
    Ok(events.then(move |event| {
        let run = run.clone();
        async move {
            let event = event.map_err(from_stream)?;
            run.note(&event);
            run.begin_turn().await;
            Ok(event)
        }
    }))
}

/// Ends behind the first error: whoever goes on from its cursor must not have been given anything behind it.
pub fn until_error<T>(items: impl Stream<Item = Result<T>>) -> impl Stream<Item = Result<T>> {
    stream::unfold(Some(Box::pin(items)), |items| async {
        let mut items = items?;
        let item = items.next().await?;
        // Not asked again: it would wait for the next event first.
        let rest = item.is_ok().then_some(items);
        Some((item, rest))
    })
}

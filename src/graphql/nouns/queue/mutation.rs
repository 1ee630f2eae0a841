//! Fields of the mutation root for queues.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::queue::{Entity, Model};

use super::Queue;
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::plain,
        mutate::run,
        payload::{Refusal, UserError},
        scalars::ChangeCursor,
    },
    service::{
        self, Patch,
        group::{CreateGroup, GroupFields},
    },
};

/// Fields of a new queue.
#[derive(Clone, Debug, InputObject)]
pub struct QueueCreateInput {
    /// Workspace of the queue. When omitted or null, the workspace is the viewer's only one. A viewer with
    /// several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.
    workspace_id: Option<ID>,
    /// Name of the queue: 1 to 300 characters, not blank.
    name: String,
}

/// Fields of a queue to change. Fields that are omitted keep their value.
#[derive(Clone, Debug, InputObject)]
pub struct QueueUpdateInput {
    /// Name of the queue: 1 to 300 characters, not blank. Null is refused with `REQUIRED`.
    name: MaybeUndefined<String>,
}

/// Result of a mutation of a queue.
#[derive(Default, SimpleObject)]
pub struct QueuePayload {
    /// The queue after the mutation. Null when `userErrors` is not empty.
    queue: Option<Queue>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null. Queues are settings, and the change log does not record settings.
    cursor: Option<ChangeCursor>,
}

impl QueuePayload {
    fn new(written: std::result::Result<Model, Refusal>) -> Self {
        match written {
            Ok(row) => Self {
                queue: Some(Queue(row.into())),
                ..Self::default()
            },
            Err(refusal) => Self {
                user_errors: refusal.user_errors,
                ..Self::default()
            },
        }
    }
}

/// Fields of the mutation root for queues.
#[derive(Default)]
pub struct QueueMutation;

#[Object]
impl QueueMutation {
    /// Creates a queue. A workspace has at most 500 queues; one more is refused with `INVALID`. Requires the
    /// grant `admin`. Returns the queue. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`,
    /// `INVALID`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
    async fn queue_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Fields of the new queue.")] input: QueueCreateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
        idempotency_key: Option<String>,
    ) -> Result<QueuePayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::group::create::<Entity>(&services, viewer, request).await },
        );
        Ok(QueuePayload::new(written.await?))
    }

    /// Changes a queue. Fields that are omitted keep their value. Requires the grant `admin`. Returns the queue
    /// after the change. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`,
    /// `IDEMPOTENCY_KEY_REUSED`.
    async fn queue_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the queue.")] id: ID,
        #[graphql(desc = "Fields to change.")] input: QueueUpdateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
        idempotency_key: Option<String>,
    ) -> Result<QueuePayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(&id),
            |services, (id, fields)| async move {
                service::group::update::<Entity>(&services, viewer, id, fields).await
            },
        );
        Ok(QueuePayload::new(written.await?))
    }
}

impl QueueCreateInput {
    fn read(self) -> std::result::Result<CreateGroup, service::UserError> {
        Ok(CreateGroup {
            workspace: id::optional_input(&["input", "workspaceId"], self.workspace_id.as_ref())?,
            name: self.name,
            agents: Vec::new(),
        })
    }
}

impl QueueUpdateInput {
    fn read(self, id: &ID) -> std::result::Result<(entity::QueueId, GroupFields), service::UserError> {
        let fields = GroupFields {
            name: plain(self.name),
            agents: Patch::Keep,
        };
        Ok((id::input(&["id"], id)?, fields))
    }
}

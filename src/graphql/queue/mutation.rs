//! The part of the mutation root on queues.

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

/// A new queue.
#[derive(Clone, Debug, InputObject)]
pub struct QueueCreateInput {
    /// Where; the viewer's only workspace when absent.
    workspace_id: Option<ID>,
    /// What people call it: 1 to 300 characters.
    name: String,
}

/// What changes of a queue. An absent field is left alone.
#[derive(Clone, Debug, InputObject)]
pub struct QueueUpdateInput {
    /// What people call it: 1 to 300 characters. Cannot be cleared.
    name: MaybeUndefined<String>,
}

/// What a mutation of a queue answers.
#[derive(Default, SimpleObject)]
pub struct QueuePayload {
    /// The queue as it is now; null when there are userErrors.
    queue: Option<Queue>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null: queues are settings, and write nothing into the change log.
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

/// The part of the mutation root on queues.
#[derive(Default)]
pub struct QueueMutation;

#[Object]
impl QueueMutation {
    /// Makes a queue. Needs the grant admin.
    async fn queue_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The queue.")] input: QueueCreateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
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

    /// Changes fields of a queue. Needs the grant admin.
    async fn queue_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "An absent field is left alone.")] input: QueueUpdateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
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

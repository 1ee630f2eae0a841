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
        payload::{UserError, answer},
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
    fn new(written: std::result::Result<Model, Vec<UserError>>) -> Self {
        match written {
            Ok(row) => Self {
                queue: Some(Queue(row.into())),
                ..Self::default()
            },
            Err(user_errors) => Self {
                user_errors,
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
    ) -> Result<QueuePayload> {
        let written = match input.read() {
            Ok(request) => service::group::create::<Entity>(ctx.services(), ctx.viewer(), request).await,
            Err(error) => Err(error.into()),
        };
        Ok(QueuePayload::new(answer(written)?))
    }

    /// Changes fields of a queue. Needs the grant admin.
    async fn queue_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "An absent field is left alone.")] input: QueueUpdateInput,
    ) -> Result<QueuePayload> {
        let written = match input.read(&id) {
            Ok((id, fields)) => {
                service::group::update::<Entity>(ctx.services(), ctx.viewer(), id, fields).await
            }
            Err(error) => Err(error.into()),
        };
        Ok(QueuePayload::new(answer(written)?))
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

//! Fields of the mutation root for queues.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use entity::queue::{Entity, Model};

use super::Queue;
use crate::{
    graphql::{
        id,
        input::plain,
        mutate::mutations,
        payload::{UserError, refused},
    },
    service::{
        self, Patch,
        group::{CreateGroup, GroupFields, UpdateGroup},
    },
};

/// Fields of a new queue.
#[derive(Clone, Debug, InputObject)]
pub struct QueueCreateInput {
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
}

refused!(QueuePayload);

impl From<Model> for QueuePayload {
    fn from(row: Model) -> Self {
        Self {
            queue: Some(Queue(row.into())),
            ..Self::default()
        }
    }
}

mutations! {
    /// Fields of the mutation root for queues.
    QueueMutation {
        /// Creates a queue. A workspace has at most 500 queues; one more is refused with `INVALID`. Requires the
        /// grant `ADMIN`. Returns the queue. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`,
        /// `INVALID`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
        queue_create(
            workspace_id: Option<ID> =
                "Workspace of the queue. When omitted or null, the workspace is the viewer's only one. A viewer with \
                 several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.",
            input: QueueCreateInput = "Fields of the new queue.",
        ) -> QueuePayload {
            input.read(workspace_id.as_ref()) => service::group::create::<Entity>
        }

        /// Changes a queue. Fields that are omitted keep their value. Requires the grant `ADMIN`. Returns the queue
        /// after the change. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`,
        /// `IDEMPOTENCY_KEY_REUSED`.
        queue_update(
            id: ID = "Id of the queue.",
            input: QueueUpdateInput = "Fields to change.",
        ) -> QueuePayload {
            input.read(&id) => service::group::update::<Entity>
        }
    }
}

impl QueueCreateInput {
    fn read(self, workspace: Option<&ID>) -> Result<CreateGroup, service::UserError> {
        Ok(CreateGroup {
            workspace: id::workspace(workspace)?,
            name: self.name,
            agents: Vec::new(),
        })
    }
}

impl QueueUpdateInput {
    fn read(self, id: &ID) -> Result<UpdateGroup<Entity>, service::UserError> {
        let fields = GroupFields {
            name: plain(self.name),
            agents: Patch::Keep,
        };
        let id = id::input(&["id"], id)?;
        Ok(UpdateGroup { id, fields })
    }
}

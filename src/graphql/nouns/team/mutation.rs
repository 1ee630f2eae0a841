//! Fields of the mutation root for teams.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::team::{Entity, Model};

use super::Team;
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::{self, plain},
        mutate::run,
        payload::{Refusal, UserError},
        scalars::ChangeCursor,
    },
    service::{
        self,
        group::{CreateGroup, GroupFields},
    },
};

/// Fields of a new team.
#[derive(Clone, Debug, InputObject)]
pub struct TeamCreateInput {
    /// Workspace of the team. When omitted or null, the workspace is the viewer's only one. A viewer with
    /// several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.
    workspace_id: Option<ID>,
    /// Name of the team: 1 to 300 characters, not blank.
    name: String,
    /// Agents of the team: up to 100 ids, all of the team's workspace. No agents when omitted or null.
    agent_ids: Option<Vec<ID>>,
}

/// Fields of a team to change. Fields that are omitted keep their value.
#[derive(Clone, Debug, InputObject)]
pub struct TeamUpdateInput {
    /// Name of the team: 1 to 300 characters, not blank. Null is refused with `REQUIRED`.
    name: MaybeUndefined<String>,
    /// Agents of the team: up to 100 ids, all of the team's workspace. The list replaces the present agents. An
    /// empty list or null removes all agents.
    agent_ids: MaybeUndefined<Vec<ID>>,
}

/// Result of a mutation of a team.
#[derive(Default, SimpleObject)]
pub struct TeamPayload {
    /// The team after the mutation. Null when `userErrors` is not empty.
    team: Option<Team>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null. Teams are settings, and the change log does not record settings.
    cursor: Option<ChangeCursor>,
}

impl TeamPayload {
    fn new(written: std::result::Result<Model, Refusal>) -> Self {
        match written {
            Ok(row) => Self {
                team: Some(Team(row.into())),
                ..Self::default()
            },
            Err(refusal) => Self {
                user_errors: refusal.user_errors,
                ..Self::default()
            },
        }
    }
}

/// Fields of the mutation root for teams.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Creates a team. A workspace has at most 500 teams; one more is refused with `INVALID`. Requires the
    /// grant `admin`. Returns the team. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`,
    /// `INVALID`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
    async fn team_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Fields of the new team.")] input: TeamCreateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
        idempotency_key: Option<String>,
    ) -> Result<TeamPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::group::create::<Entity>(&services, viewer, request).await },
        );
        Ok(TeamPayload::new(written.await?))
    }

    /// Changes a team. Fields that are omitted keep their value. Requires the grant `admin`. Returns the team
    /// after the change. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`,
    /// `IDEMPOTENCY_KEY_REUSED`.
    async fn team_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the team.")] id: ID,
        #[graphql(desc = "Fields to change.")] input: TeamUpdateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
        idempotency_key: Option<String>,
    ) -> Result<TeamPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(&id),
            |services, (id, fields)| async move {
                service::group::update::<Entity>(&services, viewer, id, fields).await
            },
        );
        Ok(TeamPayload::new(written.await?))
    }
}

impl TeamCreateInput {
    fn read(self) -> std::result::Result<CreateGroup, service::UserError> {
        Ok(CreateGroup {
            workspace: id::optional_input(&["input", "workspaceId"], self.workspace_id.as_ref())?,
            name: self.name,
            agents: id::list(&["input", "agentIds"], &self.agent_ids.unwrap_or_default())?,
        })
    }
}

impl TeamUpdateInput {
    fn read(self, id: &ID) -> std::result::Result<(entity::TeamId, GroupFields), service::UserError> {
        let fields = GroupFields {
            name: plain(self.name),
            agents: input::read(self.agent_ids, "agent_ids", input::id_list)?,
        };
        Ok((id::input(&["id"], id)?, fields))
    }
}

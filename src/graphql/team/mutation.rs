//! The part of the mutation root on teams.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::team::{Entity, Model};

use super::Team;
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
        self,
        group::{CreateGroup, GroupFields},
    },
};

/// A new team.
#[derive(Clone, Debug, InputObject)]
pub struct TeamCreateInput {
    /// Where; the viewer's only workspace when absent.
    workspace_id: Option<ID>,
    /// What people call it: 1 to 300 characters.
    name: String,
    /// Who is in it: at most 100 agents.
    agent_ids: Option<Vec<ID>>,
}

/// What changes of a team. An absent field is left alone.
#[derive(Clone, Debug, InputObject)]
pub struct TeamUpdateInput {
    /// What people call it: 1 to 300 characters. Cannot be cleared.
    name: MaybeUndefined<String>,
    /// Who is in it: at most 100 agents, in place of those who were.
    agent_ids: MaybeUndefined<Vec<ID>>,
}

/// What a mutation of a team answers.
#[derive(Default, SimpleObject)]
pub struct TeamPayload {
    /// The team as it is now; null when there are userErrors.
    team: Option<Team>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null: teams are settings, and write nothing into the change log.
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

/// The part of the mutation root on teams.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team. Needs the grant admin.
    async fn team_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team.")] input: TeamCreateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
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

    /// Changes fields of a team. Needs the grant admin.
    async fn team_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "An absent field is left alone.")] input: TeamUpdateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
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
            agents: id::list_patch(&["input", "agentIds"], self.agent_ids)?,
        };
        Ok((id::input(&["id"], id)?, fields))
    }
}

//! The part of the mutation root on agents.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Agent, AgentRole};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::{patch, plain},
        mutate::run,
        payload::{Refusal, UserError},
        scalars::ChangeCursor,
    },
    service::{
        self,
        agent::{AgentFields, CreateAgent, UpdateAgent},
    },
};

/// A new agent.
#[derive(Clone, Debug, InputObject)]
pub struct AgentCreateInput {
    /// Where; the viewer's only workspace when absent.
    workspace_id: Option<ID>,
    /// Full name: 1 to 300 characters.
    name: String,
    /// Address: at most 254 characters, unique among the agents of the workspace without the case of A to Z.
    email: String,
    /// What the agent may do.
    #[graphql(default_with = "Some(AgentRole::Agent)")]
    role: Option<AgentRole>,
    /// The teams that the agent is in: at most 100.
    team_ids: Option<Vec<ID>>,
}

/// What changes of an agent. An absent field is left alone.
#[derive(Clone, Debug, InputObject)]
pub struct AgentUpdateInput {
    /// Full name: 1 to 300 characters. Cannot be cleared.
    name: MaybeUndefined<String>,
    /// Address, unique among the agents of the workspace without the case of A to Z. Cannot be cleared.
    email: MaybeUndefined<String>,
    /// What the agent may do. Cannot be cleared. Tokens that were issued keep the role that stands in them.
    role: MaybeUndefined<AgentRole>,
    /// The teams that the agent is in: at most 100, in place of those there were.
    team_ids: MaybeUndefined<Vec<ID>>,
    /// False ends the agent's access within two seconds, on every node: tokens are refused, sockets and event streams end. What
    /// the agent has stays with it, and nothing is given to it any more. True lets it work again. Cannot be cleared.
    is_active: MaybeUndefined<bool>,
}

/// What a mutation of an agent answers.
#[derive(Default, SimpleObject)]
pub struct AgentPayload {
    /// The agent as it is now; null when there are userErrors.
    agent: Option<Agent>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null: agents are settings, and write nothing into the change log.
    cursor: Option<ChangeCursor>,
}

impl AgentPayload {
    fn new(written: std::result::Result<entity::agent::Model, Refusal>) -> Self {
        match written {
            Ok(row) => Self {
                agent: Some(Agent(row.into())),
                ..Self::default()
            },
            Err(refusal) => Self {
                user_errors: refusal.user_errors,
                ..Self::default()
            },
        }
    }
}

/// The part of the mutation root on agents.
#[derive(Default)]
pub struct AgentMutation;

#[Object]
impl AgentMutation {
    /// Makes an agent. Needs the grant admin. A taken email is `EMAIL_TAKEN` with existingId.
    async fn agent_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The agent.")] input: AgentCreateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
        idempotency_key: Option<String>,
    ) -> Result<AgentPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::agent::create(&services, viewer, request).await },
        );
        Ok(AgentPayload::new(written.await?))
    }

    /// Changes fields of an agent and answers it. Needs the grant admin. User errors: `NOT_FOUND`, `REQUIRED`, `INVALID`,
    /// `TOO_LONG`, `EMAIL_TAKEN` with existingId, and `LAST_ADMIN` for ending the only active admin of a workspace, or making
    /// it an agent.
    async fn agent_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] id: ID,
        #[graphql(desc = "An absent field is left alone.")] input: AgentUpdateInput,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
        idempotency_key: Option<String>,
    ) -> Result<AgentPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(&id),
            |services, request| async move { service::agent::update(&services, viewer, request).await },
        );
        Ok(AgentPayload::new(written.await?))
    }
}

impl AgentCreateInput {
    fn read(self) -> std::result::Result<CreateAgent, service::UserError> {
        Ok(CreateAgent {
            workspace: id::optional_input(&["input", "workspaceId"], self.workspace_id.as_ref())?,
            name: self.name,
            email: self.email,
            role: self.role.unwrap_or(AgentRole::Agent).into(),
            teams: id::list(&["input", "teamIds"], &self.team_ids.unwrap_or_default())?,
        })
    }
}

impl AgentUpdateInput {
    fn read(self, id: &ID) -> std::result::Result<UpdateAgent, service::UserError> {
        let fields = AgentFields {
            name: plain(self.name),
            email: plain(self.email),
            role: patch(self.role, Into::into),
            teams: id::list_patch(&["input", "teamIds"], self.team_ids)?,
            is_active: plain(self.is_active),
        };
        let id = id::input(&["id"], id)?;
        Ok(UpdateAgent { id, fields })
    }
}

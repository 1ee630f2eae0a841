//! Fields of the mutation root for agents.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Agent, AgentRole};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::{self, patch, plain},
        mutate::run,
        payload::{Refusal, UserError},
        scalars::ChangeCursor,
    },
    service::{
        self,
        agent::{AgentFields, CreateAgent, UpdateAgent},
    },
};

/// Fields of a new agent.
#[derive(Clone, Debug, InputObject)]
pub struct AgentCreateInput {
    /// Workspace of the agent. When omitted or null, the workspace is the viewer's only one. A viewer with
    /// several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.
    workspace_id: Option<ID>,
    /// Full name: 1 to 300 characters, not blank.
    name: String,
    /// Email address: up to 254 characters. Unique among the agents of the workspace, compared without the case
    /// of A to Z.
    email: String,
    /// Role of the agent. `AGENT` when omitted or null.
    #[graphql(default_with = "Some(AgentRole::Agent)")]
    role: Option<AgentRole>,
    /// Teams of the agent: up to 100 ids, all of the agent's workspace. A team has at most 100 agents. No teams
    /// when omitted or null.
    team_ids: Option<Vec<ID>>,
}

/// Fields of an agent to change. Fields that are omitted keep their value.
#[derive(Clone, Debug, InputObject)]
pub struct AgentUpdateInput {
    /// Full name: 1 to 300 characters, not blank. Null is refused with `REQUIRED`.
    name: MaybeUndefined<String>,
    /// Email address: up to 254 characters. Unique among the agents of the workspace, compared without the case
    /// of A to Z. Null is refused with `REQUIRED`.
    email: MaybeUndefined<String>,
    /// Role of the agent. Tokens that were issued before the change keep their role until they expire. Null is
    /// refused with `REQUIRED`.
    role: MaybeUndefined<AgentRole>,
    /// Teams of the agent: up to 100 ids, all of the agent's workspace. The list replaces the present teams. An
    /// empty list or null removes the agent from all teams.
    team_ids: MaybeUndefined<Vec<ID>>,
    /// False ends the agent's access on every node within two seconds: its tokens are refused, and its
    /// WebSocket connections and event streams end. Existing assignments and teams of the agent stay, and
    /// mutations cannot assign tickets or conversations to it. True restores access with tokens that have not
    /// expired. Null is refused with `REQUIRED`.
    is_active: MaybeUndefined<bool>,
}

/// Result of a mutation of an agent.
#[derive(Default, SimpleObject)]
pub struct AgentPayload {
    /// The agent after the mutation. Null when `userErrors` is not empty.
    agent: Option<Agent>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null. Agents are settings, and the change log does not record settings.
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

/// Fields of the mutation root for agents.
#[derive(Default)]
pub struct AgentMutation;

#[Object]
impl AgentMutation {
    /// Creates an agent. Requires the grant `admin`. Returns the agent. With `EMAIL_TAKEN`, `existingId` is the
    /// agent that has the email. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`,
    /// `TOO_LONG`, `EMAIL_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
    async fn agent_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Fields of the new agent.")] input: AgentCreateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
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

    /// Changes an agent. Fields that are omitted keep their value. Requires the grant `admin`. Returns the
    /// agent after the change. With `EMAIL_TAKEN`, `existingId` is the agent that has the email. `LAST_ADMIN`
    /// is returned for a change that deactivates the only active admin of a workspace or takes away its role
    /// `ADMIN`. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `EMAIL_TAKEN`,
    /// `LAST_ADMIN`, `IDEMPOTENCY_KEY_REUSED`.
    async fn agent_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the agent.")] id: ID,
        #[graphql(desc = "Fields to change.")] input: AgentUpdateInput,
        #[graphql(
            desc = "Idempotency key: 1 to 255 characters without control characters, separate for each \
                    caller. A request repeated with the same key and arguments does not run again: it \
                    returns the first result, with the object as it is now. Keys are stored for 24 hours by \
                    default."
        )]
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
            teams: input::read(self.team_ids, "team_ids", input::id_list)?,
            is_active: plain(self.is_active),
        };
        let id = id::input(&["id"], id)?;
        Ok(UpdateAgent { id, fields })
    }
}

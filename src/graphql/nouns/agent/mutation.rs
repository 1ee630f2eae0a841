//! Fields of the mutation root for agents.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use super::{Agent, AgentRole};
use crate::{
    graphql::{
        id,
        input::{self, patch, plain},
        mutate::mutations,
        payload::{UserError, refused},
    },
    service::{
        self,
        agent::{AgentFields, CreateAgent, UpdateAgent},
    },
};

/// Fields of a new agent.
#[derive(Clone, Debug, InputObject)]
pub struct AgentCreateInput {
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
}

refused!(AgentPayload);

impl From<entity::agent::Model> for AgentPayload {
    fn from(row: entity::agent::Model) -> Self {
        Self {
            agent: Some(Agent(row.into())),
            ..Self::default()
        }
    }
}

mutations! {
    /// Fields of the mutation root for agents.
    AgentMutation {
        /// Creates an agent. Requires the grant `ADMIN`. Returns the agent. With `EMAIL_TAKEN`, `existingId` is the
        /// agent that has the email. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`,
        /// `TOO_LONG`, `EMAIL_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
        agent_create(
            workspace_id: Option<ID> =
                "Workspace of the agent. When omitted or null, the workspace is the viewer's only one. A viewer with \
                 several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.",
            input: AgentCreateInput = "Fields of the new agent.",
        ) -> AgentPayload {
            input.read(workspace_id.as_ref()) => service::agent::create
        }

        /// Changes an agent. Fields that are omitted keep their value. Requires the grant `ADMIN`. Returns the
        /// agent after the change. With `EMAIL_TAKEN`, `existingId` is the agent that has the email. `LAST_ADMIN`
        /// is returned for a change that deactivates the only active admin of a workspace or takes away its role
        /// `ADMIN`. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `EMAIL_TAKEN`,
        /// `LAST_ADMIN`, `IDEMPOTENCY_KEY_REUSED`.
        agent_update(
            id: ID = "Id of the agent.",
            input: AgentUpdateInput = "Fields to change.",
        ) -> AgentPayload {
            input.read(&id) => service::agent::update
        }
    }
}

impl AgentCreateInput {
    fn read(self, workspace: Option<&ID>) -> Result<CreateAgent, service::UserError> {
        Ok(CreateAgent {
            workspace: id::workspace(workspace)?,
            name: self.name,
            email: self.email,
            role: self.role.unwrap_or(AgentRole::Agent).into(),
            teams: id::list(&["input", "teamIds"], &self.team_ids.unwrap_or_default())?,
        })
    }
}

impl AgentUpdateInput {
    fn read(self, id: &ID) -> Result<UpdateAgent, service::UserError> {
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

//! Fields of the mutation root for teams.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use entity::team::{Entity, Model};

use super::Team;
use crate::{
    graphql::{
        id,
        input::{self, plain},
        mutate::mutations,
        payload::{UserError, refused},
    },
    service::{
        self,
        group::{CreateGroup, GroupFields, UpdateGroup},
    },
};

/// Fields of a new team.
#[derive(Clone, Debug, InputObject)]
pub struct TeamCreateInput {
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
}

refused!(TeamPayload);

impl From<Model> for TeamPayload {
    fn from(row: Model) -> Self {
        Self {
            team: Some(Team(row.into())),
            ..Self::default()
        }
    }
}

mutations! {
    /// Fields of the mutation root for teams.
    TeamMutation {
        /// Creates a team. A workspace has at most 500 teams; one more is refused with `INVALID`. Requires the
        /// grant `ADMIN`. Returns the team. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`,
        /// `INVALID`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
        team_create(
            workspace_id: Option<ID> =
                "Workspace of the team. When omitted or null, the workspace is the viewer's only one. A viewer with \
                 several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.",
            input: TeamCreateInput = "Fields of the new team.",
        ) -> TeamPayload {
            input.read(workspace_id.as_ref()) => service::group::create::<Entity>
        }

        /// Changes a team. Fields that are omitted keep their value. Requires the grant `ADMIN`. Returns the team
        /// after the change. Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`,
        /// `IDEMPOTENCY_KEY_REUSED`.
        team_update(id: ID = "Id of the team.", input: TeamUpdateInput = "Fields to change.") -> TeamPayload {
            input.read(&id) => service::group::update::<Entity>
        }
    }
}

impl TeamCreateInput {
    fn read(self, workspace: Option<&ID>) -> Result<CreateGroup, service::UserError> {
        Ok(CreateGroup {
            workspace: id::workspace(workspace)?,
            name: self.name,
            agents: id::list(&["input", "agentIds"], &self.agent_ids.unwrap_or_default())?,
        })
    }
}

impl TeamUpdateInput {
    fn read(self, id: &ID) -> Result<UpdateGroup<Entity>, service::UserError> {
        let fields = GroupFields {
            name: plain(self.name),
            agents: input::read(self.agent_ids, "agent_ids", input::id_list)?,
        };
        let id = id::input(&["id"], id)?;
        Ok(UpdateGroup { id, fields })
    }
}

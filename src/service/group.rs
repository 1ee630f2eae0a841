//! Creates and updates teams and queues. They are settings, not helpdesk data, so the use cases write no
//! events.

use entity::{AgentId, Fields, WorkspaceId, agent};
use uuid::Uuid;

use super::{
    Error, Patch, Services, Transaction, UserError, UserErrorCode,
    exist::{self, InputReferences},
    idempotency::Outcome,
    transaction::with_retries,
    validate::{Checks, LINE_MAX},
    workspace_of,
};
use crate::{
    auth::{Viewer, policy},
    store::{
        self,
        group::{self, Group},
        link::AgentsOfTeam,
    },
};

/// Maximum number of teams, and of queues, of one workspace, because lists return all of them.
pub const GROUPS_MAX: usize = 500;

const NAME: [&str; 2] = ["input", "name"];
const AGENTS: [&str; 2] = ["input", "agentIds"];

/// Input of the creation of a team or queue.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// Workspace of the group. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    pub name: String,
    /// Agents in a team. Queues have none.
    pub agents: Vec<AgentId>,
}

#[derive(Clone, Debug, Default)]
pub struct GroupFields {
    pub name: Patch<String>,
    /// Agents in a team. Queues have none.
    pub agents: Patch<Vec<AgentId>>,
}

pub async fn create<G: Group>(
    services: &Services,
    viewer: &Viewer,
    input: CreateGroup,
) -> Result<G::Row, Error>
where
    G::Row: Outcome,
{
    policy::manage(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &NAME);
    let agents = exist::listed(&mut checks, input.agents.clone(), &AGENTS);
    checks.finish()?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let writing = transaction.writing();
        if group::count_unscoped::<G>(writing, workspace).await? >= GROUPS_MAX {
            return Err(full::<G>(&["input"]).into());
        }
        let row = G::new(services.clock.id(), workspace, &input.name, services.clock.now());
        group::insert_many(writing, vec![row.clone()]).await?;
        if !agents.is_empty() {
            list(&transaction, viewer, workspace, row.id().into(), &agents).await?;
        }
        transaction.commit(viewer, |_| row).await
    })
    .await
}

/// Input of the change of a team or queue.
pub struct UpdateGroup<G: Group> {
    pub id: G::Id,
    pub fields: GroupFields,
}

pub async fn update<G: Group>(
    services: &Services,
    viewer: &Viewer,
    UpdateGroup { id, fields }: UpdateGroup<G>,
) -> Result<G::Row, Error>
where
    G::Row: Outcome,
{
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    checks.kept(&fields.name, &NAME);
    if let Patch::Set(name) = &fields.name {
        checks.required(name, LINE_MAX, &NAME);
    }
    let agents = fields
        .agents
        .map(|agents| exist::listed(&mut checks, agents, &AGENTS));
    checks.finish()?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let found = store::hold::find_to_change::<G>(transaction.writing(), &viewer.scope(), id).await?;
        let missing = || UserError::no_such(G::NOUN, &["id"]);
        let mut row = found.ok_or_else(missing)?;
        if let Patch::Set(name) = &fields.name {
            row = G::renamed(row, name);
            group::update(transaction.writing(), row.clone()).await?;
        }
        if agents.is_given() {
            let agents = agents.clone().over(&None).unwrap_or_default();
            list(&transaction, viewer, G::workspace_of(&row), id.into(), &agents).await?;
        }
        transaction.commit(viewer, |_| row).await
    })
    .await
}

/// The workspace has as many teams, or queues, as it can have.
pub(super) fn full<G: Group>(path: &[&str]) -> UserError {
    let message = format!(
        "This workspace has {GROUPS_MAX} {}s, which is the maximum.",
        G::NOUN
    );
    UserError::new(UserErrorCode::Invalid, message, path)
}

/// Replaces the agents of a team. All of them must be in its workspace.
async fn list(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    team: Uuid,
    agents: &[AgentId],
) -> Result<(), Error> {
    let wanted = InputReferences::listed(agents, "agent", &AGENTS);
    exist::require::<agent::Entity>(transaction, viewer, workspace, wanted).await?;
    let writing = transaction.writing();
    let before = store::link::ids::<AgentsOfTeam>(writing, team).await?;
    let after: Vec<Uuid> = agents.iter().map(|id| id.0).collect();
    Ok(store::link::replace::<AgentsOfTeam>(writing, team, &before, &after).await?)
}

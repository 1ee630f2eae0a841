//! Makes and changes teams and queues. They are settings, not helpdesk data: they write no events.

use entity::{AgentId, QueueId, TeamId, WorkspaceId, agent, queue, team};
use uuid::Uuid;

use super::{
    Error, Patch, Services, Transaction, UserError, UserErrorCode,
    exist::{self, Wanted},
    transaction::with_retries,
    validate::{Checks, LINE_MAX},
    workspace_of,
};
use crate::{
    auth::{Viewer, policy},
    store::{self, group, link::AgentsOfTeam},
};

/// Most teams, and most queues, of one workspace: they are listed whole.
pub const GROUPS_MAX: u64 = 500;

const NAME: [&str; 2] = ["input", "name"];
const AGENTS: [&str; 2] = ["input", "agentIds"];

/// A team or a queue that is wanted.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// Where; the viewer's only workspace when absent.
    pub workspace: Option<WorkspaceId>,
    /// What people call it.
    pub name: String,
    /// Who is in it, when it is a team.
    pub agents: Vec<AgentId>,
}

/// What a caller says of a team or a queue, field by field.
#[derive(Clone, Debug, Default)]
pub struct GroupFields {
    /// What people call it.
    pub name: Patch<String>,
    /// Who is in it, when it is a team.
    pub agents: Patch<Vec<AgentId>>,
}

/// Makes a team.
pub async fn create_team(
    services: &Services,
    viewer: &Viewer,
    input: CreateGroup,
) -> Result<team::Model, Error> {
    let (workspace, agents) = checked(viewer, &input)?;
    with_retries(|| async {
        let transaction = Transaction::begin(services).await?;
        refuse_more::<team::Entity>(&transaction, workspace, "teams").await?;
        let row = team::Model {
            id: services.clock.id(),
            workspace_id: workspace,
            name: input.name.clone(),
            created_at: services.clock.now(),
        };
        group::insert_many(transaction.writing(), vec![row.clone()]).await?;
        list(&transaction, viewer, &row, Some(&agents)).await?;
        transaction.commit(viewer).await?;
        Ok(row)
    })
    .await
}

/// Makes a queue.
pub async fn create_queue(
    services: &Services,
    viewer: &Viewer,
    input: CreateGroup,
) -> Result<queue::Model, Error> {
    let (workspace, _) = checked(viewer, &input)?;
    with_retries(|| async {
        let transaction = Transaction::begin(services).await?;
        refuse_more::<queue::Entity>(&transaction, workspace, "queues").await?;
        let row = queue::Model {
            id: services.clock.id(),
            workspace_id: workspace,
            name: input.name.clone(),
            created_at: services.clock.now(),
        };
        group::insert_many(transaction.writing(), vec![row.clone()]).await?;
        transaction.commit(viewer).await?;
        Ok(row)
    })
    .await
}

/// Changes a team.
pub async fn update_team(
    services: &Services,
    viewer: &Viewer,
    id: TeamId,
    fields: GroupFields,
) -> Result<team::Model, Error> {
    let fields = checked_fields(viewer, fields)?;
    with_retries(|| async {
        let transaction = Transaction::begin(services).await?;
        let writing = transaction.writing();
        let found = group::find_to_change::<team::Entity>(writing, &viewer.scope(), id).await?;
        let mut row = found.ok_or_else(|| UserError::not_found("There is no such team.", &["id"]))?;
        if let Patch::Set(name) = &fields.name {
            name.clone_into(&mut row.name);
            group::update(writing, row.clone()).await?;
        }
        let agents = fields
            .agents
            .is_given()
            .then(|| fields.agents.clone().over(&None).unwrap_or_default());
        list(&transaction, viewer, &row, agents.as_deref()).await?;
        transaction.commit(viewer).await?;
        Ok(row)
    })
    .await
}

/// Changes a queue.
pub async fn update_queue(
    services: &Services,
    viewer: &Viewer,
    id: QueueId,
    fields: GroupFields,
) -> Result<queue::Model, Error> {
    let fields = checked_fields(viewer, fields)?;
    with_retries(|| async {
        let transaction = Transaction::begin(services).await?;
        let writing = transaction.writing();
        let found = group::find_to_change::<queue::Entity>(writing, &viewer.scope(), id).await?;
        let mut row = found.ok_or_else(|| UserError::not_found("There is no such queue.", &["id"]))?;
        if let Patch::Set(name) = &fields.name {
            name.clone_into(&mut row.name);
            group::update(writing, row.clone()).await?;
        }
        transaction.commit(viewer).await?;
        Ok(row)
    })
    .await
}

fn checked(viewer: &Viewer, input: &CreateGroup) -> Result<(WorkspaceId, Vec<AgentId>), Error> {
    policy::manage(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["input", "workspaceId"])?;
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &NAME);
    let agents = exist::listed(&mut checks, input.agents.clone(), &AGENTS);
    checks.finish()?;
    Ok((workspace, agents))
}

fn checked_fields(viewer: &Viewer, fields: GroupFields) -> Result<GroupFields, Error> {
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
    Ok(GroupFields { agents, ..fields })
}

async fn refuse_more<G: group::Group>(
    transaction: &Transaction<'_>,
    workspace: WorkspaceId,
    what: &str,
) -> Result<(), Error> {
    if group::count_unscoped::<G>(transaction.writing(), workspace).await? >= GROUPS_MAX {
        let message = format!("A workspace has at most {GROUPS_MAX} {what}.");
        return Err(UserError::new(UserErrorCode::Invalid, message, &["input"]).into());
    }
    Ok(())
}

/// Puts agents of the workspace into a team, in the place of those who were in it.
async fn list(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    row: &team::Model,
    agents: Option<&[AgentId]>,
) -> Result<(), Error> {
    let Some(agents) = agents else { return Ok(()) };
    let wanted = Wanted::listed(agents, "agent", &AGENTS);
    exist::require::<agent::Entity>(transaction, viewer, row.workspace_id, wanted).await?;
    let writing = transaction.writing();
    let before = store::link::ids::<AgentsOfTeam>(writing, row.id.0).await?;
    let after: Vec<Uuid> = agents.iter().map(|id| id.0).collect();
    store::link::replace::<AgentsOfTeam>(writing, row.id.0, &before, &after).await?;
    Ok(())
}

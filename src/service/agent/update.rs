//! Updates agents.

use entity::{
    AgentId, TeamId,
    agent::{self, Role},
    team,
};

use super::{join, refuse_taken};
use crate::{
    auth::{Viewer, policy},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        exist::{self, InputReferences},
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
    },
    store::{self, filter::email_key, link::TeamsOfAgent},
    words::fold,
};

#[derive(Clone, Debug, Default)]
pub struct AgentFields {
    pub name: Patch<String>,
    pub email: Patch<String>,
    pub role: Patch<Role>,
    pub teams: Patch<Vec<TeamId>>,
    pub is_active: Patch<bool>,
}

#[derive(Clone, Debug)]
pub struct UpdateAgent {
    pub id: AgentId,
    pub fields: AgentFields,
}

pub async fn update(services: &Services, viewer: &Viewer, input: UpdateAgent) -> Result<agent::Model, Error> {
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    let fields = input.fields;
    checks.kept(&fields.name, &["input", "name"]);
    checks.kept(&fields.email, &["input", "email"]);
    checks.kept(&fields.role, &["input", "role"]);
    checks.kept(&fields.is_active, &["input", "isActive"]);
    if let Patch::Set(name) = &fields.name {
        checks.required(name, LINE_MAX, &["input", "name"]);
    }
    if let Patch::Set(email) = &fields.email {
        checks.email(email, &["input", "email"]);
    }
    let teams = fields
        .teams
        .clone()
        .map(|teams| exist::listed(&mut checks, teams, &["input", "teamIds"]));
    checks.finish()?;
    let fields = AgentFields { teams, ..fields };
    let updated = with_retries(services, || once(services, viewer, input.id, &fields)).await;
    if fields.is_active == Patch::Set(false) {
        services.keys.invalidate();
    }
    updated
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    id: AgentId,
    fields: &AgentFields,
) -> Result<agent::Model, Error> {
    let transaction = Transaction::begin(services).await?;
    let writing = transaction.writing();
    let missing = || UserError::no_such("agent", &["id"]);
    refuse_last_admin(&transaction, viewer, id, fields).await?;
    let found = store::hold::find_to_change::<agent::Entity>(writing, &viewer.scope(), id).await?;
    let before = found.ok_or_else(missing)?;
    let mut row = before.clone();
    row.is_active = fields.is_active.clone().over_required(&row.is_active, true);
    row.name = fields.name.clone().over_required(&row.name, before.name.clone());
    row.name_key = fold(&row.name);
    row.email = fields
        .email
        .clone()
        .over_required(&row.email, before.email.clone());
    row.email_key = email_key(&row.email);
    row.role = fields.role.clone().over_required(&row.role, before.role);
    if row.email_key != before.email_key {
        refuse_taken(&transaction, row.workspace_id, &row.email, Some(id)).await?;
    }
    if row != before {
        store::agent::update(writing, row.clone()).await?;
    }
    if fields.teams.is_given() {
        let teams = fields.teams.clone().over(&None).unwrap_or_default();
        let wanted = InputReferences::listed(&teams, "team", &["input", "teamIds"]);
        exist::require::<team::Entity>(&transaction, viewer, row.workspace_id, wanted).await?;
        let before = store::link::ids::<TeamsOfAgent>(writing, id.0).await?;
        join(&transaction, id, &before, &teams).await?;
    }
    transaction.commit(viewer, |_| row).await
}

/// Rejects the removal of the only active admin of a workspace, because no other agent could then create an
/// admin.
async fn refuse_last_admin(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    id: AgentId,
    fields: &AgentFields,
) -> Result<(), Error> {
    let field = match (&fields.is_active, &fields.role) {
        (Patch::Set(false), _) => "isActive",
        (_, Patch::Set(Role::Agent)) => "role",
        _ => return Ok(()),
    };
    let writing = transaction.writing();
    let Some(agent) = store::agent::find(writing.connection(), &viewer.scope(), id).await? else {
        return Ok(());
    };
    // All admins are locked, so that two admins cannot deactivate each other at once.
    let admins = store::agent::hold_admins_unscoped(writing, agent.workspace_id).await?;
    if admins != [id] {
        return Ok(());
    }
    let message = "This agent is the only active admin of the workspace. Make another agent an admin first.";
    Err(UserError::new(UserErrorCode::LastAdmin, message, &["input", field]).into())
}

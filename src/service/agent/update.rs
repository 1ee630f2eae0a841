//! Changes fields of an agent.

use entity::{
    AgentId, TeamId,
    agent::{self, Role},
    team,
};

use super::{join, refuse_taken};
use crate::{
    auth::{Viewer, policy},
    service::{
        Error, Patch, Services, Transaction, UserError,
        exist::{self, Wanted},
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
    },
    store::{
        self,
        filter::{email_key, fold},
        link::TeamsOfAgent,
    },
};

/// What a caller says of an agent, field by field.
#[derive(Clone, Debug, Default)]
pub struct AgentFields {
    /// Full name.
    pub name: Patch<String>,
    /// Address.
    pub email: Patch<String>,
    /// What the agent may do.
    pub role: Patch<Role>,
    /// The teams that the agent is in.
    pub teams: Patch<Vec<TeamId>>,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct UpdateAgent {
    /// Whom.
    pub id: AgentId,
    /// What.
    pub fields: AgentFields,
}

/// Changes the agent.
pub async fn update(services: &Services, viewer: &Viewer, input: UpdateAgent) -> Result<agent::Model, Error> {
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    let fields = input.fields;
    checks.kept(&fields.name, &["input", "name"]);
    checks.kept(&fields.email, &["input", "email"]);
    checks.kept(&fields.role, &["input", "role"]);
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
    with_retries(services, || once(services, viewer, input.id, &fields)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    id: AgentId,
    fields: &AgentFields,
) -> Result<agent::Model, Error> {
    let transaction = Transaction::begin(services).await?;
    let writing = transaction.writing();
    let found = store::agent::find_to_change(writing, &viewer.scope(), id).await?;
    let before = found.ok_or_else(|| UserError::not_found("There is no such agent.", &["id"]))?;
    let mut row = before.clone();
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
        let wanted = Wanted::listed(&teams, "team", &["input", "teamIds"]);
        exist::require::<team::Entity>(&transaction, viewer, row.workspace_id, wanted).await?;
        let before = store::link::ids::<TeamsOfAgent>(writing, id.0).await?;
        join(&transaction, id, &before, &teams).await?;
    }
    transaction.commit(viewer, |_| row).await
}

//! Table `agent`: people who answer.

use sea_orm::entity::prelude::*;

use crate::{AgentId, Timestamp, WorkspaceId};

/// What an agent may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Role {
    /// Answers customers.
    #[default]
    #[sea_orm(num_value = 1)]
    Agent,
    /// Answers customers and manages agents, keys and settings.
    #[sea_orm(num_value = 2)]
    Admin,
}

/// One agent of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgentId,
    /// The workspace that the agent works in.
    pub workspace_id: WorkspaceId,
    /// Full name.
    pub name: String,
    /// `name` in lower case, to search in.
    pub name_key: String,
    /// Address as given.
    pub email: String,
    /// `email` in lower case: unique in the workspace.
    pub email_key: String,
    /// What the agent may do.
    pub role: Role,
    /// When the agent was made.
    pub created_at: Timestamp,
    /// The agent works here; one that does not is kept for what it did.
    pub is_active: bool,
}

impl ActiveModelBehavior for ActiveModel {}

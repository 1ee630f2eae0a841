//! Table `agent`: support agents.

use sea_orm::entity::prelude::*;

use crate::{AgentId, Timestamp, WorkspaceId};

/// Role of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Role {
    /// Answers customers.
    #[default]
    #[sea_orm(num_value = 1)]
    Agent,
    /// Answers customers and manages agents, API keys and settings.
    #[sea_orm(num_value = 2)]
    Admin,
}

/// One agent of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent", model_attrs(derive(entity::Row)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgentId,
    /// Workspace of the agent.
    pub workspace_id: WorkspaceId,
    /// Full name.
    pub name: String,
    /// `name` in lower case, for searches.
    pub name_key: String,
    /// Email address as the caller sent it, with its original case.
    pub email: String,
    /// `email` in lower case. Unique in the workspace.
    pub email_key: String,
    /// Role of the agent.
    pub role: Role,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Whether the agent is active. The rows of inactive agents remain, because tickets and messages refer to
    /// them.
    pub is_active: bool,
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `team_agent`: the agents in each team.

use sea_orm::entity::prelude::*;

use crate::{AgentId, TeamId};

/// One agent of one team.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_agent")]
pub struct Model {
    /// Team.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    /// Agent in the team.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: AgentId,
    /// Position in the list as the caller sent it, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

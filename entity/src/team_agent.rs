//! Table `team_agent`: which agents are in which team.

use sea_orm::entity::prelude::*;

use crate::{AgentId, TeamId};

/// One of them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_agent")]
pub struct Model {
    /// The team.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    /// An agent in it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: AgentId,
    /// Place in the list as it was given, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

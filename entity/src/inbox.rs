//! Table `inbox`: the open conversations of agents and teams, and of workspaces those without both.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, Timestamp};

/// One open conversation in one inbox.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// Id of an agent, of a team, or of the workspace if the conversation has neither agents nor teams.
    #[sea_orm(primary_key, auto_increment = false)]
    pub owner_id: Uuid,
    /// `waiting_since` of the activity of the conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub waiting_since: Timestamp,
    /// Open conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
}

impl ActiveModelBehavior for ActiveModel {}

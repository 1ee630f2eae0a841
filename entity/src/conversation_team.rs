//! Table `conversation_team`: the teams assigned to each conversation.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, TeamId};

/// One team of one conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_team")]
pub struct Model {
    /// Conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// Team assigned to the conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    /// Position in the list as the caller sent it, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

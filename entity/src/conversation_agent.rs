//! Table `conversation_agent`: the agents assigned to each conversation.

use sea_orm::entity::prelude::*;

use crate::{AgentId, ConversationId};

/// One agent of one conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_agent")]
pub struct Model {
    /// Conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// Agent assigned to the conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: AgentId,
    /// Position in the list as the caller sent it, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

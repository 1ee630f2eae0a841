//! Table `conversation_agent`: which agents have which conversation.

use sea_orm::entity::prelude::*;

use crate::{AgentId, ConversationId};

/// One of them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_agent")]
pub struct Model {
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// An agent who has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: AgentId,
    /// Place in the list as it was given, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `conversation_team`: which teams have which conversation.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, TeamId};

/// One of them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_team")]
pub struct Model {
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// A team that has it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: TeamId,
    /// Place in the list as it was given, from 0.
    pub place: i16,
}

impl ActiveModelBehavior for ActiveModel {}

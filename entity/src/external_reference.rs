//! Table `external_reference`: ids of objects in other systems. Imports write it, so that a later run finds
//! the objects that an earlier run created.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// Kind of object that a reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Kind {
    /// A customer.
    #[sea_orm(num_value = 1)]
    Customer,
    /// A ticket.
    #[sea_orm(num_value = 2)]
    Ticket,
    /// A conversation.
    #[sea_orm(num_value = 3)]
    Conversation,
    /// A message.
    #[sea_orm(num_value = 4)]
    Message,
    /// An agent.
    #[sea_orm(num_value = 5)]
    Agent,
    /// A team.
    #[sea_orm(num_value = 6)]
    Team,
    /// A queue.
    #[sea_orm(num_value = 7)]
    Queue,
}

/// One reference.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_reference")]
pub struct Model {
    /// Workspace of the object.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Name of the other system, such as `keva`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    /// Kind of object.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// Id in the other system.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// Id in this database.
    pub object_id: Uuid,
    /// State in which the other system last reported the object. For a ticket, it shows whether the ticket has
    /// new messages. For an agent without a usable address, it is the text in place of the address.
    pub told_as: Option<String>,
    /// State in which the object was reported when its children were last read.
    pub read_as: Option<String>,
    /// Digests of the fields as the other system last reported them. `None` when no digests were stored.
    pub told: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

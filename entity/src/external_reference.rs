//! Table `external_reference`: where the same thing lives in another system. Filled by imports, so that a second run
//! finds what the first one made.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// What kind of thing a reference points to.
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
    /// The workspace of the thing.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The other system: `keva`, ….
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    /// What kind of thing it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// Its id there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// Its id here.
    pub object_id: Uuid,
    /// As what the other system last told it, when that says whether something new hangs below it.
    pub told_as: Option<String>,
    /// As what it was told when what hangs below it was last read.
    pub read_as: Option<String>,
    /// What the other system last said of its fields, as digests; none when nothing was noted.
    pub told: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `idempotency_key`: what was done under a caller's key, so that it is not done again.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, change::ActorKind};

/// One key of one holder of a credential.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Who gave the key, by kind.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder_kind: ActorKind,
    /// Who gave the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder_id: Uuid,
    /// The key, as it was given.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A digest of the mutation and its arguments.
    pub arguments: String,
    /// What was done, as JSON; none only while it is being done.
    pub outcome: Option<String>,
    /// When it was first given.
    pub used_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

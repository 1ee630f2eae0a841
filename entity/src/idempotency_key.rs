//! Table `idempotency_key`: the results of mutations by idempotency key. A repeated mutation returns the
//! stored result and does not run again.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, change::ActorKind};

/// One key of one credential holder.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Kind of the credential holder that sent the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder_kind: ActorKind,
    /// Id of the credential holder that sent the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder_id: Uuid,
    /// Idempotency key as the caller sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Digest of the mutation and its arguments.
    pub arguments: String,
    /// Result as JSON. `None` only while the mutation runs.
    pub outcome: Option<String>,
    /// Time of the first use.
    pub used_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `api_key`: keys of programs. The key itself is not kept, only its hash.

use sea_orm::entity::prelude::*;

use crate::{ApiKeyId, Tags, Timestamp};

/// One key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// The first characters of the key, to recognise it by.
    pub prefix: String,
    /// SHA-256 of the whole key, in hexadecimal.
    pub hash: String,
    /// What it may do, by wire name.
    pub grants: Tags,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From when it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The key that took its place; it ends soon after.
    pub replaced_by_id: Option<ApiKeyId>,
}

impl ActiveModelBehavior for ActiveModel {}

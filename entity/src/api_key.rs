//! Table `api_key`: API keys of programs. The table stores the hash of a key, never the key itself.

use sea_orm::entity::prelude::*;

use crate::{ApiKeyId, Tags, Timestamp};

/// One API key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// Display name.
    pub name: String,
    /// First characters of the key, for identification in lists.
    pub prefix: String,
    /// SHA-256 of the whole key, in hexadecimal.
    pub hash: String,
    /// Grants of the key, by wire name.
    pub grants: Tags,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Time of expiry. From then on, the key is rejected.
    pub expires_at: Option<Timestamp>,
    /// Time of revocation.
    pub revoked_at: Option<Timestamp>,
    /// Key that replaced this one. The replaced key expires soon after the rotation.
    pub replaced_by_id: Option<ApiKeyId>,
}

impl ActiveModelBehavior for ActiveModel {}

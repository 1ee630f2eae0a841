//! Table `customer_word`: the words by which a search finds customers.

use sea_orm::entity::prelude::*;

use crate::{CustomerId, WorkspaceId};

/// One word of one customer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_word")]
pub struct Model {
    /// Workspace of the customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Word in folded form.
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
    /// Customer that the word finds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
}

impl ActiveModelBehavior for ActiveModel {}

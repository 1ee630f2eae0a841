//! Table `customer_word`: the words under which a customer is found.

use sea_orm::entity::prelude::*;

use crate::{CustomerId, WorkspaceId};

/// One word of one customer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_word")]
pub struct Model {
    /// The workspace of the customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The folded word.
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
    /// Who is found by it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: CustomerId,
}

impl ActiveModelBehavior for ActiveModel {}

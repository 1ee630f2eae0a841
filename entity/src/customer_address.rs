//! Table `customer_address`: whose address it is. What makes every address of every customer unique in its workspace.

use sea_orm::entity::prelude::*;

use crate::{CustomerId, WorkspaceId};

/// One address, held by one customer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_address")]
pub struct Model {
    /// The workspace of the customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The address in lower case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_key: String,
    /// Who has it.
    pub customer_id: CustomerId,
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `customer_address`: the customer that has each email address. Its key makes every address of every
//! customer unique in the workspace.

use sea_orm::entity::prelude::*;

use crate::{CustomerId, WorkspaceId};

/// One address of one customer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_address")]
pub struct Model {
    /// Workspace of the customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Address in lower case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_key: String,
    /// Customer that has the address.
    pub customer_id: CustomerId,
}

impl ActiveModelBehavior for ActiveModel {}

//! Finds the customers that a write refers to.

use entity::{
    CustomerId, WorkspaceId,
    customer::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};

use super::address;
use crate::{
    auth::Scope,
    store::{StoreError, connect::WriteTransaction, filter, scope},
};

/// Reference to a customer in a write.
#[derive(Clone, Debug)]
pub enum CustomerKey<'a> {
    Id(CustomerId),
    /// By one of its folded addresses, in a workspace.
    EmailKey(WorkspaceId, &'a str),
    /// By the id in the caller's system.
    ExternalId(&'a str),
}

impl CustomerKey<'_> {
    fn condition(&self) -> Condition {
        match *self {
            CustomerKey::Id(id) => Condition::all().add(Column::Id.eq(id)),
            CustomerKey::EmailKey(workspace, key) => Condition::all().add(address::is_of(&[workspace], key)),
            CustomerKey::ExternalId(id) => Condition::all().add(Column::ExternalId.eq(id)),
        }
    }
}

/// Returns a customer of a workspace, or of any workspace, if it is in the scope.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    workspace: impl Into<Option<WorkspaceId>>,
    by: CustomerKey<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(Condition::all().add_option(workspace.into().map(|id| Column::WorkspaceId.eq(id))))
        .filter(by.condition());
    Ok(select.one(connection).await?)
}

/// Like [`find`], and locks the row until the transaction ends.
pub async fn find_to_change(
    writing: &WriteTransaction,
    scope: &Scope,
    workspace: Option<WorkspaceId>,
    by: CustomerKey<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(by.condition())
        .filter(Condition::all().add_option(workspace.map(|id| Column::WorkspaceId.eq(id))))
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
}

/// References to the customers of a batch.
#[derive(Clone, Debug, Default)]
pub struct CustomerKeys {
    pub ids: Vec<CustomerId>,
    /// Folded email addresses.
    pub emails: Vec<String>,
    /// Ids in the caller's system.
    pub external_ids: Vec<String>,
}

impl CustomerKeys {
    pub fn of(ids: impl IntoIterator<Item = CustomerId>, emails: impl IntoIterator<Item = String>) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            emails: emails.into_iter().filter(|email| !email.is_empty()).collect(),
            external_ids: Vec::new(),
        }
    }
}

/// Reads several customers and locks their rows. All callers lock in one order, so that two of them cannot
/// deadlock.
pub async fn find_many_to_change_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    wanted: CustomerKeys,
) -> Result<Vec<Model>, StoreError> {
    let named = Condition::any()
        .add(filter::is_in(Expr::col((Entity, Column::Id)), wanted.ids))
        .add(Column::Id.in_subquery(address::of_any(workspace, wanted.emails)))
        .add(filter::is_in(
            Expr::col((Entity, Column::ExternalId)),
            wanted.external_ids,
        ));
    let select = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(named)
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(select.all(writing.connection()).await?)
}

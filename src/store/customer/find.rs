//! Finding the customers that a writer means.

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
    store::{StoreError, connect::Writing, filter, scope},
};

/// How a writer names a customer.
#[derive(Clone, Debug)]
pub enum By<'a> {
    /// By id.
    Id(CustomerId),
    /// By one of its addresses, folded, in a workspace.
    EmailKey(WorkspaceId, &'a str),
    /// By the caller's own id.
    ExternalId(&'a str),
}

impl By<'_> {
    fn condition(&self) -> Condition {
        match *self {
            By::Id(id) => Condition::all().add(Column::Id.eq(id)),
            By::EmailKey(workspace, key) => Condition::all().add(address::is_of(&[workspace], key)),
            By::ExternalId(id) => Condition::all().add(Column::ExternalId.eq(id)),
        }
    }
}

/// The customer of a workspace, or of any, if the scope holds it.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    workspace: impl Into<Option<WorkspaceId>>,
    by: By<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(Condition::all().add_option(workspace.into().map(|id| Column::WorkspaceId.eq(id))))
        .filter(by.condition());
    Ok(select.one(connection).await?)
}

/// The same, held against other writers until the transaction ends.
pub async fn find_to_change(
    writing: &Writing,
    scope: &Scope,
    workspace: Option<WorkspaceId>,
    by: By<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(by.condition())
        .filter(Condition::all().add_option(workspace.map(|id| Column::WorkspaceId.eq(id))))
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
}

/// Which customers a batch is about.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// By id.
    pub ids: Vec<CustomerId>,
    /// By one of their addresses, folded.
    pub emails: Vec<String>,
    /// By the caller's own id.
    pub external_ids: Vec<String>,
}

impl Wanted {
    /// By id, and by one of their addresses.
    pub fn of(ids: impl IntoIterator<Item = CustomerId>, emails: impl IntoIterator<Item = String>) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            emails: emails.into_iter().filter(|email| !email.is_empty()).collect(),
            external_ids: Vec::new(),
        }
    }
}

/// Several at once, held against other writers; in one order, so that two of them cannot wait for each other.
pub async fn find_many_to_change_unscoped(
    writing: &Writing,
    workspace: WorkspaceId,
    wanted: Wanted,
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

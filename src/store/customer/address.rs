//! Writes customers together with the table of their addresses, which are unique in the workspace, and with
//! their search words.
//!
//! The row of a customer holds the addresses in the order and form sent by the caller. The other tables hold
//! their keys and words. All writes of customer rows go through this module, so that the tables never
//! diverge.

use std::collections::{BTreeSet, HashMap};

use entity::{
    CustomerId, WorkspaceId,
    customer::{self, Model},
    customer_address::{self, Column, Entity},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use super::words;
use crate::{
    auth::Scope,
    store::{
        StoreError,
        connect::WriteTransaction,
        dialect::Dialect,
        filter::{self, TextColumn, TextFilter, beside, email_key, text, whether},
        write,
    },
};

/// Returns the keys of all addresses of a customer.
pub fn address_keys(row: &Model) -> BTreeSet<String> {
    row.emails.0.iter().map(|one| email_key(&one.email)).collect()
}

/// Inserts customers. Fails with [`StoreError::Taken`] if another customer has an address or an external id.
pub async fn insert_many(writing: &WriteTransaction, rows: Vec<Model>) -> Result<(), StoreError> {
    let addresses = rows
        .iter()
        .flat_map(|row| addresses(row, address_keys(row)))
        .collect();
    words::insert(writing, &rows).await?;
    write::insert_many(writing, rows).await?;
    write::insert_many(writing, addresses).await
}

/// Writes a customer that was read for update. Fails with [`StoreError::Taken`] if another customer has an
/// address or the external id.
pub async fn update(writing: &WriteTransaction, before: &Model, after: Model) -> Result<(), StoreError> {
    let (old, new) = (address_keys(before), address_keys(&after));
    let given_up: Vec<String> = old.difference(&new).cloned().collect();
    if !given_up.is_empty() {
        let delete = Entity::delete_many()
            .filter(Column::WorkspaceId.eq(after.workspace_id))
            .filter(Column::EmailKey.is_in(given_up));
        delete.exec(writing.connection()).await?;
    }
    let added = addresses(&after, new.difference(&old).cloned()).collect();
    write::insert_many(writing, added).await?;
    words::update(writing, before, &after).await?;
    write::update(writing, after).await
}

/// Deletes a customer whose other rows are already deleted.
pub async fn delete(writing: &WriteTransaction, id: CustomerId) -> Result<(), StoreError> {
    let addresses = Entity::delete_many().filter(Column::CustomerId.eq(id));
    addresses.exec(writing.connection()).await?;
    words::delete(writing, id).await?;
    customer::Entity::delete_by_id(id)
        .exec(writing.connection())
        .await?;
    Ok(())
}

fn addresses(
    row: &Model,
    keys: impl IntoIterator<Item = String>,
) -> impl Iterator<Item = customer_address::Model> {
    let (workspace_id, customer_id) = (row.workspace_id, row.id);
    keys.into_iter().map(move |email_key| customer_address::Model {
        workspace_id,
        email_key,
        customer_id,
    })
}

/// Returns the customers that have these folded addresses.
pub async fn holders(
    connection: &impl ConnectionTrait,
    workspace: WorkspaceId,
    keys: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, CustomerId>, StoreError> {
    let found: Vec<(String, CustomerId)> = Entity::find()
        .select_only()
        .columns([Column::EmailKey, Column::CustomerId])
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(filter::is_in(Expr::col((Entity, Column::EmailKey)), keys))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(found.into_iter().collect())
}

/// Condition: the customer has this folded address.
pub(super) fn is_of(workspaces: &[WorkspaceId], key: &str) -> Expr {
    let of = Entity::find()
        .select_only()
        .column(Column::CustomerId)
        .filter(Column::WorkspaceId.is_in(workspaces.iter().copied()))
        .filter(Column::EmailKey.eq(key))
        .into_query();
    customer::Column::Id.in_subquery(of)
}

/// Condition: at least one address of the customer meets the filter. Without an address, only `is_null` can hold.
pub(super) fn fits_any(filter: &TextFilter, scope: &Scope, dialect: Dialect) -> Condition {
    let texts = TextFilter {
        is_null: None,
        ..filter.clone()
    };
    let of = || {
        Entity::find()
            .select_only()
            .column(Column::CustomerId)
            .filter(Column::WorkspaceId.is_in(scope.workspaces.iter().copied()))
            .filter(text(TextColumn::EmailKey(Column::EmailKey))(
                &texts, scope, dialect,
            ))
            .into_query()
    };
    let has_any = |wanted: &bool| {
        let has = beside::<Entity, bool>(customer::Column::Id, Column::CustomerId, |_, _, _| {
            Condition::all()
        });
        whether(has)(&!wanted, scope, dialect)
    };
    Condition::all()
        .add_option(texts.reads_text().then(|| customer::Column::Id.in_subquery(of())))
        .add_option(filter.is_null.as_ref().map(has_any))
}

/// Selects the customers that have one of these folded addresses.
pub(super) fn of_any(workspace: WorkspaceId, keys: Vec<String>) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::CustomerId)
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(filter::is_in(Expr::col((Entity, Column::EmailKey)), keys))
        .into_query()
}

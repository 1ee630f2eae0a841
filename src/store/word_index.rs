//! Progress of the index of search words and name keys, and the statements that rebuild it.

use entity::{
    CustomerId, agent,
    customer::{self, Model},
    word_index,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockType},
};

use super::{Db, StoreError, connect::WriteTransaction, customer::replace_words};
use crate::words::fold;

pub async fn state_unscoped(db: &Db) -> Result<Option<word_index::Model>, StoreError> {
    let newest = word_index::Entity::find().order_by_desc(word_index::Column::Version);
    Ok(newest.one(db.connection()).await?)
}

/// Returns the state of the index and locks its row.
pub async fn hold_state_unscoped(
    writing: &WriteTransaction,
) -> Result<Option<word_index::Model>, StoreError> {
    let newest = word_index::Entity::find()
        .order_by_desc(word_index::Column::Version)
        .lock(LockType::Update);
    Ok(newest.one(writing.connection()).await?)
}

/// Writes the state and replaces the one before.
pub async fn put_state_unscoped(
    writing: &WriteTransaction,
    state: word_index::Model,
) -> Result<(), StoreError> {
    let update = word_index::Entity::update_many()
        .col_expr(word_index::Column::Version, Expr::val(state.version))
        .col_expr(word_index::Column::LastId, Expr::val(state.last_id))
        .col_expr(word_index::Column::IsComplete, Expr::val(state.is_complete));
    update.exec(writing.connection()).await?;
    Ok(())
}

/// Returns the next customers of all workspaces after a given one and locks their rows.
pub async fn customers_to_change_unscoped(
    writing: &WriteTransaction,
    after: Option<CustomerId>,
    size: u64,
) -> Result<Vec<Model>, StoreError> {
    let next = customer::Entity::find()
        .apply_if(after, |select, id| select.filter(customer::Column::Id.gt(id)))
        .order_by_asc(customer::Column::Id)
        .limit(size)
        .lock(LockType::NoKeyUpdate);
    Ok(next.all(writing.connection()).await?)
}

/// Writes the words of locked customers, and the keys of their names where they differ. The versions of the
/// rows do not change.
pub async fn index_customers_unscoped(writing: &WriteTransaction, rows: &[Model]) -> Result<(), StoreError> {
    replace_words(writing, rows).await?;
    for row in rows {
        let (name, company) = (key(row.name.as_deref()), key(row.company.as_deref()));
        if name == row.name_key && company == row.company_key {
            continue;
        }
        let update = customer::Entity::update_many()
            .col_expr(customer::Column::NameKey, Expr::val(name))
            .col_expr(customer::Column::CompanyKey, Expr::val(company))
            .filter(customer::Column::Id.eq(row.id));
        update.exec(writing.connection()).await?;
    }
    Ok(())
}

/// Writes the keys of the names of agents where they differ.
pub async fn index_agents_unscoped(writing: &WriteTransaction) -> Result<(), StoreError> {
    let agents = agent::Entity::find().order_by_asc(agent::Column::Id);
    for row in agents.all(writing.connection()).await? {
        let name = fold(&row.name);
        if name == row.name_key {
            continue;
        }
        let update = agent::Entity::update_many()
            .col_expr(agent::Column::NameKey, Expr::val(name))
            .filter(agent::Column::Id.eq(row.id))
            .filter(agent::Column::Name.eq(row.name));
        update.exec(writing.connection()).await?;
    }
    Ok(())
}

/// Deletes words of deleted customers. A node of an earlier version does not delete them together with the
/// customer.
pub async fn forget_words_of_the_deleted_unscoped(writing: &WriteTransaction) -> Result<(), StoreError> {
    let gone = "DELETE FROM customer_word WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = customer_word.customer_id)";
    writing.connection().execute_unprepared(gone).await?;
    Ok(())
}

fn key(name: Option<&str>) -> String {
    name.map(fold).unwrap_or_default()
}

//! Statements that write whole rows, the same for every table.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QueryTrait};

use super::{
    StoreError,
    connect::{Write, WriteTransaction},
};

/// Defines a function that returns the names of tables.
macro_rules! tables {
    ($(#[$doc:meta])* $visible:vis fn $name:ident = $($noun:ident),+) => {
        $(#[$doc])*
        $visible fn $name() -> Vec<&'static str> {
            vec![$(sea_orm::EntityName::table_name(&entity::$noun::Entity)),+]
        }
    };
}
pub(super) use tables;

type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;
type Column<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

/// Maximum number of parameters of one statement. `SQLite` allows 32 766, PostgreSQL twice as many.
pub(super) const PARAMETERS_MAX: usize = 32_000;

/// Inserts rows in as few statements as the number of parameters allows. Waits for a transaction that inserts
/// the same unique value.
pub async fn insert_many<M>(writing: &WriteTransaction, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    for block in blocks::<M>(rows) {
        M::Entity::insert_many(block)
            .exec_without_returning(writing.connection())
            .await?;
    }
    Ok(())
}

/// Inserts rows whose only unique value is the new id, so the insert never waits.
pub async fn insert_new<M>(writing: &WriteTransaction, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    for block in blocks::<M>(rows) {
        let parameters = block.len() * columns::<M>();
        let insert = Write::Insert(M::Entity::insert_many(block).into_query());
        writing.put(&M::Entity::default(), insert, parameters).await?;
    }
    Ok(())
}

/// Writes every column of a row that was read for update. Waits for a transaction that writes the same unique
/// value.
pub async fn update<M>(writing: &WriteTransaction, row: M) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    M::Entity::update(row.into_active_model().reset_all())
        .exec_without_returning(writing.connection())
        .await?;
    Ok(())
}

/// Writes the changed columns of a locked row. None of them is unique.
pub async fn change<M>(writing: &WriteTransaction, before: &M, after: M) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    let changed: Vec<_> = Column::<M>::iter()
        .filter(|column| before.get(*column) != after.get(*column))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let mut row = after.into_active_model();
    for column in &changed {
        row.reset(*column);
    }
    let update = Write::Update(M::Entity::update(row).validate()?.into_query());
    writing
        .put(&M::Entity::default(), update, changed.len() + 1)
        .await
}

fn columns<M: ModelTrait>() -> usize {
    Column::<M>::iter().count().max(1)
}

fn blocks<M>(rows: Vec<M>) -> impl Iterator<Item = Vec<Active<M>>>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    std::iter::from_fn(move || {
        let block: Vec<_> = rows.by_ref().take(PARAMETERS_MAX / columns::<M>()).collect();
        (!block.is_empty()).then_some(block)
    })
}

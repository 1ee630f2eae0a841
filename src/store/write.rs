//! The statements that write whole rows, the same for every table.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QueryTrait};

use super::{
    StoreError,
    connect::{Write, Writing},
};

type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;
type Column<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

/// Parameters that one statement may have: `SQLite` takes 32 766, PostgreSQL twice as many.
const PARAMETERS_MAX: usize = 32_000;

/// Adds rows, in as few statements as their parameters allow.
pub async fn insert_many<M>(writing: &Writing, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    let columns = Column::<M>::iter().count().max(1);
    let block = PARAMETERS_MAX / columns;
    let mut rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .peekable();
    while rows.peek().is_some() {
        let rows: Vec<_> = rows.by_ref().take(block).collect();
        let parameters = rows.len() * columns;
        let insert = Write::Insert(M::Entity::insert_many(rows).into_query());
        writing.put(&M::Entity::default(), insert, parameters).await?;
    }
    Ok(())
}

/// Writes every column of a row that was read to be changed.
pub async fn update<M>(writing: &Writing, row: M) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    put::<M>(writing, row.into_active_model().reset_all()).await
}

/// Writes the columns of a row in which it is not as it was read.
pub async fn change<M>(writing: &Writing, before: &M, after: M) -> Result<(), StoreError>
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
    for column in changed {
        row.reset(column);
    }
    put::<M>(writing, row).await
}

async fn put<M: ModelTrait>(writing: &Writing, row: Active<M>) -> Result<(), StoreError> {
    let parameters = Column::<M>::iter().count();
    let update = Write::Update(M::Entity::update(row).validate()?.into_query());
    writing.put(&M::Entity::default(), update, parameters).await
}

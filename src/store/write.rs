//! The statements that write whole rows, the same for every table.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait};

use super::{StoreError, connect::Writing};

type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;

/// Parameters that one statement may have: `SQLite` takes 32 766, PostgreSQL twice as many.
const PARAMETERS_MAX: usize = 32_000;

/// Adds rows, in as few statements as their parameters allow.
pub async fn insert_many<M>(writing: &Writing, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    let columns = <M::Entity as EntityTrait>::Column::iter().count();
    let block = PARAMETERS_MAX / columns.max(1);
    let mut rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .peekable();
    while rows.peek().is_some() {
        let rows: Vec<_> = rows.by_ref().take(block).collect();
        M::Entity::insert_many(rows)
            .exec_without_returning(writing.connection())
            .await?;
    }
    Ok(())
}

/// Writes every column of a row that was read to be changed.
pub async fn update<M>(writing: &Writing, row: M) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    let row = row.into_active_model().reset_all();
    M::Entity::update(row)
        .exec_without_returning(writing.connection())
        .await?;
    Ok(())
}

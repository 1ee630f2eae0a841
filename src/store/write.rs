//! The statements that write whole rows, the same for every table.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};

use super::{StoreError, connect::Writing};

type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;

/// Adds rows in one statement.
pub async fn insert_many<M>(writing: &Writing, rows: Vec<M>) -> Result<(), StoreError>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
    M::Entity::insert_many(rows)
        .exec_without_returning(writing.connection())
        .await?;
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

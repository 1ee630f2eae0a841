//! Writes of tickets and conversations together with their rows in the tables of activity, which hold what changes with
//! every message. A message therefore writes no row of a ticket or conversation, unless it changes the status.

use entity::{conversation, conversation_activity, ticket, ticket_activity};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};

use super::{StoreError, connect::WriteTransaction, write};

type Entity<M> = <M as ModelTrait>::Entity;
type Active<M> = <Entity<M> as EntityTrait>::ActiveModel;

/// Row that has a row of activity.
pub trait WithActivity: ModelTrait + IntoActiveModel<Active<Self>> + Sync {
    type Activity: ModelTrait + IntoActiveModel<Active<Self::Activity>> + for<'a> From<&'a Self> + Send + Sync;
}

impl WithActivity for ticket::Model {
    type Activity = ticket_activity::Model;
}

impl WithActivity for conversation::Model {
    type Activity = conversation_activity::Model;
}

/// Inserts the rows of activity of new rows.
pub async fn insert<M: WithActivity>(writing: &WriteTransaction, rows: &[M]) -> Result<(), StoreError>
where
    Active<M::Activity>: ActiveModelTrait,
{
    write::insert_new(writing, rows.iter().map(M::Activity::from).collect()).await
}

/// Writes the changed columns of a locked row and of its activity. None of them is unique.
pub async fn change<M: WithActivity>(
    writing: &WriteTransaction,
    before: &M,
    after: M,
) -> Result<(), StoreError> {
    let (was, is) = (M::Activity::from(before), M::Activity::from(&after));
    write::change(writing, before, after).await?;
    write::change(writing, &was, is).await
}

/// Writes every column of a row that was read for update, and of its activity. Waits for a transaction that writes the
/// same unique value.
pub async fn update<M: WithActivity>(writing: &WriteTransaction, row: M) -> Result<(), StoreError> {
    let activity = M::Activity::from(&row);
    write::update(writing, row).await?;
    write::update(writing, activity).await
}

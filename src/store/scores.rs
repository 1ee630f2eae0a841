//! The scores of messages that are stored: for those who score them anew.

use entity::{
    CustomerId, MessageId, WorkspaceId, customer,
    message::{Column, Direction, Entity},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, Func},
};

use super::{Db, StoreError, connect::Writing, customer::recount_sentiment, figures::hold};

/// A message that may have a score.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Scored {
    /// Which one.
    pub id: MessageId,
    /// Whose figures count it.
    pub customer_id: CustomerId,
    /// What is stored.
    pub sentiment_score: Option<i16>,
    /// The beginning of its text.
    pub body: String,
}

/// The next inbound messages behind one of them, of one workspace or of all, with so many characters of each. Notes
/// have no score.
pub async fn inbound_unscoped(
    db: &Db,
    workspace: Option<WorkspaceId>,
    after: Option<MessageId>,
    size: u64,
    characters: usize,
) -> Result<Vec<Scored>, StoreError> {
    let beginning = Func::cust("SUBSTR").args([
        Expr::col((Entity, Column::Body)),
        Expr::val(1_i32),
        Expr::val(i32::try_from(characters).unwrap_or(i32::MAX)),
    ]);
    let select = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CustomerId, Column::SentimentScore])
        .expr_as(beginning, "body")
        .filter(Column::Direction.eq(Direction::Inbound))
        .filter(Column::Internal.eq(false))
        .apply_if(workspace, |select, id| select.filter(Column::WorkspaceId.eq(id)))
        .apply_if(after, |select, id| select.filter(Column::Id.gt(id)))
        .order_by_asc(Column::Id)
        .limit(size);
    Ok(select.into_model::<Scored>().all(db.connection()).await?)
}

/// Gives these messages the scores that stand in their rows here, and sums those of their customers anew. The customers
/// are held against other writers first. Messages that were deleted meanwhile are left out.
pub async fn replace_unscoped(writing: &Writing, rows: &[Scored]) -> Result<(), StoreError> {
    let mut customers: Vec<Uuid> = rows.iter().map(|row| row.customer_id.0).collect();
    customers.sort_unstable();
    customers.dedup();
    hold::<customer::Entity>(writing, &customers).await?;
    let places = (0..rows.len())
        .map(|n| {
            let (id, score) = (
                writing.dialect().place(2 * n + 1),
                writing.dialect().place(2 * n + 2),
            );
            format!("({id}, {score})")
        })
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!(
        "WITH given(id, score) AS (VALUES {places}) UPDATE message SET sentiment_score = given.score \
         FROM given WHERE message.id = given.id"
    );
    let values = rows
        .iter()
        .flat_map(|row| [Value::from(row.id), Value::from(row.sentiment_score)]);
    let update = Statement::from_sql_and_values(writing.dialect().backend(), sql, values);
    writing.connection().execute_raw(update).await?;
    for id in customers {
        recount_sentiment(writing, CustomerId(id)).await?;
    }
    Ok(())
}

//! Stored sentiment scores of messages, and the language of a thread that they indicate.

use entity::{
    ConversationId, CustomerId, MessageId, Timestamp, WorkspaceId, customer,
    message::{Column, Direction, Entity},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, Value,
    prelude::Uuid,
    sea_query::{Alias, Expr, ExprTrait, Func, Order, Query},
};

use super::{
    Db, StoreError, connect::WriteTransaction, customer::recount_sentiment, hold::hold_many_unscoped,
};

/// Message that can have a score.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Scored {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// Customer whose figures include the score.
    pub customer_id: CustomerId,
    /// Time when the message was written.
    pub created_at: Timestamp,
    /// Stored score.
    pub sentiment_score: Option<i16>,
    /// Beginning of the text.
    pub body: String,
}

/// Position where reading continues.
#[derive(Clone, Copy, Debug)]
pub enum ScorePosition {
    /// After all messages of a conversation.
    Conversation(ConversationId),
    /// After a message in its conversation.
    Message(ConversationId, Timestamp, MessageId),
}

/// Returns the next inbound messages of one workspace or of all, by conversation and time, with at most
/// `characters` characters of each text. Internal notes have no score and are left out.
pub async fn inbound_unscoped(
    db: &Db,
    workspace: Option<WorkspaceId>,
    after: Option<ScorePosition>,
    size: u64,
    characters: usize,
) -> Result<Vec<Scored>, StoreError> {
    let beginning = Func::cust("SUBSTR").args([
        Expr::col((Entity, Column::Body)),
        Expr::val(1_i32),
        Expr::val(i32::try_from(characters).unwrap_or(i32::MAX)),
    ]);
    let column = |column: Column| Expr::col((Entity, column));
    let behind = |after: ScorePosition| match after {
        ScorePosition::Conversation(id) => Column::ConversationId.gt(id),
        ScorePosition::Message(conversation, at, id) => Expr::tuple([
            column(Column::ConversationId),
            column(Column::CreatedAt),
            column(Column::Id),
        ])
        .gt(Expr::tuple(
            [conversation.into(), at.into(), id.into()].map(|value: Value| Expr::val(value)),
        )),
    };
    let select = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::ConversationId,
            Column::CustomerId,
            Column::CreatedAt,
            Column::SentimentScore,
        ])
        .expr_as(beginning, "body")
        .filter(Column::Direction.eq(Direction::Inbound))
        .filter(Column::Internal.eq(false))
        .apply_if(workspace, |select, id| select.filter(Column::WorkspaceId.eq(id)))
        .apply_if(after, |select, after| select.filter(behind(after)))
        .order_by_asc(Column::ConversationId)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(size);
    Ok(select.into_model::<Scored>().all(db.connection()).await?)
}

/// Number of newest messages that are searched for an inbound one, because a thread can hold thousands of
/// outbound messages.
const LOOK_BACK: u64 = 100;

/// Expression: whether the newest inbound message of a conversation has no score. Texts in languages other
/// than English have none. NULL if none of the newest messages is an inbound message with text.
pub fn newest_is_unscored(conversation: Expr) -> Expr {
    let column = |column: Column| Expr::col((Entity, column));
    let newest = Alias::new("newest");
    let of_newest = |column: Column| Expr::col((newest.clone(), column));
    let mut looked_at = Query::select();
    looked_at
        .columns([
            (Entity, Column::Id),
            (Entity, Column::CreatedAt),
            (Entity, Column::SentimentScore),
            (Entity, Column::Direction),
            (Entity, Column::Internal),
            (Entity, Column::Body),
        ])
        .from(Entity)
        .and_where(column(Column::ConversationId).eq(conversation))
        .order_by((Entity, Column::CreatedAt), Order::Desc)
        .order_by((Entity, Column::Id), Order::Desc)
        .limit(LOOK_BACK);
    let mut select = Query::select();
    select
        .expr(of_newest(Column::SentimentScore).is_null())
        .from_subquery(looked_at, newest.clone())
        .and_where(of_newest(Column::Direction).eq(Direction::Inbound))
        .and_where(of_newest(Column::Internal).eq(false))
        .and_where(of_newest(Column::Body).ne(""))
        .order_by((newest.clone(), Column::CreatedAt), Order::Desc)
        .order_by((newest.clone(), Column::Id), Order::Desc)
        .limit(1);
    Expr::SubQuery(None, Box::new(select.into()))
}

/// Whether the newest inbound message of this conversation has no score.
pub async fn is_foreign_unscoped(
    writing: &WriteTransaction,
    conversation: ConversationId,
) -> Result<bool, StoreError> {
    let select = Query::select()
        .expr_as(newest_is_unscored(Expr::val(conversation)), "is_foreign")
        .to_owned();
    let statement = writing.dialect().backend().build(&select);
    let row = writing.connection().query_one_raw(statement).await?;
    let found = row.map(|row| row.try_get_by_index::<Option<bool>>(0));
    Ok(found.transpose()?.flatten().unwrap_or_default())
}

/// Removes the score from those of these messages whose preceding inbound message with text in the
/// conversation has none. These messages are too short to show their language. Only preceding messages that
/// are not in the list count, because their scores are final.
pub async fn follow_threads_unscoped(
    writing: &WriteTransaction,
    ids: &[MessageId],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let dialect = writing.dialect();
    let places = dialect.places(ids.len());
    let inbound = dialect.place(ids.len() + 1);
    let sql = format!(
        "UPDATE message SET sentiment_score = NULL WHERE id IN ({places}) AND (SELECT before.sentiment_score IS NULL \
         FROM message before WHERE before.conversation_id = message.conversation_id \
         AND (before.created_at, before.id) < (message.created_at, message.id) \
         AND before.direction = {inbound} AND NOT before.internal AND before.body <> '' \
         AND before.id NOT IN ({places}) ORDER BY before.created_at DESC, before.id DESC LIMIT 1)"
    );
    let values = ids
        .iter()
        .map(|id| Value::from(*id))
        .chain([Value::from(Direction::Inbound)]);
    let update = Statement::from_sql_and_values(dialect.backend(), sql, values);
    writing.connection().execute_raw(update).await?;
    Ok(())
}

/// Writes these scores and sums those of the customers again. Locks the customers first. Messages that were
/// deleted in the meantime are ignored.
pub async fn replace_unscoped(writing: &WriteTransaction, rows: &[Scored]) -> Result<(), StoreError> {
    let mut customers: Vec<Uuid> = rows.iter().map(|row| row.customer_id.0).collect();
    customers.sort_unstable();
    customers.dedup();
    hold_many_unscoped::<customer::Entity>(writing, &customers).await?;
    let places = writing.dialect().rows(rows.len(), 2);
    let sql = format!(
        "WITH given(id, score) AS (VALUES {places}) UPDATE message SET sentiment_score = given.score \
         FROM given WHERE message.id = given.id"
    );
    let values = rows
        .iter()
        .flat_map(|row| [Value::from(row.id), Value::from(row.sentiment_score)]);
    let update = Statement::from_sql_and_values(writing.dialect().backend(), sql, values);
    writing.connection().execute_raw(update).await?;
    let customers: Vec<_> = customers.into_iter().map(CustomerId).collect();
    recount_sentiment(writing, &customers).await
}

//! Totals of the tickets and messages of a customer.

use entity::{
    CustomerId,
    customer::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Statement, Value, sea_query::Expr,
};

use crate::store::{
    StoreError,
    connect::{Write, WriteTransaction},
};

/// Expression for the mean time to resolution in seconds, rounded half up. Null without resolved tickets.
pub fn average_resolution_seconds() -> Expr {
    Expr::cust(
        "((2 * \"customer\".\"resolution_ms_total\" + 1000 * CAST(\"customer\".\"resolved_ticket_count\" AS BIGINT)) \
         / NULLIF(2000 * CAST(\"customer\".\"resolved_ticket_count\" AS BIGINT), 0))",
    )
}

/// Writes the ticket figures of a customer after a single write.
pub async fn update_figures(writing: &WriteTransaction, row: &Model) -> Result<(), StoreError> {
    let update = Entity::update_many()
        .col_expr(Column::TicketCount, Expr::val(row.ticket_count))
        .col_expr(Column::OpenTicketCount, Expr::val(row.open_ticket_count))
        .col_expr(Column::ResolvedTicketCount, Expr::val(row.resolved_ticket_count))
        .col_expr(Column::ResolutionMsTotal, Expr::val(row.resolution_ms_total))
        .col_expr(Column::FirstTicketAt, Expr::val(row.first_ticket_at))
        .col_expr(Column::LastTicketAt, Expr::val(row.last_ticket_at))
        .filter(Column::Id.eq(row.id));
    let update = Write::Update(update.into_query());
    writing.put(&Entity, update, 7).await
}

/// Recounts the tickets of these customers. Their rows must be locked.
pub async fn recount_tickets(writing: &WriteTransaction, ids: &[CustomerId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let places = writing.dialect().places(ids.len());
    // Statuses 3 and 4 are solved and closed.
    let sql = format!(
        "UPDATE customer SET ticket_count = t.made, open_ticket_count = t.open, resolved_ticket_count = t.resolved, \
         resolution_ms_total = t.resolution_ms, first_ticket_at = t.first_at, last_ticket_at = t.last_at \
         FROM (SELECT customer_id, COUNT(*) AS made, SUM(CASE WHEN status < 3 THEN 1 ELSE 0 END) AS open, \
         SUM(CASE WHEN status >= 3 THEN 1 ELSE 0 END) AS resolved, \
         COALESCE(SUM(CASE WHEN status >= 3 THEN resolved_at - created_at END), 0) AS resolution_ms, \
         MIN(created_at) AS first_at, MAX(created_at) AS last_at \
         FROM ticket WHERE customer_id IN ({places}) GROUP BY customer_id) AS t WHERE customer.id = t.customer_id"
    );
    execute(writing, sql, ids).await
}

/// Sums the scores of the newest ten scored messages of each of these customers again. They must be held against other
/// writers.
pub async fn recount_sentiment(writing: &WriteTransaction, ids: &[CustomerId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let places = writing.dialect().places(ids.len());
    // The newest messages of one customer after the other, each along the index.
    let sql = format!(
        "UPDATE customer SET (recent_score_count, recent_score_sum, newest_score_sum) = \
         (SELECT COUNT(*), COALESCE(SUM(score), 0), COALESCE(SUM(CASE WHEN age <= 5 THEN score END), 0) \
         FROM (SELECT sentiment_score AS score, ROW_NUMBER() OVER (ORDER BY created_at DESC, id DESC) AS age \
         FROM (SELECT sentiment_score, created_at, id FROM message WHERE message.customer_id = customer.id \
         AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) AS m) AS r) \
         WHERE customer.id IN ({places})"
    );
    execute(writing, sql, ids).await
}

async fn execute(writing: &WriteTransaction, sql: String, ids: &[CustomerId]) -> Result<(), StoreError> {
    let values = ids.iter().map(|id| Value::from(*id));
    let update = Statement::from_sql_and_values(writing.dialect().backend(), sql, values);
    writing.connection().execute_raw(update).await?;
    Ok(())
}

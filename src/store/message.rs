//! Rows of messages.

use std::collections::HashMap;

use entity::{
    ConversationId, MessageId, TicketId,
    conversation_activity::NEVER,
    message::{Column, Direction, Entity},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement, Value,
    prelude::Uuid,
};

use super::{
    Db, StoreError,
    connect::WriteTransaction,
    dialect::Dialect,
    filter::{TextColumn::Plain, TextFilter, TimeFilter, conditions, equals, text, time},
    inbox,
    noun::{Filtered, noun},
    scope,
    sort::sorts,
    tally,
};
use crate::auth::Scope;

pub use super::write::insert_new as insert_many;
pub use entity::message::MessageRow;

conditions! {
    /// Filter for messages. All conditions must hold.
    MessageFilter {
        direction: Direction => equals(Column::Direction),
        sender_email: TextFilter => text(Plain(Column::SenderEmail)),
        body: TextFilter => text(Plain(Column::Body)),
        created_at: TimeFilter => time(Column::CreatedAt),
    }
}

sorts!(
    MessageSort of MessageRow => {
        CreatedAt = 0 by created_at,
    }
);

noun!(message: MessageRow, MessageId, MessageSort, |row| MessageParent {
    Ticket = TicketId => row.ticket_id()?.map(|id| id.0),
    Conversation = ConversationId => Some(row.conversation_id()?.0),
    Customer = CustomerId => Some(row.customer_id()?.0),
});

impl Filtered for Entity {
    type Filter = MessageFilter;

    fn fitting(filter: &MessageFilter, scope: &Scope, dialect: Dialect) -> Condition {
        filter.fitting(scope, dialect)
    }

    fn looks_through(filter: &MessageFilter) -> Option<(Column, MessageFilter)> {
        let reads = filter.body.as_ref().is_some_and(TextFilter::reads_text);
        reads.then(|| {
            let rest = MessageFilter {
                body: None,
                ..filter.clone()
            };
            (Column::Body, rest)
        })
    }
}

/// Returns the scores of these messages. Messages without a score are absent.
pub async fn scores_unscoped(db: &Db, ids: &[Uuid]) -> Result<HashMap<MessageId, i16>, StoreError> {
    let found: Vec<(MessageId, i16)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SentimentScore])
        .filter(db.dialect().is_among(Column::Id, ids))
        .filter(Column::SentimentScore.is_not_null())
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(tally::rows(found).into_iter().collect())
}

/// Returns the HTML of these messages. Messages without HTML are absent.
pub async fn find_html(
    db: &Db,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<HashMap<MessageId, String>, StoreError> {
    let found: Vec<(MessageId, Option<String>)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::BodyHtml])
        .filter(scope::message(scope))
        .filter(db.dialect().is_among(Column::Id, ids))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(tally::rows(found)
        .into_iter()
        .filter_map(|(id, html)| Some((id, html?)))
        .collect())
}

/// Recounts the messages of these tickets and conversations, without internal notes. Their rows must be
/// locked.
pub async fn recount(
    writing: &WriteTransaction,
    tickets: &[TicketId],
    conversations: &[ConversationId],
) -> Result<(), StoreError> {
    let ids = tickets.iter().map(|id| Value::from(*id)).collect();
    let response = "first_response_at = m.response";
    recount_in(writing, "ticket", response, ids).await?;
    let ids = conversations.iter().map(|id| Value::from(*id)).collect();
    let waiting = format!(
        "waiting_since = CASE WHEN m.inbound > COALESCE(m.outbound, m.inbound - 1) THEN m.inbound ELSE {} END",
        NEVER.0
    );
    recount_in(writing, "conversation", &waiting, ids).await?;
    inbox::follow(writing, conversations).await
}

async fn recount_in(
    writing: &WriteTransaction,
    noun: &str,
    rest: &str,
    ids: Vec<Value>,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let places = writing.dialect().places(ids.len());
    let sql = format!(
        "UPDATE {noun}_activity SET message_count = m.written, last_message_at = m.last_at, \
         last_inbound_at = m.inbound, last_outbound_at = m.outbound, {rest} \
         FROM (SELECT {noun}_id, COUNT(*) FILTER (WHERE NOT internal) AS written, \
         MAX(created_at) FILTER (WHERE NOT internal) AS last_at, \
         MAX(created_at) FILTER (WHERE NOT internal AND direction = 1) AS inbound, \
         MAX(created_at) FILTER (WHERE NOT internal AND direction = 2) AS outbound, \
         MIN(created_at) FILTER (WHERE NOT internal AND direction = 2) AS response FROM message \
         WHERE {noun}_id IN ({places}) GROUP BY {noun}_id) AS m WHERE {noun}_activity.id = m.{noun}_id"
    );
    let statement = Statement::from_sql_and_values(writing.dialect().backend(), sql, ids);
    writing.connection().execute_raw(statement).await?;
    Ok(())
}

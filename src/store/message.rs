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
    filter::{Logic, TextColumn::Plain, TextFilter, TimeFilter, conditions, equals, text, time},
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
    MessageFilter with logic {
        direction: Direction => equals(Column::Direction),
        sender_email: TextFilter => text(Plain(Column::SenderEmail)),
        body: TextFilter => text(Plain(Column::Body)),
        created_at: TimeFilter => time(Column::CreatedAt),
        is_internal: bool => equals(Column::Internal),
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
        reads_bodies(filter).then(|| (Column::Body, without_bodies(filter)))
    }
}

/// Whether the filter, or one inside it, reads bodies.
fn reads_bodies(filter: &MessageFilter) -> bool {
    let logic = &filter.logic;
    let inner = logic
        .and
        .iter()
        .chain(logic.or.iter().flatten())
        .chain(logic.not.as_deref());
    filter.body.as_ref().is_some_and(TextFilter::reads_text) || inner.into_iter().any(reads_bodies)
}

/// Filter that reads no bodies and matches at least the messages that this filter matches.
fn without_bodies(filter: &MessageFilter) -> MessageFilter {
    let each = |filters: &Vec<MessageFilter>| filters.iter().map(without_bodies).collect::<Vec<_>>();
    // An alternative without a condition matches every message.
    let or = filter.logic.or.as_ref().map(each);
    let restricts = |or: &Vec<MessageFilter>| !or.contains(&MessageFilter::default());
    MessageFilter {
        logic: Logic {
            and: each(&filter.logic.and),
            or: or.filter(restricts),
            // The negation of a weaker filter would be a stronger one.
            not: filter.logic.not.clone().filter(|not| !reads_bodies(not)),
        },
        body: None,
        ..filter.clone()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_without_its_conditions_on_bodies_matches_at_least_the_same_messages() {
        let body = || MessageFilter {
            body: Some(TextFilter {
                contains: Some("x".to_owned()),
                ..TextFilter::default()
            }),
            ..MessageFilter::default()
        };
        let internal = || MessageFilter {
            is_internal: Some(true),
            ..MessageFilter::default()
        };
        let within = |logic| MessageFilter {
            logic,
            ..MessageFilter::default()
        };
        let (none, not) = (MessageFilter::default, |filter| Logic {
            not: Some(Box::new(filter)),
            ..Logic::default()
        });
        let or = |filters| Logic {
            or: Some(filters),
            ..Logic::default()
        };
        let and = |filters| Logic {
            and: filters,
            ..Logic::default()
        };
        for (filter, rest) in [
            (body(), none()),
            (
                within(and(vec![body(), internal()])),
                within(and(vec![none(), internal()])),
            ),
            (within(or(vec![body(), internal()])), none()),
            (
                within(or(vec![within(and(vec![body(), internal()])), internal()])),
                within(or(vec![within(and(vec![none(), internal()])), internal()])),
            ),
            (within(not(body())), none()),
            (within(or(vec![body(), within(not(internal()))])), none()),
        ] {
            let (column, found) = Entity::looks_through(&filter).expect("it reads bodies");
            assert!(matches!(column, Column::Body));
            assert_eq!(found, rest, "{filter:?}");
        }
        for filter in [internal(), within(not(internal())), within(or(vec![internal()]))] {
            assert!(Entity::looks_through(&filter).is_none(), "{filter:?}");
        }
    }
}

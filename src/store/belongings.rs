//! Everything that a customer has, read and deleted with the customer.

use entity::{CustomerId, conversation, message, ticket};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Statement,
    Value,
    prelude::Uuid,
    sea_query::{LockBehavior, LockType},
};

use super::{StoreError, connect::Writing};

/// The ids of what a customer has, oldest first.
#[derive(Debug, Default)]
pub struct Belongings {
    /// Tickets, each with its conversation.
    pub tickets: Vec<(Uuid, Uuid)>,
    /// Conversations.
    pub conversations: Vec<Uuid>,
    /// Messages, each with its ticket, its conversation and whether it is a note.
    pub messages: Vec<(Uuid, Option<Uuid>, Uuid, bool)>,
}

/// Holds a customer's tickets, then its conversations, against other writers until the transaction ends. Waits for those
/// who hold one of them, or is [`StoreError::Busy`] at once.
pub async fn hold(writing: &Writing, id: CustomerId, waits: bool) -> Result<(), StoreError> {
    let tickets = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::Id)
        .filter(ticket::Column::CustomerId.eq(id))
        .order_by_asc(ticket::Column::Id);
    let _: Vec<Uuid> = held(tickets, waits)
        .into_tuple()
        .all(writing.connection())
        .await?;
    let conversations = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::Column::CustomerId.eq(id))
        .order_by_asc(conversation::Column::Id);
    let _: Vec<Uuid> = held(conversations, waits)
        .into_tuple()
        .all(writing.connection())
        .await?;
    Ok(())
}

fn held<E: EntityTrait>(select: Select<E>, waits: bool) -> Select<E> {
    if waits {
        select.lock(LockType::Update)
    } else {
        select.lock_with_behavior(LockType::Update, LockBehavior::Nowait)
    }
}

/// What the customer, who must be held, has.
pub async fn read(writing: &Writing, id: CustomerId) -> Result<Belongings, StoreError> {
    let connection = writing.connection();
    let tickets = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Id, ticket::Column::ConversationId])
        .filter(ticket::Column::CustomerId.eq(id))
        .order_by_asc(ticket::Column::CreatedAt)
        .order_by_asc(ticket::Column::Id);
    let conversations = conversation::Entity::find()
        .select_only()
        .column(conversation::Column::Id)
        .filter(conversation::Column::CustomerId.eq(id))
        .order_by_asc(conversation::Column::CreatedAt)
        .order_by_asc(conversation::Column::Id);
    let messages = message::Entity::find()
        .select_only()
        .columns([
            message::Column::Id,
            message::Column::TicketId,
            message::Column::ConversationId,
            message::Column::Internal,
        ])
        .filter(message::Column::CustomerId.eq(id))
        .order_by_asc(message::Column::CreatedAt)
        .order_by_asc(message::Column::Id);
    Ok(Belongings {
        tickets: tickets.into_tuple().all(connection).await?,
        conversations: conversations.into_tuple().all(connection).await?,
        messages: messages.into_tuple().all(connection).await?,
    })
}

/// Deletes what the customer has, and the references of all of it to other systems.
pub async fn delete(writing: &Writing, id: CustomerId) -> Result<(), StoreError> {
    const OWNED: &str = "SELECT id FROM message WHERE customer_id = {} UNION ALL SELECT id FROM ticket WHERE customer_id = {} \
         UNION ALL SELECT id FROM conversation WHERE customer_id = {} UNION ALL SELECT id FROM customer WHERE id = {}";
    const THREADS: &str = "SELECT id FROM conversation WHERE customer_id = {}";
    for statement in [
        &format!("DELETE FROM external_reference WHERE object_id IN ({OWNED})"),
        &format!("DELETE FROM conversation_agent WHERE conversation_id IN ({THREADS})"),
        &format!("DELETE FROM conversation_team WHERE conversation_id IN ({THREADS})"),
        "DELETE FROM message WHERE customer_id = {}",
        "DELETE FROM ticket WHERE customer_id = {}",
        "DELETE FROM conversation WHERE customer_id = {}",
    ] {
        let dialect = writing.dialect();
        let sql = statement.replace("{}", &dialect.place(1));
        let statement = Statement::from_sql_and_values(dialect.backend(), sql, [Value::from(id)]);
        writing.connection().execute_raw(statement).await?;
    }
    Ok(())
}

//! Tickets, conversations and messages of a customer, which are read and deleted together with it.

use std::collections::BTreeSet;

use entity::{
    CustomerId, WorkspaceId, conversation, customer_address,
    external_reference::{self, Kind},
    message, ticket,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::{
    Noun, StoreError,
    connect::WriteTransaction,
    filter::{self, email_key},
};

/// Ids of the objects of a customer, oldest first.
#[derive(Debug, Default)]
pub struct Belongings {
    /// Tickets with their conversations.
    pub tickets: Vec<(Uuid, Uuid)>,
    pub conversations: Vec<Uuid>,
    /// Messages with their ticket, their conversation and whether they are internal notes.
    pub messages: Vec<(Uuid, Option<Uuid>, Uuid, bool)>,
}

/// Locks the tickets and then the conversations of a customer until the transaction ends. Waits for other
/// transactions that hold these locks, or fails with [`StoreError::Busy`] at once.
pub async fn hold(writing: &WriteTransaction, id: CustomerId, waits: bool) -> Result<(), StoreError> {
    hold_all::<ticket::Entity>(writing, of(ticket::Column::CustomerId, id), waits).await?;
    hold_all::<conversation::Entity>(writing, of(conversation::Column::CustomerId, id), waits).await
}

async fn hold_all<N: Noun>(
    writing: &WriteTransaction,
    rows: Select<N>,
    waits: bool,
) -> Result<(), StoreError> {
    let ids = rows.column(N::id_column()).order_by_asc(N::id_column());
    let held = if waits {
        ids.lock(LockType::Update)
    } else {
        ids.lock_with_behavior(LockType::Update, LockBehavior::Nowait)
    };
    let _: Vec<Uuid> = held.into_tuple().all(writing.connection()).await?;
    Ok(())
}

/// Selects the rows of a customer, without columns.
fn of<E: EntityTrait>(owner: E::Column, id: CustomerId) -> Select<E> {
    E::find().select_only().filter(owner.eq(id))
}

/// Reads the objects of a customer. The row of the customer must be locked.
pub async fn read(writing: &WriteTransaction, id: CustomerId) -> Result<Belongings, StoreError> {
    let connection = writing.connection();
    let tickets = of::<ticket::Entity>(ticket::Column::CustomerId, id)
        .columns([ticket::Column::Id, ticket::Column::ConversationId])
        .order_by_asc(ticket::Column::CreatedAt)
        .order_by_asc(ticket::Column::Id);
    let conversations = of::<conversation::Entity>(conversation::Column::CustomerId, id)
        .column(conversation::Column::Id)
        .order_by_asc(conversation::Column::CreatedAt)
        .order_by_asc(conversation::Column::Id);
    let messages = of::<message::Entity>(message::Column::CustomerId, id)
        .columns([
            message::Column::Id,
            message::Column::TicketId,
            message::Column::ConversationId,
            message::Column::Internal,
        ])
        .order_by_asc(message::Column::CreatedAt)
        .order_by_asc(message::Column::Id);
    Ok(Belongings {
        tickets: tickets.into_tuple().all(connection).await?,
        conversations: conversations.into_tuple().all(connection).await?,
        messages: messages.into_tuple().all(connection).await?,
    })
}

/// External ids and addresses of a customer and its objects.
#[derive(Debug, Default)]
pub struct ExternalIds {
    /// Ids of the customer, its tickets and its conversations in other systems: the system, the kind of
    /// object and the id.
    pub references: Vec<(String, Kind, String)>,
    /// Ids of the conversations in the caller's system.
    pub conversations: Vec<String>,
    /// Addresses from which the customer wrote, without those that another customer has now.
    pub addresses: BTreeSet<String>,
}

/// Reads the external ids and addresses of a customer. The row of the customer must be locked.
pub async fn outside(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    id: CustomerId,
) -> Result<ExternalIds, StoreError> {
    use external_reference::{Column, Entity};
    let connection = writing.connection();
    let tickets = of::<ticket::Entity>(ticket::Column::CustomerId, id).column(ticket::Column::Id);
    let threads = || of::<conversation::Entity>(conversation::Column::CustomerId, id);
    let of_it = Condition::any()
        .add(Column::ObjectId.eq(id.0))
        .add(Column::ObjectId.in_subquery(tickets.into_query()))
        .add(Column::ObjectId.in_subquery(threads().column(conversation::Column::Id).into_query()));
    let references = Entity::find()
        .select_only()
        .columns([Column::System, Column::Kind, Column::ExternalId])
        .filter(of_it);
    let own_ids = threads()
        .column(conversation::Column::ExternalId)
        .filter(conversation::Column::ExternalId.is_not_null());
    Ok(ExternalIds {
        addresses: written_under(writing, workspace, id).await?,
        references: references.into_tuple().all(connection).await?,
        conversations: own_ids.into_tuple().all(connection).await?,
    })
}

async fn written_under(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    id: CustomerId,
) -> Result<BTreeSet<String>, StoreError> {
    let connection = writing.connection();
    let of_tickets = of::<ticket::Entity>(ticket::Column::CustomerId, id)
        .column(ticket::Column::CustomerEmail)
        .distinct();
    let of_messages = of::<message::Entity>(message::Column::CustomerId, id)
        .column(message::Column::SenderEmail)
        .filter(message::Column::SenderCustomerId.eq(id))
        .distinct();
    let mut found: Vec<String> = of_tickets.into_tuple().all(connection).await?;
    found.extend(of_messages.into_tuple::<String>().all(connection).await?);
    let keys = found
        .iter()
        .map(|email| email_key(email))
        .collect::<BTreeSet<_>>();
    let key = Expr::col((customer_address::Entity, customer_address::Column::EmailKey));
    let of_others = customer_address::Entity::find()
        .select_only()
        .column(customer_address::Column::EmailKey)
        .filter(customer_address::Column::WorkspaceId.eq(workspace))
        .filter(filter::is_in(key, keys))
        .filter(customer_address::Column::CustomerId.ne(id));
    let of_others: BTreeSet<String> = of_others
        .into_tuple()
        .all(connection)
        .await?
        .into_iter()
        .collect();
    found.retain(|email| !email.is_empty() && !of_others.contains(&email_key(email)));
    Ok(found.into_iter().collect())
}

/// Removes samples of the customer's words from the statistics of the planner.
pub async fn forget_samples(writing: &WriteTransaction) -> Result<(), StoreError> {
    let dialect = writing.dialect();
    let Some([is_there, forget]) = dialect.forget_samples() else {
        return Ok(());
    };
    let connection = writing.connection();
    let is_there = Statement::from_string(dialect.backend(), is_there);
    if connection.query_one_raw(is_there).await?.is_some() {
        connection.execute_unprepared(forget).await?;
    }
    Ok(())
}

/// Deletes the objects of a customer, and the references from all of them to other systems.
pub async fn delete(writing: &WriteTransaction, id: CustomerId) -> Result<(), StoreError> {
    const OWNED: &str = "SELECT id FROM message WHERE customer_id = {} UNION ALL SELECT id FROM ticket WHERE customer_id = {} \
         UNION ALL SELECT id FROM conversation WHERE customer_id = {} UNION ALL SELECT id FROM customer WHERE id = {}";
    const THREADS: &str = "SELECT id FROM conversation WHERE customer_id = {}";
    const TICKETS: &str = "SELECT id FROM ticket WHERE customer_id = {}";
    for statement in [
        &format!("DELETE FROM external_reference WHERE object_id IN ({OWNED})"),
        &format!("DELETE FROM conversation_agent WHERE conversation_id IN ({THREADS})"),
        &format!("DELETE FROM conversation_team WHERE conversation_id IN ({THREADS})"),
        "DELETE FROM message WHERE customer_id = {}",
        &format!("DELETE FROM ticket_activity WHERE id IN ({TICKETS})"),
        &format!("DELETE FROM conversation_activity WHERE id IN ({THREADS})"),
        &format!("DELETE FROM inbox WHERE conversation_id IN ({THREADS})"),
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

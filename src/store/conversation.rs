//! Rows of conversations.

use entity::{
    AgentId, ConversationId, CustomerId, QueueId, TeamId, Timestamp, WorkspaceId,
    conversation::{Column, Entity, Model, Status},
    conversation_activity::{self, NEVER},
    conversation_agent,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Order},
};

use super::{
    Db, StoreError, activity,
    connect::WriteTransaction,
    customer::CustomerFilter,
    dialect::Dialect,
    filter::{
        self, FieldFilter, TagsFilter, TextColumn, TextFilter, TimeFilter, beside, conditions, fields,
        of_staff, one_of, tags, text, time, whether,
    },
    hold, inbox, inbox_page,
    link::{AgentsOfConversation, TeamsOfConversation, has_member},
    noun::{Filtered, Side, Window, noun},
    scope,
    sort::sorts,
    sync_place, ticket, write,
};
use crate::auth::Scope;

pub use super::activity::update;

conditions! {
    /// Filter for conversations. All conditions must hold.
    ConversationFilter with logic {
        id: Vec<ConversationId> => one_of(Column::Id),
        status: Vec<Status> => one_of(Column::Status),
        channel: TextFilter => text(TextColumn::Plain(Column::Channel)),
        customer_id: Vec<CustomerId> => one_of(Column::CustomerId),
        tags: TagsFilter => tags(Column::Tags),
        created_at: TimeFilter => time(Column::CreatedAt),
        last_message_at: TimeFilter => active(time(conversation_activity::Column::LastMessageAt)),
        last_inbound_at: TimeFilter => active(time(conversation_activity::Column::LastInboundAt)),
        last_outbound_at: TimeFilter => active(time(conversation_activity::Column::LastOutboundAt)),
        /// Whether an inbound message is later than every outbound message.
        is_awaiting_reply: bool => whether(active(|_, _, _| is_awaiting_reply())),
        assignee_id: Vec<AgentId> => has_member::<AgentsOfConversation, _>(Column::Id),
        /// Whether the conversation is assigned to an agent.
        is_assigned: bool => whether(beside::<conversation_agent::Entity, _>(
            Column::Id,
            conversation_agent::Column::ConversationId,
            |_, _, _| Condition::all(),
        )),
        team_id: Vec<TeamId> => of_staff(has_member::<TeamsOfConversation, _>(Column::Id)),
        queue_id: Vec<QueueId> => of_staff(one_of(Column::QueueId)),
        custom_fields: Vec<FieldFilter> => fields(Column::CustomFields),
        external_id: TextFilter => text(TextColumn::Plain(Column::ExternalId)),
        snoozed_until: TimeFilter => time(Column::SnoozedUntil),
        updated_at: TimeFilter => time(Column::UpdatedAt),
        customer: CustomerFilter => ticket::of_customers(Column::CustomerId),
        /// Condition: the conversation is in the inbox of this agent.
        inbox_of: AgentId => inbox_page::is_in,
    }
}

sorts!(
    ConversationSort of Model => {
        CreatedAt = 0 by created_at,
        UpdatedAt = 1 by updated_at,
        LastMessageAt = 2 by last_message_at,
        /// Time since which the customer waits for a reply, and last the conversations in which no customer waits.
        WaitingSince = 4 by waiting_since,
    }
);

noun!(conversation: Model, ConversationId, ConversationSort, |row| ConversationParent {
    Customer = CustomerId => Some(row.customer_id()?.0),
    Queue = QueueId => row.queue_id()?.map(|id| id.0),
});

impl Filtered for Entity {
    type Filter = ConversationFilter;

    const SIDE: Option<Side> = Some(Side {
        table: "conversation_activity",
        columns: &[
            "message_count",
            "last_message_at",
            "last_inbound_at",
            "last_outbound_at",
            "waiting_since",
        ],
    });

    fn found_first(
        filter: &ConversationFilter,
        part: &Window<'_>,
        scope: &Scope,
        dialect: Dialect,
    ) -> Option<Expr> {
        let only = ConversationFilter {
            inbox_of: filter.inbox_of,
            ..ConversationFilter::default()
        };
        let agent = filter
            .inbox_of
            .filter(|_| part.column == "waiting_since" && *filter == only)?;
        Some(inbox_page::is_on_page(agent, part, scope, dialect))
    }

    fn names_ids(filter: &ConversationFilter) -> bool {
        filter.logic.tells(filter.id.is_some(), Self::names_ids)
    }

    fn fitting(filter: &ConversationFilter, scope: &Scope, dialect: Dialect) -> Condition {
        filter.fitting(scope, dialect)
    }
}

/// Condition on the activity of a conversation.
fn active<T>(fits: impl Fn(&T, &Scope, Dialect) -> Condition) -> impl Fn(&T, &Scope, Dialect) -> Expr {
    beside::<conversation_activity::Entity, T>(Column::Id, conversation_activity::Column::Id, fits)
}

/// Condition on the activity of a conversation in which the customer waits for a reply.
fn is_awaiting_reply() -> Condition {
    Condition::all().add(conversation_activity::Column::WaitingSince.ne(NEVER))
}

/// Inserts new conversations with their activity. They have neither agents nor teams yet. Waits for a transaction that
/// inserts the same external id.
pub async fn insert_many(writing: &WriteTransaction, rows: Vec<Model>) -> Result<(), StoreError> {
    write::insert_many(writing, rows.clone()).await?;
    activity::insert(writing, &rows).await?;
    inbox::insert(writing, &rows).await
}

/// Writes the changed columns of a locked row and of its activity, and the inboxes. None of them is unique.
pub async fn change(writing: &WriteTransaction, before: &Model, after: Model) -> Result<(), StoreError> {
    inbox::change(writing, before, &after).await?;
    activity::change(writing, before, after).await
}

#[derive(Clone, Copy, Debug)]
pub struct SnoozedConversation {
    pub id: ConversationId,
    pub workspace: WorkspaceId,
    /// Time when it opens again. A conversation snoozed without a time is due at once.
    pub until: Timestamp,
}

/// Returns at most `count` snoozed conversations of all workspaces, in the order in which they become due.
pub async fn find_asleep_unscoped(db: &Db, count: u64) -> Result<Vec<SnoozedConversation>, StoreError> {
    let select = Entity::find()
        .select_only()
        .columns([Column::Id, Column::WorkspaceId])
        .column_as(until(), "until")
        .filter(is_asleep())
        // A copy writes the change log of its workspace itself, up to the end.
        .filter(Column::WorkspaceId.not_in_subquery(sync_place::copied()))
        .order_by_asc(until())
        .order_by_asc(Column::Id)
        .limit(count);
    let found: Vec<(ConversationId, WorkspaceId, Timestamp)> =
        select.into_tuple().all(db.connection()).await?;
    let asleep = |(id, workspace, until)| SnoozedConversation { id, workspace, until };
    Ok(found.into_iter().map(asleep).collect())
}

/// Returns those of these conversations of a workspace that are due, and locks their rows until the
/// transaction ends.
pub async fn hold_due_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    ids: &[ConversationId],
    now: Timestamp,
) -> Result<Vec<Model>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let mut select = hold::rows_to_change::<Entity>();
    select
        .and_where(writing.dialect().is_among(Column::Id, &ids))
        .and_where(Column::WorkspaceId.eq(workspace))
        .and_where(is_asleep())
        .and_where(until().lte(now))
        .order_by((Entity, Column::Id), Order::Asc);
    hold::read_all::<Entity>(writing, &select).await
}

/// Same expression as in the index. With a parameter, neither database would use the index.
fn is_asleep() -> Expr {
    Expr::cust("\"conversation\".\"status\" = 2")
}

/// Same expression as in the index.
fn until() -> Expr {
    Expr::cust("COALESCE(\"conversation\".\"snoozed_until\", 0)")
}

/// Returns the conversation of a workspace that has exactly this external id.
pub async fn find_by_external_id(
    writing: &WriteTransaction,
    scope: &Scope,
    workspace: WorkspaceId,
    external_id: &str,
) -> Result<Option<ConversationId>, StoreError> {
    let select = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(scope::conversation(scope))
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::ExternalId.eq(external_id));
    Ok(select.into_tuple().one(writing.connection()).await?)
}

/// Returns the conversations of a workspace with these ids or external ids and locks their rows until the
/// transaction ends.
pub async fn find_many_to_change_unscoped(
    writing: &WriteTransaction,
    workspace: WorkspaceId,
    ids: &[Uuid],
    external_ids: impl IntoIterator<Item = String>,
) -> Result<Vec<Model>, StoreError> {
    let wanted = Condition::any()
        .add(writing.dialect().is_among(Column::Id, ids))
        .add(filter::is_in(
            Expr::col((Entity, Column::ExternalId)),
            external_ids,
        ));
    let mut select = hold::rows_to_change::<Entity>();
    select
        .and_where(Column::WorkspaceId.eq(workspace))
        .cond_where(wanted)
        .order_by((Entity, Column::Id), Order::Asc);
    hold::read_all::<Entity>(writing, &select).await
}

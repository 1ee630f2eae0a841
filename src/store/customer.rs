//! Rows of customers.

use entity::{
    CustomerId, WorkspaceId,
    customer::{Column, Entity, Model},
    ticket::Priority,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, LockType},
};

use super::{
    Noun, SortValue, StoreError,
    connect::Writing,
    dialect::Dialect,
    filter::{self, Logic, TagsFilter, TextColumn, TextFilter, TimeFilter},
    scope,
};
use crate::auth::Scope;

pub use super::write::{insert_many, update};

/// Which customers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerFilter {
    /// Nested conditions.
    pub logic: Logic<CustomerFilter>,
    /// This stands in the address, the name or the company.
    pub search: Option<String>,
    /// One of these.
    pub id: Option<Vec<CustomerId>>,
    /// The address.
    pub email: Option<TextFilter>,
    /// The name.
    pub name: Option<TextFilter>,
    /// The company.
    pub company: Option<TextFilter>,
    /// To be treated with priority.
    pub is_vip: Option<bool>,
    /// The priority of new tickets.
    pub priority_override: Option<Vec<Priority>>,
    /// The tags.
    pub tags: Option<TagsFilter>,
    /// When made.
    pub created_at: Option<TimeFilter>,
    /// When last changed.
    pub updated_at: Option<TimeFilter>,
}

/// By what customers are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerSort {
    /// When made.
    CreatedAt,
    /// When last changed.
    UpdatedAt,
    /// By name, without case.
    Name,
    /// By address, without case.
    Email,
    /// By company, without case.
    Company,
    /// By the newest ticket.
    LastTicketAt,
}

/// Customers are nobody's children in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoParent {}

impl Noun for Entity {
    type Row = Model;
    type Id = CustomerId;
    type Filter = CustomerFilter;
    type Sort = CustomerSort;
    type Parent = NoParent;

    fn columns() -> Vec<Column> {
        Column::iter().collect()
    }

    fn id_column() -> Column {
        Column::Id
    }

    fn workspace_column() -> Column {
        Column::WorkspaceId
    }

    fn parent_column(parent: NoParent) -> Column {
        match parent {}
    }

    fn sort_expression(sort: CustomerSort) -> Expr {
        let column = match sort {
            CustomerSort::CreatedAt => Column::CreatedAt,
            CustomerSort::UpdatedAt => Column::UpdatedAt,
            CustomerSort::Name => Column::NameKey,
            CustomerSort::Email => Column::EmailKey,
            CustomerSort::Company => Column::CompanyKey,
            CustomerSort::LastTicketAt => return Expr::cust("COALESCE(\"customer\".\"last_ticket_at\", 0)"),
        };
        Expr::col((Entity, column))
    }

    fn within(scope: &Scope) -> Condition {
        scope::customer(scope)
    }

    #[expect(
        clippy::only_used_in_recursion,
        reason = "a customer's filter looks at no other table"
    )]
    fn fitting(filter: &CustomerFilter, scope: &Scope, dialect: Dialect) -> Condition {
        let search = filter.search.as_ref().map(|text| {
            [Column::EmailKey, Column::NameKey, Column::CompanyKey]
                .into_iter()
                .fold(Condition::any(), |any, column| {
                    any.add(TextColumn::Folded(column).contains(text, dialect))
                })
        });
        let own = Condition::all()
            .add_option(search)
            .add_option(filter::one_of(Column::Id, filter.id.as_ref()))
            .add(TextColumn::Folded(Column::EmailKey).fits(filter.email.as_ref(), dialect))
            .add(TextColumn::Folded(Column::NameKey).fits(filter.name.as_ref(), dialect))
            .add(TextColumn::Folded(Column::CompanyKey).fits(filter.company.as_ref(), dialect))
            .add_option(filter.is_vip.map(|wanted| Column::IsVip.eq(wanted)))
            .add_option(filter::one_of(
                Column::PriorityOverride,
                filter.priority_override.as_ref(),
            ))
            .add(filter::tags(Column::Tags, filter.tags.as_ref(), dialect))
            .add(filter::time(Column::CreatedAt, filter.created_at.as_ref()))
            .add(filter::time(Column::UpdatedAt, filter.updated_at.as_ref()));
        filter
            .logic
            .join(own, |nested| Self::fitting(nested, scope, dialect))
    }

    fn sort_value(row: &Model, sort: CustomerSort) -> SortValue {
        match sort {
            CustomerSort::CreatedAt => SortValue::Number(row.created_at.0),
            CustomerSort::UpdatedAt => SortValue::Number(row.updated_at.0),
            CustomerSort::Name => SortValue::Text(row.name_key.clone()),
            CustomerSort::Email => SortValue::Text(row.email_key.clone()),
            CustomerSort::Company => SortValue::Text(row.company_key.clone()),
            CustomerSort::LastTicketAt => {
                SortValue::Number(row.last_ticket_at.map_or(0, |instant| instant.0))
            }
        }
    }

    fn id(row: &Model) -> CustomerId {
        row.id
    }

    fn parent_of(_: &Model, parent: NoParent) -> Option<Uuid> {
        match parent {}
    }
}

/// How a writer names a customer.
#[derive(Clone, Debug)]
pub enum By<'a> {
    /// By id.
    Id(CustomerId),
    /// By address, folded.
    EmailKey(&'a str),
    /// By the caller's own id.
    ExternalId(&'a str),
}

impl By<'_> {
    fn condition(&self) -> Condition {
        match *self {
            By::Id(id) => Condition::all().add(Column::Id.eq(id)),
            // The second condition is that of the partial index.
            By::EmailKey(key) => Condition::all()
                .add(Column::EmailKey.eq(key))
                .add(Column::EmailKey.ne("")),
            By::ExternalId(id) => Condition::all().add(Column::ExternalId.eq(id)),
        }
    }
}

/// The customer of a workspace, if the scope holds it.
pub async fn find(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    workspace: WorkspaceId,
    by: By<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(by.condition());
    Ok(select.one(connection).await?)
}

/// The same, held against other writers until the transaction ends.
pub async fn find_to_change(
    writing: &Writing,
    scope: &Scope,
    workspace: Option<WorkspaceId>,
    by: By<'_>,
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(scope::customer(scope))
        .filter(by.condition())
        .filter(Condition::all().add_option(workspace.map(|id| Column::WorkspaceId.eq(id))))
        .lock(LockType::NoKeyUpdate);
    Ok(select.one(writing.connection()).await?)
}

/// How a writer names several customers.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// By id.
    Ids(&'a [CustomerId]),
    /// By address, folded.
    Emails(&'a [String]),
}

/// Several at once, held against other writers; in one order, so that two of them cannot wait for each other.
pub async fn find_many_to_change_unscoped(
    writing: &Writing,
    workspace: WorkspaceId,
    keys: Keys<'_>,
) -> Result<Vec<Model>, StoreError> {
    let named = match keys {
        Keys::Ids(ids) => filter::is_in(Expr::col((Entity, Column::Id)), ids.iter().copied()),
        Keys::Emails(keys) => filter::is_in(Expr::col((Entity, Column::EmailKey)), keys.iter().cloned()),
    };
    let select = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(named)
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate);
    Ok(select.all(writing.connection()).await?)
}

/// What a customer's tickets add up to, as a single write changes it.
pub async fn update_figures(writing: &Writing, row: &Model) -> Result<(), StoreError> {
    let update = Entity::update_many()
        .col_expr(Column::TicketCount, Expr::val(row.ticket_count))
        .col_expr(Column::OpenTicketCount, Expr::val(row.open_ticket_count))
        .col_expr(Column::ResolvedTicketCount, Expr::val(row.resolved_ticket_count))
        .col_expr(Column::ResolutionMsTotal, Expr::val(row.resolution_ms_total))
        .col_expr(Column::FirstTicketAt, Expr::val(row.first_ticket_at))
        .col_expr(Column::LastTicketAt, Expr::val(row.last_ticket_at))
        .filter(Column::Id.eq(row.id));
    update.exec(writing.connection()).await?;
    Ok(())
}

/// Counts the tickets of these customers anew. They must be held against other writers.
pub async fn recount_tickets(writing: &Writing, ids: &[CustomerId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let places = (1..=ids.len())
        .map(|n| writing.dialect().place(n))
        .collect::<Vec<_>>()
        .join(", ");
    // 3 and 4 are solved and closed.
    let sql = format!(
        "UPDATE customer SET ticket_count = t.made, open_ticket_count = t.open, resolved_ticket_count = t.resolved, \
         resolution_ms_total = t.resolution_ms, first_ticket_at = t.first_at, last_ticket_at = t.last_at \
         FROM (SELECT customer_id, COUNT(*) AS made, SUM(CASE WHEN status < 3 THEN 1 ELSE 0 END) AS open, \
         SUM(CASE WHEN status >= 3 THEN 1 ELSE 0 END) AS resolved, \
         COALESCE(SUM(CASE WHEN status >= 3 THEN resolved_at - created_at END), 0) AS resolution_ms, \
         MIN(created_at) AS first_at, MAX(created_at) AS last_at \
         FROM ticket WHERE customer_id IN ({places}) GROUP BY customer_id) AS t WHERE customer.id = t.customer_id"
    );
    let values = ids.iter().map(|id| Value::from(*id));
    writing
        .connection()
        .execute_raw(Statement::from_sql_and_values(
            writing.dialect().backend(),
            sql,
            values,
        ))
        .await?;
    Ok(())
}

/// Sums the scores of the newest ten scored messages of a customer anew. It must be held against other writers.
pub async fn recount_sentiment(writing: &Writing, id: CustomerId) -> Result<(), StoreError> {
    let place = writing.dialect().place(1);
    let sql = format!(
        "UPDATE customer SET recent_score_count = s.scored, recent_score_sum = s.total, newest_score_sum = s.newest \
         FROM (SELECT COUNT(*) AS scored, COALESCE(SUM(score), 0) AS total, \
         COALESCE(SUM(CASE WHEN age <= 5 THEN score END), 0) AS newest \
         FROM (SELECT sentiment_score AS score, ROW_NUMBER() OVER (ORDER BY created_at DESC, id DESC) AS age \
         FROM (SELECT sentiment_score, created_at, id FROM message \
         WHERE customer_id = {place} AND sentiment_score IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 10) AS m) AS r) AS s \
         WHERE customer.id = {place}"
    );
    let statement = Statement::from_sql_and_values(writing.dialect().backend(), sql, [Value::from(id)]);
    writing.connection().execute_raw(statement).await?;
    Ok(())
}

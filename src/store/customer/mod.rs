//! Rows of customers.

mod address;
mod figures;
mod find;
mod search;
mod words;

use entity::{
    CustomerId,
    customer::{Column, Entity, Model, Sentiment, Status},
    ticket::Priority,
};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};

use super::{
    Noun,
    dialect::Dialect,
    filter::{self, FieldFilter, Logic, TagsFilter, TextColumn, TextFilter, TimeFilter},
    scope,
    sort::sorts,
};
use crate::auth::Scope;

pub use address::{address_keys, delete, holders, insert_many, update};
pub use figures::{recount_sentiment, recount_tickets, update_figures};
pub use find::{CustomerKey, CustomerKeys, find, find_many_to_change_unscoped, find_to_change};
pub use search::Search;
pub use words::{of as words_of, replace as replace_words};

/// Filter for customers. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomerFilter {
    pub logic: Logic<CustomerFilter>,
    /// Words of the customer start with the search terms.
    pub search: Option<Search>,
    pub id: Option<Vec<CustomerId>>,
    /// Condition on the primary address.
    pub email: Option<TextFilter>,
    /// One of the addresses equals this folded address.
    pub any_email: Option<String>,
    /// The id in the caller's system equals this text exactly.
    pub exact_external_id: Option<String>,
    pub external_id: Option<TextFilter>,
    pub status: Option<Vec<Status>>,
    /// Mood set by an agent is one of these.
    pub sentiment: Option<Vec<Sentiment>>,
    pub custom_fields: Vec<FieldFilter>,
    pub name: Option<TextFilter>,
    pub company: Option<TextFilter>,
    pub is_vip: Option<bool>,
    pub priority_override: Option<Vec<Priority>>,
    pub tags: Option<TagsFilter>,
    pub created_at: Option<TimeFilter>,
    pub updated_at: Option<TimeFilter>,
}

sorts!(
    CustomerSort of Model => {
        CreatedAt = 0 by created_at,
        UpdatedAt = 1 by updated_at,
        /// Name, case-insensitive.
        Name = 2 by name_key,
        /// Primary email address, case-insensitive.
        Email = 3 by email_key,
        /// Company, case-insensitive.
        Company = 4 by company_key,
        LastTicketAt = 5 by last_ticket_at,
    }
);

/// Customers have no parent in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoParent {}

impl Noun for Entity {
    type Row = Model;
    type Id = CustomerId;
    type Filter = CustomerFilter;
    type Sort = CustomerSort;
    type Parent = NoParent;

    fn id_column() -> Column {
        Column::Id
    }

    fn workspace_column() -> Column {
        Column::WorkspaceId
    }

    fn parent_column(parent: NoParent) -> Column {
        match parent {}
    }

    fn within(scope: &Scope) -> Condition {
        scope::customer(scope)
    }

    fn names_ids(filter: &CustomerFilter) -> bool {
        let own = filter.id.is_some() || filter.search.as_ref().is_some_and(Search::names_ids);
        filter.logic.tells(own, Self::names_ids)
    }

    fn fitting(filter: &CustomerFilter, scope: &Scope, dialect: Dialect) -> Condition {
        let any_email = filter.any_email.as_deref();
        let own = Condition::all()
            .add_option(filter.search.as_ref().map(|search| search.fits(dialect)))
            .add_option(any_email.map(|key| address::is_of(&scope.workspaces, key)))
            .add_option(
                filter
                    .exact_external_id
                    .as_deref()
                    .map(|id| Column::ExternalId.eq(id)),
            )
            .add_option(TextColumn::Plain(Column::ExternalId).fits(filter.external_id.as_ref(), dialect))
            .add_option(filter::one_of(Column::Status, filter.status.as_ref()))
            .add_option(filter::one_of(Column::Sentiment, filter.sentiment.as_ref()))
            .add_option(filter::fields(
                Column::CustomFields,
                &filter.custom_fields,
                dialect,
            ))
            .add_option(filter::one_of(Column::Id, filter.id.as_ref()))
            .add_option(TextColumn::EmailKey(Column::EmailKey).fits(filter.email.as_ref(), dialect))
            .add_option(TextColumn::Name(Column::NameKey).fits(filter.name.as_ref(), dialect))
            .add_option(TextColumn::Name(Column::CompanyKey).fits(filter.company.as_ref(), dialect))
            .add_option(filter.is_vip.map(|wanted| Column::IsVip.eq(wanted)))
            .add_option(filter::one_of(
                Column::PriorityOverride,
                filter.priority_override.as_ref(),
            ))
            .add_option(filter::tags(Column::Tags, filter.tags.as_ref(), dialect))
            .add_option(filter::time(Column::CreatedAt, filter.created_at.as_ref()))
            .add_option(filter::time(Column::UpdatedAt, filter.updated_at.as_ref()));
        filter
            .logic
            .join(own, |nested| Self::fitting(nested, scope, dialect))
    }

    fn id(row: &Model) -> CustomerId {
        row.id
    }

    fn parent_of(_: &Model, parent: NoParent) -> Option<Uuid> {
        match parent {}
    }
}

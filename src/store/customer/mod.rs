//! Rows of customers.

mod address;
mod classes;
mod figures;
mod find;
mod search;
mod words;

use entity::{
    CustomerId,
    customer::{Column, Entity, Model, Sentiment, Status},
    ticket::Priority,
};
use sea_orm::{ColumnTrait, Condition, sea_query::Expr};

use super::{
    dialect::Dialect,
    filter::{
        FieldFilter, NumberFilter, TagsFilter,
        TextColumn::{EmailKey, Name, Plain},
        TextFilter, TimeFilter, conditions, equals, fields, number, one_of, tags, text, time,
    },
    noun::{Filtered, noun},
    sort::sorts,
};
use crate::auth::Scope;

pub use address::{address_keys, delete, holders, insert_many, update};
pub use classes::{Level, ScoreClass};
pub use figures::{recount_sentiment, recount_tickets, update_figures};
pub use find::{CustomerKey, CustomerKeys, find, find_many_to_change_unscoped, find_to_change};
pub use search::Search;
pub use words::{of as words_of, replace as replace_words};

conditions! {
    /// Filter for customers. All conditions must hold.
    CustomerFilter with logic {
        /// Words of the customer start with the search terms.
        search: Search => |search: &Search, _, dialect| search.fits(dialect),
        /// One of the addresses equals this folded address.
        exact_email: String => |key: &String, scope: &Scope, _| address::is_of(&scope.workspaces, key),
        /// Condition on the addresses, primary or not.
        any_email: TextFilter => address::fits_any,
        /// The id in the caller's system equals this text exactly.
        exact_external_id: String => |id: &String, _, _| Column::ExternalId.eq(id.as_str()),
        external_id: TextFilter => text(Plain(Column::ExternalId)),
        status: Vec<Status> => one_of(Column::Status),
        /// Mood set by an agent is one of these.
        sentiment: Vec<Sentiment> => one_of(Column::Sentiment),
        custom_fields: Vec<FieldFilter> => fields(Column::CustomFields),
        id: Vec<CustomerId> => one_of(Column::Id),
        /// Condition on the primary address.
        email: TextFilter => text(EmailKey(Column::EmailKey)),
        name: TextFilter => text(Name(Column::NameKey)),
        company: TextFilter => text(Name(Column::CompanyKey)),
        is_vip: bool => equals(Column::IsVip),
        priority_override: Vec<Priority> => one_of(Column::PriorityOverride),
        tags: TagsFilter => tags(Column::Tags),
        created_at: TimeFilter => time(Column::CreatedAt),
        updated_at: TimeFilter => time(Column::UpdatedAt),
        hubspot_contact_id: TextFilter => text(Plain(Column::HubspotContactId)),
        hubspot_company_id: TextFilter => text(Plain(Column::HubspotCompanyId)),
        salesforce_contact_id: TextFilter => text(Plain(Column::SalesforceContactId)),
        last_ticket_at: TimeFilter => time(Column::LastTicketAt),
        total_tickets: NumberFilter => number(|| Expr::col((Entity, Column::TicketCount))),
        open_tickets: NumberFilter => number(|| Expr::col((Entity, Column::OpenTicketCount))),
        avg_resolution_time: NumberFilter => number(figures::average_resolution_seconds),
        overall_sentiment: Vec<ScoreClass> => |classes: &Vec<ScoreClass>, _, _| classes::overall(classes),
        sentiment_trend: Vec<ScoreClass> => |classes: &Vec<ScoreClass>, _, _| classes::trend(classes),
    }
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

noun!(customer: Model, CustomerId, CustomerSort, |_row| NoParent {});

impl Filtered for Entity {
    type Filter = CustomerFilter;

    fn names_ids(filter: &CustomerFilter) -> bool {
        let own = filter.id.is_some() || filter.search.as_ref().is_some_and(Search::names_ids);
        filter.logic.tells(own, Self::names_ids)
    }

    fn fitting(filter: &CustomerFilter, scope: &Scope, dialect: Dialect) -> Condition {
        filter.fitting(scope, dialect)
    }
}

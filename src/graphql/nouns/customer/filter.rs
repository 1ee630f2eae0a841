//! Filters and sort orders of customers.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::customer::Entity;

use super::{CustomerSentiment, CustomerStatus, OverallSentiment, SentimentTrend};
use crate::{
    graphql::{
        error::Result,
        filters::{
            CustomFieldFilter, DateTimeFilter, IntFilter, StringFilter, TagFilter, any_of, custom_fields,
            filter_input, ids, number, plain, string, tags, time,
        },
        input::non_empty,
        nouns::ticket::Priority,
        pagination::order_input,
    },
    store::customer as store,
};

filter_input! {
    /// Conditions on customers. A customer must meet all of them. Null in place of a condition is refused.
    /// Conditions nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    CustomerFilter of Entity, nesting (and, or, not) {
        /// Matches customers with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Condition on the primary email address, compared without the case of A to Z. Other addresses are not
        /// compared.
        email: StringFilter => string,
        /// Condition on `name`, compared without case and accents.
        name: StringFilter => string,
        /// Condition on the company, compared without case and accents.
        company: StringFilter => string,
        /// True: matches customers marked as VIP. False: matches all other customers.
        is_vip: bool => plain,
        /// Matches customers whose `priorityOverride` is one of these. Customers without one do not match.
        priority_override: Vec<Priority> => any_of,
        /// Condition on the tags of the customer.
        tags: TagFilter => tags,
        /// Matches customers whose status is one of these.
        status: Vec<CustomerStatus> => any_of,
        /// Matches customers whose `sentiment`, which is set by callers, is one of these.
        sentiment: Vec<CustomerSentiment> => any_of,
        /// Condition on `externalId`, compared without the case of A to Z.
        external_id: StringFilter => string,
        /// Conditions on custom fields, all of which must match: up to 100 conditions.
        custom_fields: Vec<CustomFieldFilter> => custom_fields if non_empty,
        /// Condition on `createdAt`, the time of creation.
        created_at: DateTimeFilter => time,
        /// Condition on `updatedAt`, the time of the last change to a field.
        updated_at: DateTimeFilter => time,
        /// Condition on the email addresses, compared without the case of A to Z. Matches when at least one
        /// address of the customer, primary or not, meets it. `isNull: true` matches customers without an
        /// address.
        any_email: StringFilter => string,
        /// Condition on `hubspotContactId`, compared without the case of A to Z.
        hubspot_contact_id: StringFilter => string,
        /// Condition on `hubspotCompanyId`, compared without the case of A to Z.
        hubspot_company_id: StringFilter => string,
        /// Condition on `salesforceContactId`, compared without the case of A to Z.
        salesforce_contact_id: StringFilter => string,
        /// Condition on `lastTicketAt`, the time at which the newest ticket was created.
        last_ticket_at: DateTimeFilter => time,
        /// Condition on `totalTickets`, the number of tickets in any status.
        total_tickets: IntFilter => number,
        /// Condition on `openTickets`, the number of tickets that are `OPEN` or `PENDING`.
        open_tickets: IntFilter => number,
        /// Condition on `avgResolutionTime`, the mean time to resolution in seconds.
        avg_resolution_time: IntFilter => number,
        /// Matches customers whose `overallSentiment`, which is computed from messages, is one of these.
        /// Customers without one do not match.
        overall_sentiment: Vec<OverallSentiment> => any_of,
        /// Matches customers whose `sentimentTrend` is one of these. Customers without one do not match.
        sentiment_trend: Vec<SentimentTrend> => any_of,
    }
    none: search, exact_email, exact_external_id
}

/// Fields by which customers can be sorted. Customers without a value come first in ascending order and last
/// in descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::CustomerSort")]
pub enum CustomerOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
    /// Sorts by the time of the last change to a field.
    UpdatedAt,
    /// Sorts by the time at which the newest ticket was created.
    LastTicketAt,
    /// Sorts by name, without case and accents.
    Name,
    /// Sorts by primary email address, without the case of A to Z.
    Email,
    /// Sorts by company, without case and accents.
    Company,
}

order_input! {
    /// Sort order of a list of customers. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    CustomerOrder of Entity, by CustomerOrderField
}

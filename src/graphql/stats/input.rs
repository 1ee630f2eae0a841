//! Keys by which tickets are grouped.

use async_graphql::{Enum, OneofObject};

use crate::{
    graphql::{
        error::{Result, bad_input},
        filters::{ArgumentPath, field_key},
    },
    service::{stats::KEYS_MAX, wording},
    store::stats::{self, Key},
};

/// Length of a period of time. Periods begin in the time zone of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "stats::Period")]
pub enum Period {
    /// An hour.
    Hour,
    /// A day, from midnight.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

/// Field by which tickets are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TicketStatsField {
    /// Groups by status.
    Status,
    /// Groups by priority.
    Priority,
    /// Groups by assigned agent. Tickets without an agent form one group.
    Assignee,
    /// Groups by team. Tickets without a team form one group.
    Team,
    /// Groups by queue. Tickets without a queue form one group.
    Queue,
    /// Groups by customer.
    Customer,
    /// Groups by origin, compared with case.
    Source,
    /// Groups by `resolutionType`, compared with case. Tickets without one form one group.
    ResolutionType,
    /// Groups by each tag: a ticket with two tags counts in two groups. Tickets without tags are left out of
    /// the groups, but not of `total`.
    Tag,
}

/// Key by which tickets are grouped: exactly one of these fields.
#[derive(Clone, Debug, OneofObject)]
pub enum TicketStatsKey {
    /// Groups by this field.
    Field(TicketStatsField),
    /// Groups by the period in which the ticket was created.
    CreatedAt(Period),
    /// Groups by the period in which the ticket was resolved. Tickets that are not resolved are left out of
    /// the groups, but not of `total`.
    ResolvedAt(Period),
    /// Groups by the value of the custom field with this key: up to 64 characters. Lists and objects are
    /// compared as a whole. Tickets without the field form one group.
    CustomField(String),
}

/// Reads the argument `groupBy`.
pub fn keys(given: Vec<TicketStatsKey>) -> Result<Vec<Key>> {
    if given.len() > KEYS_MAX {
        return Err(bad_input(
            "groupBy",
            &wording::too_many(given.len(), "keys", KEYS_MAX),
        ));
    }
    let place = ArgumentPath::argument("groupBy");
    let read = |(index, key): (usize, TicketStatsKey)| {
        Ok(match key {
            TicketStatsKey::Field(field) => field.into(),
            TicketStatsKey::CreatedAt(period) => Key::CreatedAt(period.into()),
            TicketStatsKey::ResolvedAt(period) => Key::ResolvedAt(period.into()),
            TicketStatsKey::CustomField(key) => {
                let place = place.field(&index.to_string()).field("customField");
                Key::CustomField(field_key(key, &place)?)
            }
        })
    };
    given.into_iter().enumerate().map(read).collect()
}

impl From<TicketStatsField> for Key {
    fn from(field: TicketStatsField) -> Self {
        match field {
            TicketStatsField::Status => Self::Status,
            TicketStatsField::Priority => Self::Priority,
            TicketStatsField::Assignee => Self::Assignee,
            TicketStatsField::Team => Self::Team,
            TicketStatsField::Queue => Self::Queue,
            TicketStatsField::Customer => Self::Customer,
            TicketStatsField::Source => Self::Source,
            TicketStatsField::ResolutionType => Self::ResolutionType,
            TicketStatsField::Tag => Self::Tag,
        }
    }
}

//! Keys by which tickets are grouped.

use entity::{
    AgentId, CustomerId, QueueId, TeamId, Timestamp,
    ticket::{Column, Priority, Status},
};
use sea_orm::{DbErr, IdenStatic, QueryResult, sea_query::Expr};
use serde_json::Value;

use super::zone::{Period, Zone};
use crate::store::{cell::Field, dialect::Dialect};

/// Key by which tickets are grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Status,
    Priority,
    Assignee,
    Team,
    Queue,
    Customer,
    Source,
    ResolutionType,
    /// Each tag of a ticket. A ticket counts in the group of each of its tags.
    Tag,
    /// Custom field with this key.
    CustomField(String),
    /// Period of the creation.
    CreatedAt(Period),
    /// Period of the resolution. Tickets that are not resolved are in no group.
    ResolvedAt(Period),
}

/// Value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyValue {
    /// The ticket has no value.
    Missing,
    Status(Status),
    Priority(Priority),
    Assignee(AgentId),
    Team(TeamId),
    Queue(QueueId),
    Customer(CustomerId),
    Text(String),
    /// Value of a custom field.
    Json(Value),
    /// Beginning of a period.
    Start(Timestamp),
}

impl Key {
    /// Expression for the key of a ticket. `None` for a key that one ticket can have several times.
    pub fn of_ticket(&self, zone: &Zone, dialect: Dialect) -> Option<Expr> {
        let column = |column: Column| format!("\"ticket\".\"{}\"", column.as_str());
        let plain = |of: Column| Some(Expr::cust(column(of)));
        let text = |of: Column| Some(Expr::cust(dialect.by_bytes(&column(of))));
        let period =
            |of: Column, period: &Period| Some(Expr::cust(zone.period_of(&column(of), *period, dialect)));
        match self {
            Self::Status => plain(Column::Status),
            Self::Priority => plain(Column::Priority),
            Self::Assignee => plain(Column::AssignedTo),
            Self::Team => plain(Column::TeamId),
            Self::Queue => plain(Column::QueueId),
            Self::Customer => plain(Column::CustomerId),
            Self::Source => text(Column::Source),
            Self::ResolutionType => text(Column::ResolutionType),
            Self::Tag => None,
            Self::CustomField(key) => Some(dialect.field_json(Column::CustomFields, key)),
            Self::CreatedAt(length) => period(Column::CreatedAt, length),
            Self::ResolvedAt(length) => period(Column::ResolvedAt, length),
        }
    }

    /// Whether a ticket without a value is in no group.
    pub fn leaves_out_missing(&self) -> bool {
        matches!(self, Self::ResolvedAt(_))
    }

    /// Reads the value of a group.
    pub fn read(&self, row: &QueryResult, place: usize, zone: &Zone) -> Result<KeyValue, DbErr> {
        fn of<T>(row: &QueryResult, place: usize, value: fn(T) -> KeyValue) -> Result<KeyValue, DbErr>
        where
            Option<T>: Field,
        {
            Ok(<Option<T> as Field>::read(row, place)?.map_or(KeyValue::Missing, value))
        }
        match self {
            Self::Status => of(row, place, KeyValue::Status),
            Self::Priority => of(row, place, KeyValue::Priority),
            Self::Assignee => of(row, place, KeyValue::Assignee),
            Self::Team => of(row, place, KeyValue::Team),
            Self::Queue => of(row, place, KeyValue::Queue),
            Self::Customer => of(row, place, KeyValue::Customer),
            Self::Source | Self::ResolutionType | Self::Tag => of(row, place, KeyValue::Text),
            Self::CustomField(_) => {
                let Some(json) = <Option<String> as Field>::read(row, place)? else {
                    return Ok(KeyValue::Missing);
                };
                let value = serde_json::from_str(&json).map_err(|error| DbErr::Json(error.to_string()))?;
                Ok(KeyValue::Json(value))
            }
            Self::CreatedAt(Period::Month) | Self::ResolvedAt(Period::Month) => {
                let month = <Option<String> as Field>::read(row, place)?;
                let start = month.and_then(|month| zone.start_of_month(&month));
                Ok(start.map_or(KeyValue::Missing, KeyValue::Start))
            }
            Self::CreatedAt(period) | Self::ResolvedAt(period) => {
                let number = <Option<i64> as Field>::read(row, place)?;
                let start = number.map(|number| zone.start_of(*period, number));
                Ok(start.map_or(KeyValue::Missing, KeyValue::Start))
            }
        }
    }
}

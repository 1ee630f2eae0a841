//! Figures of tickets, grouped by keys.
//!
//! One statement reads the tickets once and computes the figures of all groups and of all tickets together. Medians and
//! percentiles need the values of a group in their order, so they are computed only if they are selected.

mod figures;
mod key;
mod statement;
mod zone;

use entity::WorkspaceId;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

pub use figures::{Figures, Times};
pub use key::{Key, KeyValue};
pub use zone::{Period, Zone};

use self::statement::statement;
use super::{Db, StoreError, cell::Field, tally, ticket::TicketFilter};
use crate::auth::Scope;

/// Figures to compute.
#[derive(Clone, Debug)]
pub struct StatsQuery {
    /// Workspace of the tickets. If absent, all workspaces of the scope.
    pub workspace: Option<WorkspaceId>,
    pub filter: TicketFilter,
    /// Keys by which tickets are grouped. Without keys, all tickets are one group.
    pub keys: Vec<Key>,
    /// Zone in which periods begin.
    pub zone: Zone,
    /// Maximum number of groups.
    pub first: u32,
    /// Whether the groups are read, not only the figures of all tickets.
    pub groups: bool,
    pub columns: StatsColumns,
}

/// Figures that are more work than counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatsColumns {
    /// Medians and percentiles of the time to the first response.
    pub first_response: bool,
    /// Medians and percentiles of the time to the resolution.
    pub resolution: bool,
}

/// Figures of tickets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketStats {
    /// Figures of all tickets.
    pub total: Figures,
    /// Figures of the groups: in the order of time if a key is a period, otherwise those with the most tickets first.
    pub groups: Vec<Figures>,
    /// Whether there are more groups.
    pub is_truncated: bool,
}

/// Returns the figures of the tickets in a scope that meet a filter.
pub async fn tickets(db: &Db, scope: &Scope, query: &StatsQuery) -> Result<TicketStats, StoreError> {
    let mut stats = TicketStats::default();
    if query.workspace.is_some_and(|workspace| !scope.holds(workspace)) {
        return Ok(stats);
    }
    let statement = statement(scope, query, db.dialect());
    let mut groups = Vec::new();
    for row in tally::rows(db.connection().query_all_raw(statement).await?) {
        match read(&row, query)? {
            (0, figures) => stats.total = figures,
            group => groups.push(group),
        }
    }
    groups.sort_by_key(|(place, _)| *place);
    stats
        .groups
        .extend(groups.into_iter().map(|(_, figures)| figures));
    if query.groups && query.keys.is_empty() && stats.total.count > 0 {
        stats.groups.push(stats.total.clone());
    }
    let max = usize::try_from(query.first).unwrap_or(usize::MAX);
    stats.is_truncated = stats.groups.len() > max;
    stats.groups.truncate(max);
    stats.groups.sort_by_key(Figures::start);
    Ok(stats)
}

/// Reads the figures of a group with its place among the groups, or those of all tickets with 0.
fn read(row: &QueryResult, query: &StatsQuery) -> Result<(i64, Figures), DbErr> {
    let group = i64::read(row, 0)?;
    let mut place = 1;
    let mut key = Vec::with_capacity(query.keys.len());
    for one in &query.keys {
        if group > 0 {
            key.push(one.read(row, place, &query.zone)?);
        }
        place += 1;
    }
    let mut number = || {
        let read = i64::read(row, place);
        place += 1;
        read
    };
    let mut figures = Figures {
        key,
        count: number()?,
        open_count: number()?,
        reopened_count: number()?,
        message_count: number()?,
        ..Figures::default()
    };
    for times in [&mut figures.first_response, &mut figures.resolution] {
        times.count = number()?;
        times.sum = i128::from(number()?) * 1000 + i128::from(number()?);
    }
    let selected = [
        (query.columns.first_response, &mut figures.first_response),
        (query.columns.resolution, &mut figures.resolution),
    ];
    for (_, times) in selected.into_iter().filter(|(is_selected, _)| *is_selected) {
        times.median = Field::read(row, place)?;
        times.p90 = Field::read(row, place + 1)?;
        place += 2;
    }
    Ok((group, figures))
}

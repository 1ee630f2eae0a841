//! Figures of tickets, for agents, API keys and the operator.

use super::{Error, Services};
use crate::{
    auth::{Viewer, policy},
    store::stats::{self, StatsQuery, TicketStats},
};

/// Maximum number of keys by which tickets are grouped.
pub const KEYS_MAX: usize = 3;

/// Returns the figures of the tickets that the viewer sees.
pub async fn tickets(services: &Services, viewer: &Viewer, query: &StatsQuery) -> Result<TicketStats, Error> {
    policy::staff(viewer)?;
    Ok(stats::tickets(&services.db, &viewer.scope(), query).await?)
}

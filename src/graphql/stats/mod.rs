//! Figures of tickets.

mod figures;
mod input;

use async_graphql::{Context, ID, Object};
use entity::ticket::Entity;

use self::{
    figures::TicketStatsResult,
    input::{TicketStatsKey, keys},
};
use super::{
    context::ContextExt,
    error::{Result, bad_input, forbidden, internal},
    filters::{ArgumentPath, FilterInput},
    id,
    nouns::ticket::TicketFilter,
};
use crate::{
    request::{GROUPS_DEFAULT, GROUPS_MAX},
    service::{self, wording},
    store::{
        Filtered,
        stats::{self, StatsColumns, Zone},
    },
};

/// Time zone without the argument.
const UTC: &str = "UTC";

/// Fields of the query root for figures.
#[derive(Default)]
pub struct StatsQuery;

#[Object]
impl StatsQuery {
    /// Returns figures of tickets, grouped by up to three keys, in one consistent state. Requires the grant
    /// `READ` and is not available to customers; the error is `FORBIDDEN`. More than three keys and an unknown
    /// time zone are refused with `BAD_USER_INPUT`.
    async fn ticket_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Workspace of the tickets. All workspaces of the viewer when omitted or null.")]
        workspace_id: Option<ID>,
        #[graphql(desc = "Conditions that the tickets meet. All tickets when omitted or null.")]
        filter: Option<TicketFilter>,
        #[graphql(
            desc = "Keys by which tickets are grouped: up to three. One group with all tickets when omitted, null or \
                    empty."
        )]
        group_by: Option<Vec<TicketStatsKey>>,
        #[graphql(
            desc = "IANA name of the time zone in which periods begin, such as `Europe/Berlin`.",
            default_with = "Some(UTC.to_owned())"
        )]
        time_zone: Option<String>,
        #[graphql(desc = "Number of groups: 1 to 1000. 100 if omitted.")] first: Option<i32>,
    ) -> Result<TicketStatsResult> {
        let filter: Option<<Entity as Filtered>::Filter> = filter
            .map(|filter| filter.read(&ArgumentPath::argument("filter")))
            .transpose()?;
        let services = ctx.services();
        let zone = time_zone.as_deref().unwrap_or(UTC);
        let query = stats::StatsQuery {
            workspace: id::optional("workspaceId", workspace_id.as_ref())?,
            filter: filter.unwrap_or_default(),
            keys: keys(group_by.unwrap_or_default())?,
            zone: Zone::named(zone, services.clock.now())
                .ok_or_else(|| bad_input("timeZone", wording::TIME_ZONE))?,
            first: size(first)?,
            groups: ctx.asks_for(&["nodes", "isTruncated"]),
            columns: StatsColumns {
                first_response: selects(ctx, &["firstResponseTimeMedian", "firstResponseTimeP90"]),
                resolution: selects(ctx, &["resolutionTimeMedian", "resolutionTimeP90"]),
            },
        };
        let found = service::stats::tickets(services, ctx.viewer(), &query).await;
        let stats = found.map_err(|error| match error {
            service::Error::Denied(denied) => forbidden(denied),
            other => internal(other),
        })?;
        Ok(TicketStatsResult::new(stats, query.keys))
    }
}

/// Reads the number of groups.
fn size(first: Option<i32>) -> Result<u32> {
    let Some(first) = first else {
        return Ok(GROUPS_DEFAULT);
    };
    u32::try_from(first)
        .ok()
        .filter(|size| (1..=GROUPS_MAX).contains(size))
        .ok_or_else(|| bad_input("first", &wording::not_between(first, 1, GROUPS_MAX)))
}

/// Whether the request selects one of these figures, of groups or of all tickets.
fn selects(ctx: &Context<'_>, figures: &[&str]) -> bool {
    ["nodes", "total"].iter().any(|part| {
        let part = ctx.look_ahead().field(part);
        figures.iter().any(|figure| part.field(figure).exists())
    })
}

//! Figures of tickets: keys, periods, percentiles, bounds and permissions.

mod command;
mod model;
mod random;
mod refused;
mod tickets;

/// All figures of a group.
const FIGURES: &str = "key count openCount reopenedCount messageCount firstResponseTimeAvg firstResponseTimeMedian \
                       firstResponseTimeP90 resolutionTimeAvg resolutionTimeMedian resolutionTimeP90";

/// A query for all figures.
fn document() -> String {
    format!(
        "query($filter: TicketFilter, $groupBy: [TicketStatsKey!], $timeZone: String, $first: Int) {{ \
         ticketStats(filter: $filter, groupBy: $groupBy, timeZone: $timeZone, first: $first) {{ \
         total {{ {FIGURES} }} nodes {{ {FIGURES} }} isTruncated }} }}"
    )
}

//! Groups of tickets with their figures.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        loaders::{AgentById, CustomerById, QueueById, TeamById},
        nouns::{
            agent::Agent,
            customer::Customer,
            queue::Queue,
            team::Team,
            ticket::{Priority, TicketStatus},
        },
        output::Compiled,
        scalars::{DateTime, JsonValue},
    },
    store::stats::{self, Figures, Key, KeyValue},
};

/// Figures of tickets.
#[derive(SimpleObject)]
pub struct TicketStatsResult {
    /// Figures of all tickets that meet the filter, regardless of groups.
    total: TicketStats,
    /// Groups with their figures: in the order of time when a key is a period, otherwise with the most
    /// tickets first. Groups without tickets are left out.
    nodes: Vec<TicketStats>,
    /// True when there are more groups than `first`. The list then contains the groups with the most tickets.
    is_truncated: bool,
}

impl TicketStatsResult {
    pub fn new(stats: stats::TicketStats, keys: Vec<Key>) -> Self {
        let keys: Arc<[Key]> = keys.into();
        let of = |figures: Figures| TicketStats {
            keys: keys.clone(),
            figures,
        };
        Self {
            total: of(stats.total),
            nodes: stats.groups.into_iter().map(of).collect(),
            is_truncated: stats.is_truncated,
        }
    }
}

/// The figures of one group.
pub struct TicketStats {
    keys: Arc<[Key]>,
    figures: Figures,
}

impl TicketStats {
    /// Returns the first value of a key that `read` accepts.
    fn value<T>(&self, read: impl Fn(&KeyValue) -> Option<T>) -> Option<T> {
        self.figures.key.iter().find_map(read)
    }
}

/// Figures of a group of tickets. The fields of the keys in `groupBy` contain the values of the group; the
/// fields of other keys are null.
#[Object]
impl TicketStats {
    /// Values of the group for the keys in `groupBy`, in their order: ids, enum values and texts as strings,
    /// and the start of a period in the format of RFC 3339. Null for a missing value. Empty without keys.
    async fn key(&self) -> Vec<Option<JsonValue>> {
        let values = self.figures.key.iter().map(KeyValue::to_json);
        values.map(|value| value.map(JsonValue)).collect()
    }

    /// Start of the period of the first key that is a period, in UTC. Null without such a key.
    async fn period_start(&self) -> Option<DateTime> {
        self.figures.start().map(Into::into)
    }

    /// Status of the tickets. Null without the key `STATUS`.
    async fn status(&self) -> Option<TicketStatus> {
        self.value(|value| match value {
            KeyValue::Status(status) => Some((*status).into()),
            _ => None,
        })
    }

    /// Priority of the tickets. Null without the key `PRIORITY`.
    async fn priority(&self) -> Option<Priority> {
        self.value(|value| match value {
            KeyValue::Priority(priority) => Some((*priority).into()),
            _ => None,
        })
    }

    /// Agent to whom the tickets of the group are assigned. Null for tickets without an agent, without the
    /// key `ASSIGNEE`, and when the agent was deleted.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Agent>>> {
        let id = self.value(|value| match value {
            KeyValue::Assignee(id) => Some(*id),
            _ => None,
        });
        let Some(id) = id else { return Ok(None) };
        let row = ctx.loaders().load(AgentById(id)).await?;
        Ok(row.map(Agent).map(Compiled))
    }

    /// Team of the tickets. Null for tickets without a team and without the key `TEAM`.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Team>>> {
        let id = self.value(|value| match value {
            KeyValue::Team(id) => Some(*id),
            _ => None,
        });
        let Some(id) = id else { return Ok(None) };
        let row = ctx.loaders().load(TeamById(id)).await?;
        Ok(row.map(Team).map(Compiled))
    }

    /// Queue of the tickets. Null for tickets without a queue and without the key `QUEUE`.
    async fn queue(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Queue>>> {
        let id = self.value(|value| match value {
            KeyValue::Queue(id) => Some(*id),
            _ => None,
        });
        let Some(id) = id else { return Ok(None) };
        let row = ctx.loaders().load(QueueById(id)).await?;
        Ok(row.map(Queue).map(Compiled))
    }

    /// Customer of the tickets. Null without the key `CUSTOMER`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Compiled<Customer>>> {
        let id = self.value(|value| match value {
            KeyValue::Customer(id) => Some(*id),
            _ => None,
        });
        let Some(id) = id else { return Ok(None) };
        let row = ctx.loaders().load(CustomerById(id)).await?;
        Ok(row.map(Customer).map(Compiled))
    }

    /// Value of the first key among `RESOLUTION_TYPE`, `SOURCE`, `TAG` and custom fields. Null for tickets
    /// without a value and without such a key.
    async fn text(&self) -> Option<String> {
        let texts = |key: &Key| {
            matches!(
                key,
                Key::ResolutionType | Key::Source | Key::Tag | Key::CustomField(_)
            )
        };
        let place = self.keys.iter().position(texts)?;
        self.figures.key.get(place)?.to_text()
    }

    /// Number of tickets.
    async fn count(&self) -> i32 {
        int(self.figures.count)
    }

    /// Number of tickets that are `OPEN` or `PENDING` now.
    async fn open_count(&self) -> i32 {
        int(self.figures.open_count)
    }

    /// Number of times the tickets changed from `SOLVED` or `CLOSED` to `OPEN` or `PENDING`.
    async fn reopened_count(&self) -> i32 {
        int(self.figures.reopened_count)
    }

    /// Number of messages in the tickets, up to 2147483647. Internal messages are not counted.
    async fn message_count(&self) -> i32 {
        int(self.figures.message_count)
    }

    /// Mean time in seconds from `createdAt` to `firstResponseAt` of the tickets that have a first response.
    /// Tickets whose first response is earlier than `createdAt`, as after an import, are left out. Null when
    /// there is no other ticket.
    async fn first_response_time_avg(&self) -> Option<f64> {
        self.figures.first_response.mean_seconds()
    }

    /// Median time in seconds from `createdAt` to `firstResponseAt`; the mean of the two middle values for an
    /// even number of tickets. Tickets whose first response is earlier than `createdAt` are left out. Null when
    /// no other ticket has a first response.
    async fn first_response_time_median(&self) -> Option<f64> {
        self.figures.first_response.median_seconds()
    }

    /// 90th percentile of the time in seconds from `createdAt` to `firstResponseAt`, by the nearest rank: the
    /// smallest value that at least 90 % of the values do not exceed. Tickets whose first response is earlier than
    /// `createdAt` are left out. Null when no other ticket has a first response.
    #[graphql(name = "firstResponseTimeP90")]
    async fn first_response_time_p90(&self) -> Option<f64> {
        self.figures.first_response.p90_seconds()
    }

    /// Mean time in seconds from `createdAt` to `resolvedAt` of the tickets that are `SOLVED` or `CLOSED`.
    /// Null when there is no such ticket.
    async fn resolution_time_avg(&self) -> Option<f64> {
        self.figures.resolution.mean_seconds()
    }

    /// Median time in seconds from `createdAt` to `resolvedAt`; the mean of the two middle values for an even
    /// number of tickets. Null when no ticket is resolved.
    async fn resolution_time_median(&self) -> Option<f64> {
        self.figures.resolution.median_seconds()
    }

    /// 90th percentile of the time in seconds from `createdAt` to `resolvedAt`, by the nearest rank: the
    /// smallest value that at least 90 % of the values do not exceed. Null when no ticket is resolved.
    #[graphql(name = "resolutionTimeP90")]
    async fn resolution_time_p90(&self) -> Option<f64> {
        self.figures.resolution.p90_seconds()
    }
}

fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

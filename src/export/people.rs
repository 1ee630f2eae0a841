//! Lines of workspaces, agents, teams, queues and customers.

use entity::{agent, customer, queue, team, workspace};

use super::{
    line::{self, Line},
    reader::{Exported, Reader, ids},
};
use crate::{
    events::Recorded,
    service::{
        customer::{Names, average_resolution_seconds, display_name},
        sentiment::{self, RecentScores},
    },
    store::{
        StoreError,
        link::{self, AgentsOfTeam},
    },
};

/// Name of the GraphQL type of workspaces.
pub const WORKSPACE: &str = "Workspace";

pub fn workspace(row: &workspace::Model) -> Line {
    Line::of(WORKSPACE)
        .with("id", &row.id)
        .with("name", &row.name)
        .with("createdAt", &row.created_at)
}

impl Exported for agent::Entity {
    const TYPE: &'static str = "Agent";

    async fn lines(reader: &Reader<'_>, rows: &[agent::Model]) -> Result<Vec<Line>, StoreError> {
        let copies = reader.copies::<Self>(rows).await?;
        let line = |row: &agent::Model| {
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with("name", &row.name)
                .with("email", &row.email)
                .with("role", &row.role)
                .with("isActive", &row.is_active)
                .with("createdAt", &row.created_at)
                .with_copy(copies.of(row.id.0, &[]))
        };
        Ok(rows.iter().map(line).collect())
    }
}

impl Exported for team::Entity {
    const TYPE: &'static str = "Team";

    async fn lines(reader: &Reader<'_>, rows: &[team::Model]) -> Result<Vec<Line>, StoreError> {
        let agents = link::members::<AgentsOfTeam>(reader.db, &reader.scope, &ids::<Self>(rows)).await?;
        let copies = reader.copies::<Self>(rows).await?;
        let line = |row: &team::Model| {
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with("name", &row.name)
                .with("agentIds", &line::agents(agents.get(&row.id.0)))
                .with_copy(copies.of(row.id.0, &[("createdAt", row.created_at.recorded())]))
        };
        Ok(rows.iter().map(line).collect())
    }
}

impl Exported for queue::Entity {
    const TYPE: &'static str = "Queue";

    async fn lines(reader: &Reader<'_>, rows: &[queue::Model]) -> Result<Vec<Line>, StoreError> {
        let copies = reader.copies::<Self>(rows).await?;
        let line = |row: &queue::Model| {
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with("name", &row.name)
                .with_copy(copies.of(row.id.0, &[("createdAt", row.created_at.recorded())]))
        };
        Ok(rows.iter().map(line).collect())
    }
}

impl Exported for customer::Entity {
    const TYPE: &'static str = "Customer";

    async fn lines(reader: &Reader<'_>, rows: &[customer::Model]) -> Result<Vec<Line>, StoreError> {
        let references = reader.references::<Self>(rows).await?;
        let copies = reader.copies::<Self>(rows).await?;
        let copy = |row: &customer::Model| {
            let figures = [
                row.resolved_ticket_count.into(),
                row.resolution_ms_total,
                row.recent_score_count.into(),
                row.recent_score_sum.into(),
                row.newest_score_sum.into(),
            ];
            let fields = [
                ("displayName", row.display_name.recorded()),
                ("figures", figures.to_vec().into()),
            ];
            copies.of(row.id.0, &fields)
        };
        let line = |row: &customer::Model| {
            let notes = row.internal_notes.clone().filter(|_| reader.scope.notes);
            let names = Names {
                display_name: row.display_name.as_deref(),
                name: row.name.as_deref(),
                first_name: row.first_name.as_deref(),
                last_name: row.last_name.as_deref(),
                email: row.email.as_deref(),
                external_id: row.external_id.as_deref(),
            };
            let resolution = average_resolution_seconds(row.resolved_ticket_count, row.resolution_ms_total);
            let scores = RecentScores {
                count: row.recent_score_count,
                sum: row.recent_score_sum,
                newest_sum: row.newest_score_sum,
            };
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with("externalId", &row.external_id)
                .with_references(references.get(&row.id.0))
                .with("name", &row.name)
                .with("displayName", &display_name(names).into_owned())
                .with("firstName", &row.first_name)
                .with("lastName", &row.last_name)
                .with("username", &row.username)
                .with("avatarUrl", &row.avatar_url)
                .with("displayColor", &row.display_color)
                .with("displayIcon", &row.display_icon)
                .with("email", &row.email)
                .with("emails", &row.emails)
                .with("phone", &row.phone)
                .with("phones", &row.phones)
                .with("company", &row.company)
                .with("jobTitle", &row.job_title)
                .with("location", &row.location)
                .with("timezone", &row.timezone)
                .with("isVip", &row.is_vip)
                .with("priorityOverride", &row.priority_override)
                .with("tags", &row.tags)
                .with("internalNotes", &notes)
                .with("status", &row.status)
                .with("sentiment", &row.sentiment)
                .with("customFields", &row.custom_fields)
                .with("salesforceContactId", &row.salesforce_contact_id)
                .with("hubspotContactId", &row.hubspot_contact_id)
                .with("hubspotCompanyId", &row.hubspot_company_id)
                .with("totalTickets", &row.ticket_count)
                .with("openTickets", &row.open_ticket_count)
                .with("avgResolutionTime", &resolution)
                .with("overallSentiment", &sentiment::overall(scores))
                .with("sentimentTrend", &sentiment::trend(scores))
                .with("firstTicketAt", &row.first_ticket_at)
                .with("lastTicketAt", &row.last_ticket_at)
                .with("signedUpAt", &row.signed_up_at)
                .with("createdAt", &row.created_at)
                .with("updatedAt", &row.updated_at)
                .with("version", &row.version)
                .with_copy(copy(row))
        };
        Ok(rows.iter().map(line).collect())
    }
}

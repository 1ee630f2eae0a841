//! Fields of a ticket that callers can write.

use entity::{
    AgentId, ConversationId, CustomerId, QueueId, TeamId, Timestamp, WorkspaceId,
    ticket::{Model, Priority, Status},
};
use serde_json::{Map, Value};

use crate::{
    events::FieldChanges,
    service::{
        Patch, Services, UserError,
        patch::patches,
        validate::{Checks, SUBJECT_MAX, WORD_MAX},
    },
    store::filter::fold,
};

patches! {
    /// Fields of a ticket in a create or update.
    TicketFields of Model {
        /// Subject, in an update.
        subject: String,
        /// Status, in an update.
        status: Status,
        /// Priority.
        priority: Priority => or(Priority::default()),
        /// Assigned agent.
        assigned_to: AgentId => nullable,
        /// Assigned team.
        team_id: TeamId => nullable,
        /// Queue.
        queue_id: QueueId => nullable,
        /// Custom fields, merged key by key.
        custom_fields: Map<String, Value> => custom,
        /// Type of resolution.
        resolution_type: String => line(WORD_MAX),
        /// Labels.
        tags: Vec<String> => tags,
    }
}

impl TicketFields {
    /// Validates the fields and converts values into their stored form.
    #[must_use]
    pub fn checked(mut self, checks: &mut Checks) -> Self {
        checks.kept(&self.subject, &["input", "subject"]);
        checks.kept(&self.status, &["input", "status"]);
        checks.kept(&self.priority, &["input", "priority"]);
        if let Patch::Set(subject) = &self.subject {
            checks.required(subject, SUBJECT_MAX, &["input", "subject"]);
        }
        self.check_lines(checks, "input");
        Self {
            tags: self.tags.map(|tags| checks.tags(tags, &["input", "tags"]).0),
            custom_fields: checks.custom_fields(self.custom_fields, &["input", "customFields"]),
            ..self
        }
    }

    /// Writes the fields into a row and returns those that changed.
    pub fn apply(&self, row: &mut Model, now: Timestamp) -> Result<FieldChanges, UserError> {
        let mut changes = self.write(row, "input")?;
        let subject = self.subject.clone().over_required(&row.subject, String::new());
        changes.set("subject", &mut row.subject, subject);
        row.subject_key = fold(&row.subject);
        let status = self.status.clone().over_required(&row.status, row.status);
        enter(row, status, now, &mut changes);
        Ok(changes)
    }
}

/// Sets the status of a ticket. A change from open or pending to solved or closed sets the time of
/// resolution. Closing a solved ticket keeps this time, reopening a ticket clears it and is counted.
pub fn enter(row: &mut Model, status: Status, now: Timestamp, changes: &mut FieldChanges) {
    let resolved_at = match (row.status.is_open(), status.is_open()) {
        (_, true) => None,
        (true, false) => Some(now),
        (false, false) => row.resolved_at,
    };
    if !row.status.is_open() && status.is_open() {
        row.reopened_count += 1;
    }
    changes.set("status", &mut row.status, status);
    changes.set("resolvedAt", &mut row.resolved_at, resolved_at);
}

/// Builds an open ticket without messages and without any fields.
pub fn blank(
    services: &Services,
    (workspace_id, customer_id, conversation_id): (WorkspaceId, CustomerId, ConversationId),
    created_at: Timestamp,
) -> Model {
    Model {
        id: services.clock.id(),
        workspace_id,
        customer_id,
        conversation_id,
        created_at,
        updated_at: created_at,
        version: 1,
        ..Model::default()
    }
}

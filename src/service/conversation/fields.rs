//! Fields of a conversation that callers can write.

use entity::{
    AgentId, QueueId, TeamId, Timestamp,
    conversation::{Model, Status},
};
use serde_json::{Map, Value};

use crate::service::{
    exist,
    patch::patches,
    validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
};

patches! {
    /// Fields of a conversation in a create or update.
    ConversationFields of Model {
        /// Short name.
        name: String => line(LINE_MAX),
        /// Status, in an update.
        status: Status,
        /// Time when a snoozed conversation opens again.
        snoozed_until: Timestamp,
        /// Labels.
        tags: Vec<String> => tags,
        /// Assigned agents, in an update.
        assignee_ids: Vec<AgentId>,
        /// Assigned teams, in an update.
        team_ids: Vec<TeamId>,
        /// Queue, in an update.
        queue_id: QueueId => nullable,
        /// Id in the caller's system, in a create. Validated after the tags, as errors are reported in this order.
        external_id: String => nullable,
        /// Custom fields, merged key by key.
        custom_fields: Map<String, Value> => custom,
    }
}

impl ConversationFields {
    /// Validates the fields except the status and its time, and converts values into their stored form.
    #[must_use]
    pub fn checked(mut self, checks: &mut Checks) -> Self {
        self.check_lines(checks, "input");
        Self {
            tags: self.tags.map(|tags| checks.tags(tags, &["input", "tags"]).0),
            assignee_ids: self
                .assignee_ids
                .map(|ids| exist::listed(checks, ids, &["input", "assigneeIds"])),
            team_ids: self
                .team_ids
                .map(|ids| exist::listed(checks, ids, &["input", "teamIds"])),
            external_id: checks.line(self.external_id, EXTERNAL_ID_MAX, &["input", "externalId"]),
            custom_fields: checks.custom_fields(self.custom_fields, &["input", "customFields"]),
            ..self
        }
    }
}

//! Builds the row of a ticket that continues a closed one.

use entity::{
    AgentId, Timestamp,
    ticket::{Model, Status},
};

use crate::service::Services;

/// Builds an open ticket without messages, with the same customer, conversation, team and queue as the closed
/// one.
pub fn follow_up(services: &Services, closed: &Model, assignee: Option<AgentId>, now: Timestamp) -> Model {
    Model {
        id: services.clock.id(),
        status: Status::Open,
        assigned_to: assignee,
        resolution_type: None,
        message_count: 0,
        last_message_at: None,
        resolved_at: None,
        follow_up_of_id: Some(closed.id),
        created_at: now,
        updated_at: now,
        version: 1,
        ..closed.clone()
    }
}

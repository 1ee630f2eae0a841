//! Builds the row of a ticket that continues a closed one.

use entity::{
    AgentId, Timestamp,
    ticket::{Model, Status},
};

use crate::service::Services;

/// Builds an open ticket without messages, with the same customer, conversation, team and queue as the closed
/// one. Every field is named, so that a new one is not inherited by accident.
pub fn follow_up(services: &Services, closed: &Model, assignee: Option<AgentId>, now: Timestamp) -> Model {
    Model {
        id: services.clock.id(),
        workspace_id: closed.workspace_id,
        customer_id: closed.customer_id,
        conversation_id: closed.conversation_id,
        subject: closed.subject.clone(),
        subject_key: closed.subject_key.clone(),
        status: Status::Open,
        priority: closed.priority,
        customer_email: closed.customer_email.clone(),
        customer_name: closed.customer_name.clone(),
        source: closed.source.clone(),
        assigned_to: assignee,
        team_id: closed.team_id,
        queue_id: closed.queue_id,
        custom_fields: closed.custom_fields.clone(),
        resolution_type: None,
        tags: closed.tags.clone(),
        message_count: 0,
        last_message_at: None,
        resolved_at: None,
        follow_up_of_id: Some(closed.id),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

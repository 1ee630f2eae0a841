//! Builds the row of a ticket that continues a closed one.

use entity::{AgentId, Timestamp, ticket::Model};

use super::blank;
use crate::service::Services;

/// Builds an open ticket without messages, with the same customer, conversation, team and queue as the closed
/// one. Inherits only the fields that are named here.
pub fn follow_up(services: &Services, closed: &Model, assignee: Option<AgentId>, now: Timestamp) -> Model {
    let place = (closed.workspace_id, closed.customer_id, closed.conversation_id);
    Model {
        subject: closed.subject.clone(),
        subject_key: closed.subject_key.clone(),
        priority: closed.priority,
        customer_email: closed.customer_email.clone(),
        customer_name: closed.customer_name.clone(),
        source: closed.source.clone(),
        assigned_to: assignee,
        team_id: closed.team_id,
        queue_id: closed.queue_id,
        custom_fields: closed.custom_fields.clone(),
        tags: closed.tags.clone(),
        follow_up_of_id: Some(closed.id),
        ..blank(services, place, now)
    }
}

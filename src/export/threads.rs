//! Lines of conversations, tickets and messages.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use entity::{agent, conversation, customer, message, queue, team, ticket};
use serde_json::{Value, json};

use super::{
    line::{self, Line},
    reader::{Exported, Reader, ids},
};
use crate::{
    events::ChangeCursor,
    store::{
        StoreError, change,
        link::{self, AgentsOfConversation, TeamsOfConversation},
        list,
        message::{MessageRow, find_html, scores_unscoped},
    },
};

/// An id, if the viewer sees its object.
fn seen<I: Copy + Eq + Hash>(id: Option<I>, held: &HashSet<I>) -> Option<I> {
    id.filter(|id| held.contains(id))
}

impl Exported for conversation::Entity {
    const TYPE: &'static str = "Conversation";

    async fn lines(reader: &Reader<'_>, rows: &[conversation::Model]) -> Result<Vec<Line>, StoreError> {
        let (db, scope, ids) = (reader.db, &reader.scope, ids::<Self>(rows));
        let references = reader.references::<Self>(rows).await?;
        let copies = reader.copies::<Self>(rows).await?;
        let agents = link::members::<AgentsOfConversation>(db, scope, &ids).await?;
        let teams = link::members::<TeamsOfConversation>(db, scope, &ids).await?;
        let queues = rows.iter().filter_map(|row| row.queue_id);
        let queues = list::held::<queue::Entity>(db, scope, queues).await?;
        let line = |row: &conversation::Model| {
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with("externalId", &row.external_id)
                .with_references(references.get(&row.id.0))
                .with("customerId", &row.customer_id)
                .with("name", &row.name)
                .with("channel", &row.channel)
                .with("status", &row.status)
                .with("snoozedUntil", &row.snoozed_until)
                .with("assigneeIds", &line::agents(agents.get(&row.id.0)))
                .with("teamIds", &line::teams(teams.get(&row.id.0)))
                .with("queueId", &seen(row.queue_id, &queues))
                .with("tags", &row.tags)
                .with("customFields", &row.custom_fields)
                .with("messageCount", &row.message_count)
                .with("lastMessageAt", &row.last_message_at)
                .with("lastInboundAt", &row.last_inbound_at)
                .with("lastOutboundAt", &row.last_outbound_at)
                .with("createdAt", &row.created_at)
                .with("updatedAt", &row.updated_at)
                .with("version", &row.version)
                .with_copy(copies.of(row.id.0, &[]))
        };
        Ok(rows.iter().map(line).collect())
    }
}

impl Exported for ticket::Entity {
    const TYPE: &'static str = "Ticket";

    async fn lines(reader: &Reader<'_>, rows: &[ticket::Model]) -> Result<Vec<Line>, StoreError> {
        let (db, scope) = (reader.db, &reader.scope);
        let references = reader.references::<Self>(rows).await?;
        let copies = reader.copies::<Self>(rows).await?;
        let teams = rows.iter().filter_map(|row| row.team_id);
        let teams = list::held::<team::Entity>(db, scope, teams).await?;
        let queues = rows.iter().filter_map(|row| row.queue_id);
        let queues = list::held::<queue::Entity>(db, scope, queues).await?;
        let line = |row: &ticket::Model| {
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with_references(references.get(&row.id.0))
                .with("customerId", &row.customer_id)
                .with("conversationId", &row.conversation_id)
                .with("subject", &row.subject)
                .with("status", &row.status)
                .with("priority", &row.priority)
                .with("customerEmail", &row.customer_email)
                .with("customerName", &row.customer_name)
                .with("source", &row.source)
                .with("assignedTo", &row.assigned_to)
                .with("teamId", &seen(row.team_id, &teams))
                .with("queueId", &seen(row.queue_id, &queues))
                .with("resolutionType", &row.resolution_type)
                .with("tags", &row.tags)
                .with("customFields", &row.custom_fields)
                .with("messageCount", &row.message_count)
                .with("lastMessageAt", &row.last_message_at)
                .with("lastInboundAt", &row.last_inbound_at)
                .with("lastOutboundAt", &row.last_outbound_at)
                .with("firstResponseAt", &row.first_response_at)
                .with("reopenedCount", &row.reopened_count)
                .with("resolvedAt", &row.resolved_at)
                .with("followUpOfId", &row.follow_up_of_id)
                .with("createdAt", &row.created_at)
                .with("updatedAt", &row.updated_at)
                .with("version", &row.version)
                .with_copy(copies.of(row.id.0, &[]))
        };
        Ok(rows.iter().map(line).collect())
    }
}

impl Exported for message::Entity {
    const TYPE: &'static str = "Message";

    async fn lines(reader: &Reader<'_>, rows: &[MessageRow]) -> Result<Vec<Line>, StoreError> {
        let (db, scope) = (reader.db, &reader.scope);
        let references = reader.references::<Self>(rows).await?;
        let html = find_html(db, scope, &ids::<Self>(rows)).await?;
        let copies = reader.copies::<Self>(rows).await?;
        let scores = if reader.complete {
            scores_unscoped(db, &ids::<Self>(rows)).await?
        } else {
            HashMap::new()
        };
        let messages: Vec<_> = rows.iter().map(|row| row.id).collect();
        let places = change::places_of_messages_unscoped(db, &messages).await?;
        let agents = rows.iter().filter_map(|row| row.sender_agent_id);
        let agents = list::held::<agent::Entity>(db, scope, agents).await?;
        let customers = rows.iter().filter_map(|row| row.sender_customer_id);
        let customers = list::held::<customer::Entity>(db, scope, customers).await?;
        let sender = |row: &MessageRow| match (row.sender_agent_id, row.sender_customer_id) {
            (Some(id), _) if agents.contains(&id) => json!({ "type": "Agent", "id": id.to_string() }),
            (None, Some(id)) if customers.contains(&id) => {
                json!({ "type": "Customer", "id": id.to_string() })
            }
            _ => Value::Null,
        };
        let line = |row: &MessageRow| {
            // The default place for a message that is older than the log. A client that resumes there learns
            // where the log begins.
            let place = places.get(&row.id).copied().unwrap_or_default();
            let cursor = ChangeCursor::at(row.workspace_id, place);
            Line::of(Self::TYPE)
                .with("id", &row.id)
                .with_references(references.get(&row.id.0))
                .with("customerId", &row.customer_id)
                .with("conversationId", &row.conversation_id)
                .with("ticketId", &row.ticket_id)
                .with("direction", &row.direction)
                .with("senderEmail", &row.sender_email)
                .with("senderName", &row.sender_name)
                .with_json("sender", sender(row))
                .with("body", &row.body)
                .with("bodyHtml", &html.get(&row.id).cloned())
                .with("attachments", &row.attachments)
                .with("internal", &row.internal)
                .with("createdAt", &row.created_at)
                .with("cursor", &cursor)
                .with_copy(copies.of(
                    row.id.0,
                    &[("sentimentScore", scores.get(&row.id).copied().into())],
                ))
        };
        Ok(rows.iter().map(line).collect())
    }
}

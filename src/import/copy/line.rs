//! The lines of a complete export.

use entity::{
    AgentId, Attachments, ConversationId, CustomerId, Emails, MessageId, Phones, QueueId, TeamId, TicketId,
    WorkspaceId,
    agent::Role,
    change, conversation, customer,
    message::Direction,
    ticket::{self, Priority},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::form::{At, Bytes, Id, Word};
use crate::events::ChangeCursor;

/// A line of a complete export.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Line {
    /// The first line.
    Export {
        version: u32,
        exported_at: At,
        #[serde(default)]
        complete: bool,
    },
    Workspace {
        id: Id<WorkspaceId>,
        name: String,
        created_at: At,
    },
    Agent {
        id: Id<AgentId>,
        name: String,
        email: String,
        role: Word<Role>,
        #[serde(default = "yes")]
        is_active: bool,
        created_at: At,
        copy: CopyFields,
    },
    Team {
        id: Id<TeamId>,
        name: String,
        agent_ids: Vec<Id<AgentId>>,
        copy: GroupCopyFields,
    },
    Queue {
        id: Id<QueueId>,
        name: String,
        copy: GroupCopyFields,
    },
    Customer(Box<Customer>),
    Conversation(Box<Conversation>),
    Ticket(Box<Ticket>),
    Message(Box<Message>),
    Erased {
        mark: Bytes,
        erased_at: At,
    },
    Change(Box<Change>),
    /// The last line.
    Cursor {
        cursor: Id<ChangeCursor>,
    },
}

/// A reference to another system, with the stored state of the imported record.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub(super) system: String,
    pub(super) id: String,
    pub(super) told: Option<Bytes>,
    pub(super) told_as: Option<String>,
    pub(super) read_as: Option<String>,
}

/// Data that only a copy needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyFields {
    pub(super) external_references: Vec<Reference>,
}

/// Data of a team or a queue that only a copy needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupCopyFields {
    pub(super) external_references: Vec<Reference>,
    pub(super) created_at: At,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerCopyFields {
    pub(super) external_references: Vec<Reference>,
    pub(super) display_name: Option<String>,
    /// Number of resolved tickets, their total resolution time in milliseconds, number of recent sentiment
    /// scores, their sum, and the sum of the newest ones.
    pub(super) figures: (i32, i64, i32, i32, i32),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageCopyFields {
    pub(super) external_references: Vec<Reference>,
    pub(super) sentiment_score: Option<i16>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub(super) id: Id<CustomerId>,
    pub(super) external_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) display_color: Option<String>,
    pub(super) display_icon: Option<String>,
    pub(super) email: Option<String>,
    pub(super) emails: Emails,
    pub(super) phone: Option<String>,
    pub(super) phones: Phones,
    pub(super) company: Option<String>,
    pub(super) job_title: Option<String>,
    pub(super) location: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) is_vip: bool,
    pub(super) priority_override: Option<Word<Priority>>,
    pub(super) tags: Vec<String>,
    pub(super) internal_notes: Option<String>,
    pub(super) status: Word<customer::Status>,
    pub(super) sentiment: Word<customer::Sentiment>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) salesforce_contact_id: Option<String>,
    pub(super) hubspot_contact_id: Option<String>,
    pub(super) hubspot_company_id: Option<String>,
    pub(super) total_tickets: i32,
    pub(super) open_tickets: i32,
    pub(super) first_ticket_at: Option<At>,
    pub(super) last_ticket_at: Option<At>,
    pub(super) signed_up_at: Option<At>,
    pub(super) created_at: At,
    pub(super) updated_at: At,
    pub(super) version: i32,
    pub(super) copy: CustomerCopyFields,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    pub(super) id: Id<ConversationId>,
    pub(super) external_id: Option<String>,
    pub(super) customer_id: Id<CustomerId>,
    pub(super) name: Option<String>,
    pub(super) channel: String,
    pub(super) status: Word<conversation::Status>,
    pub(super) snoozed_until: Option<At>,
    pub(super) assignee_ids: Vec<Id<AgentId>>,
    pub(super) team_ids: Vec<Id<TeamId>>,
    pub(super) queue_id: Option<Id<QueueId>>,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) message_count: i32,
    pub(super) last_message_at: Option<At>,
    pub(super) created_at: At,
    pub(super) updated_at: At,
    pub(super) version: i32,
    pub(super) copy: CopyFields,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    pub(super) id: Id<TicketId>,
    pub(super) customer_id: Id<CustomerId>,
    pub(super) conversation_id: Id<ConversationId>,
    pub(super) follow_up_of_id: Option<Id<TicketId>>,
    pub(super) subject: String,
    pub(super) status: Word<ticket::Status>,
    pub(super) priority: Word<Priority>,
    pub(super) customer_email: String,
    pub(super) customer_name: Option<String>,
    pub(super) source: String,
    pub(super) assigned_to: Option<Id<AgentId>>,
    pub(super) team_id: Option<Id<TeamId>>,
    pub(super) queue_id: Option<Id<QueueId>>,
    pub(super) resolution_type: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) message_count: i32,
    pub(super) last_message_at: Option<At>,
    pub(super) resolved_at: Option<At>,
    pub(super) created_at: At,
    pub(super) updated_at: At,
    pub(super) version: i32,
    pub(super) copy: CopyFields,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "id")]
pub enum Sender {
    Agent(Id<AgentId>),
    Customer(Id<CustomerId>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub(super) id: Id<MessageId>,
    pub(super) customer_id: Id<CustomerId>,
    pub(super) conversation_id: Id<ConversationId>,
    pub(super) ticket_id: Option<Id<TicketId>>,
    pub(super) direction: Word<Direction>,
    pub(super) sender_email: String,
    pub(super) sender_name: Option<String>,
    pub(super) sender: Option<Sender>,
    pub(super) body: String,
    pub(super) body_html: Option<String>,
    #[serde(default)]
    pub(super) attachments: Attachments,
    pub(super) internal: bool,
    pub(super) created_at: At,
    pub(super) copy: MessageCopyFields,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub(super) position: i64,
    pub(super) name: Word<change::Name>,
    pub(super) object_id: Uuid,
    pub(super) customer_id: Id<CustomerId>,
    pub(super) ticket_id: Option<Id<TicketId>>,
    pub(super) conversation_id: Option<Id<ConversationId>>,
    pub(super) actor_kind: Word<change::ActorKind>,
    pub(super) actor_id: Option<Uuid>,
    pub(super) fields: Option<Value>,
    pub(super) internal: bool,
    pub(super) at: At,
    pub(super) epoch: Option<Id<i64>>,
}

/// Default of `isActive`. Exports of earlier versions do not contain the field.
fn yes() -> bool {
    true
}

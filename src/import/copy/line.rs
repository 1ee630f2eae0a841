//! The lines of a complete export.

use entity::{
    AgentId, ConversationId, CustomerId, TeamId, TicketId, WorkspaceId, agent, change, conversation,
    customer, message, queue, team, ticket,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    cells::Copied,
    form::{At, Bytes, Id, Word},
};
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
    Agent(Box<Copied<agent::Model>>),
    Team(Box<Copied<team::Model>>),
    Queue(Box<Copied<queue::Model>>),
    Customer(Box<Copied<customer::Model>>),
    Conversation(Box<Copied<conversation::Model>>),
    Ticket(Box<Copied<ticket::Model>>),
    Message(Box<Copied<message::Model>>),
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

/// Lists of a conversation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationLists {
    pub(super) assignee_ids: Vec<Id<AgentId>>,
    pub(super) team_ids: Vec<Id<TeamId>>,
}

/// Lists of a team.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TeamLists {
    pub(super) agent_ids: Vec<Id<AgentId>>,
}

/// Lists of the other rows, which have none.
#[derive(Debug, Deserialize)]
pub struct NoLists {}

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

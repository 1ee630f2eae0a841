//! Tables of the database as Rust types.
//!
//! Each table has one file, which also holds the enums of its columns. [`id`] holds the typed ids and
//! [`time`] the one representation of an instant. This is layer 0: it depends on `SeaORM` and on no other
//! layer of the gateway. No type derives a GraphQL or API serialization. The layers above decide for each
//! field whether it is exposed.

#![warn(missing_docs)]

// The derives name this crate by its own name.
extern crate self as entity;

pub mod address;
pub mod agent;
pub mod api_key;
pub mod api_key_workspace;
pub mod attachment;
pub mod change;
pub mod change_counter;
pub mod columns;
pub mod conversation;
pub mod conversation_activity;
pub mod conversation_agent;
pub mod conversation_team;
pub mod custom_fields;
pub mod customer;
pub mod customer_address;
pub mod customer_word;
pub mod epoch;
pub mod erased;
pub mod erasure_key;
pub mod external_reference;
pub mod id;
pub mod idempotency_key;
pub mod identity;
pub mod inbox;
pub mod message;
pub mod partial;
pub mod queue;
pub mod row;
pub mod sync_place;
pub mod tags;
pub mod team;
pub mod team_agent;
pub mod ticket;
pub mod ticket_activity;
pub mod time;
pub mod word;
pub mod word_index;
pub mod workspace;

pub use address::{Email, Emails, Phone, Phones};
pub use attachment::{Attachment, Attachments};
pub use columns::Columns;
pub use custom_fields::CustomFields;
pub use entity_derive::{Row, Word};
pub use id::{
    AgentId, ApiKeyId, ConversationId, CustomerId, MessageId, QueueId, TeamId, TicketId, WorkspaceId,
};
pub use partial::{NotRead, PartialRow};
pub use row::{Fields, ReadError, ReadField, Row};
pub use tags::Tags;
pub use time::Timestamp;
pub use word::{Word, camel};

//! Table `ticket_activity`: the values of tickets that change with every message.

use sea_orm::entity::prelude::*;

use crate::{
    TicketId, Timestamp, WorkspaceId,
    ticket::{self, Priority, Status},
};

/// Activity of one ticket.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_activity")]
pub struct Model {
    /// Ticket.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TicketId,
    /// Workspace of the ticket.
    pub workspace_id: WorkspaceId,
    /// Status of the ticket.
    pub status: Status,
    /// Priority of the ticket.
    pub priority: Priority,
    /// Number of messages, without internal notes.
    pub message_count: i32,
    /// Time of the newest message, without internal notes.
    pub last_message_at: Option<Timestamp>,
    /// Time of the newest inbound message, without internal notes.
    pub last_inbound_at: Option<Timestamp>,
    /// Time of the newest outbound message, without internal notes.
    pub last_outbound_at: Option<Timestamp>,
    /// Time of the first outbound message, without internal notes.
    pub first_response_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&ticket::Model> for Model {
    fn from(row: &ticket::Model) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            status: row.status,
            priority: row.priority,
            message_count: row.message_count,
            last_message_at: row.last_message_at,
            last_inbound_at: row.last_inbound_at,
            last_outbound_at: row.last_outbound_at,
            first_response_at: row.first_response_at,
        }
    }
}

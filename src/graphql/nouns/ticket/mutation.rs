//! Mutations of tickets.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use entity::PartialRow;

use super::{Priority, Ticket, TicketStatus};
use crate::{
    graphql::{
        id,
        input::{input_object, non_empty, one_id, value},
        mutate::mutations,
        nouns::message::Message,
        payload::{UserError, Warning, refused, warnings},
        scalars::{ChangeCursor, JsonObject},
    },
    service::{
        self,
        ticket::{DEFAULT_SOURCE, TicketFields},
    },
};

input_object! {
    /// Fields of a new ticket and of its first message.
    TicketCreateInput of TicketFields {
        /// Subject of the request: 1 to 500 characters, not blank. It also becomes the name of a conversation
        /// that is created.
        subject: String,
        /// Email address of the customer: up to 254 characters. A customer is created when no customer of the
        /// workspace has the address. Refused with `FORBIDDEN` for a customer when the address is not its own.
        customer_email: String,
        /// Name of the customer: up to 300 characters. A customer that is created gets this name; an existing
        /// customer keeps its stored name.
        customer_name: Option<String>,
        /// Plain text of the first message, which is inbound: not blank, up to 256 KiB by default.
        body: String,
        /// HTML of the first message: up to 256 KiB by default. Scripts, styles and unsafe URLs are removed
        /// before it is stored. HTML that takes too much work to clean, or is too long once it is cleaned, is
        /// left out, and `warnings` reports it.
        body_html: Option<String>,
        /// Origin of the ticket as free text, such as `email` or `widget`: 1 to 64 characters, not blank. It also
        /// becomes the channel of a conversation that is created. `api` when omitted or null.
        #[graphql(default_with = "Some(DEFAULT_SOURCE.to_owned())")]
        source: Option<String>,
        /// Priority of the ticket. When omitted or null, the customer's `priorityOverride`, or else `MEDIUM`.
        /// Refused with `FORBIDDEN` for customers.
        priority: Option<Priority> => value,
        /// Agent to whom the ticket is assigned. An inactive agent is refused with `AGENT_INACTIVE`. No agent
        /// when omitted or null. Refused with `FORBIDDEN` for customers.
        assigned_to: Option<ID> => one_id,
        /// Tags: up to 50, each 1 to 64 characters. Surrounding spaces and duplicates are removed. Refused with
        /// `FORBIDDEN` for customers.
        tags: Option<Vec<String>> => value if non_empty,
        /// Team to which the ticket is assigned. No team when omitted or null. Refused with `FORBIDDEN` for
        /// customers.
        team_id: Option<ID> => one_id,
        /// Queue in which the ticket waits. No queue when omitted or null. Refused with `FORBIDDEN` for
        /// customers.
        queue_id: Option<ID> => one_id,
        /// Custom fields by key. Keys have 1 to 64 characters, values nest up to 16 levels deep, and all fields
        /// of one object together have up to 64 KiB as JSON. Keys with null values are ignored. Refused with
        /// `FORBIDDEN` for customers.
        custom_fields: Option<JsonObject> => value,
        /// Conversation to which the ticket and its first message belong. It must be with the same customer. A
        /// new conversation is created when omitted or null.
        conversation_id: Option<ID>,
    }
}

input_object! {
    /// Fields of a ticket to change. Fields that are omitted keep their value. Null clears a field, unless its
    /// description says otherwise.
    TicketUpdateInput of TicketFields {
        /// Subject of the request: 1 to 500 characters, not blank. Null is refused with `REQUIRED`.
        subject: MaybeUndefined<String> => value,
        /// Status of the ticket. Every change from one status to another is allowed. A change from `OPEN` or
        /// `PENDING` to `SOLVED` or `CLOSED` sets `resolvedAt`; a change to `OPEN` or `PENDING` clears it. Null
        /// is refused with `REQUIRED`.
        status: MaybeUndefined<TicketStatus> => value,
        /// Priority of the ticket. Null is refused with `REQUIRED`.
        priority: MaybeUndefined<Priority> => value,
        /// Agent to whom the ticket is assigned. An inactive agent is refused with `AGENT_INACTIVE`, unless the
        /// ticket is already assigned to that agent. Null removes the agent.
        assigned_to: MaybeUndefined<ID> => one_id,
        /// Team to which the ticket is assigned. Null removes the team.
        team_id: MaybeUndefined<ID> => one_id,
        /// Queue in which the ticket waits. Null removes the ticket from its queue.
        queue_id: MaybeUndefined<ID> => one_id,
        /// Custom fields to merge by key. A key with a null value is removed; null in place of the object removes
        /// all keys. Keys have 1 to 64 characters, values nest up to 16 levels deep, and all fields of one object
        /// together have up to 64 KiB as JSON.
        custom_fields: MaybeUndefined<JsonObject> => value,
        /// How the ticket was resolved, as free text: up to 64 characters. Null or a blank text clears it.
        resolution_type: MaybeUndefined<String> => value,
        /// Tags that replace the current ones: up to 50, each 1 to 64 characters. Surrounding spaces and
        /// duplicates are removed. Null or an empty list removes all tags.
        tags: MaybeUndefined<Vec<String>> => value,
    }
}

/// Result of a mutation that creates or changes a ticket.
#[derive(Default, SimpleObject)]
pub struct TicketPayload {
    /// The ticket after the mutation. With `STALE_VERSION`, the ticket as it is now, unchanged. Null with any
    /// other error.
    ticket: Option<Ticket>,
    /// True when `ticketCreate` also created the customer, false when the customer existed. Null for
    /// `ticketUpdate` and when `userErrors` is not empty.
    customer_created: Option<bool>,
    /// First message of the ticket that `ticketCreate` created. Null for `ticketUpdate` and when `userErrors`
    /// is not empty.
    message: Option<Message>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Parts of the arguments that were left out. A message whose HTML takes too much work to clean, or is
    /// too long once it is cleaned, is stored with its plain text only.
    warnings: Vec<Warning>,
    /// Position of the change in the change log of the workspace. Pass it as `after` to continue after this
    /// change. Null when nothing was written.
    change_cursor: Option<ChangeCursor>,
}

refused!(TicketPayload, ticket: Ticket);

impl From<service::ticket::Created> for TicketPayload {
    fn from(created: service::ticket::Created) -> Self {
        Self {
            ticket: Some(Ticket(created.ticket.into())),
            customer_created: Some(created.customer_created),
            message: Some(PartialRow::from(created.message).into()),
            user_errors: Vec::new(),
            warnings: warnings(created.warnings),
            change_cursor: created.cursor.map(ChangeCursor),
        }
    }
}

impl From<service::ticket::Updated> for TicketPayload {
    fn from(updated: service::ticket::Updated) -> Self {
        Self {
            ticket: Some(Ticket(updated.ticket.into())),
            change_cursor: updated.cursor.map(ChangeCursor),
            ..Self::default()
        }
    }
}

mutations! {
    /// Mutations of tickets.
    TicketMutation {
        /// Creates a ticket with its first message in one transaction. Also creates the customer when no customer
        /// of the workspace has `customerEmail`, and a conversation when `conversationId` is omitted. A given
        /// conversation that is `SNOOZED` or `DONE` becomes `OPEN`. Requires the grant `WRITE`; a customer can
        /// create only its own tickets. Returns the ticket and its first message. Errors: `FORBIDDEN`,
        /// `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `AGENT_INACTIVE`,
        /// `IDEMPOTENCY_KEY_REUSED`.
        ticket_create(
            workspace_id: Option<ID> =
                "Workspace of the ticket. When omitted or null, the workspace is the viewer's only one. \
                 A viewer with several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.",
            input: TicketCreateInput = "Fields of the new ticket and its first message.",
        ) -> TicketPayload {
            input.read(workspace_id.as_ref()) => service::ticket::create
        }

        /// Changes a ticket. Fields that are omitted keep their value. Requires the grant `WRITE` and is not
        /// available to customers. Returns the ticket after the change. Errors: `FORBIDDEN`, `NOT_FOUND`,
        /// `REQUIRED`, `INVALID`, `TOO_LONG`, `AGENT_INACTIVE`, `STALE_VERSION`, `IDEMPOTENCY_KEY_REUSED`.
        ticket_update(
            id: ID = "Id of the ticket.",
            input: TicketUpdateInput = "Fields to change.",
            if_version: Option<i32> =
                "Version that the caller last read. When the stored version differs, nothing is \
                 written and the mutation returns `STALE_VERSION` with the ticket as it is now. \
                 When omitted or null, the version is not checked.",
        ) -> TicketPayload {
            input.read(&id, if_version) => service::ticket::update
        }
    }
}

impl TicketCreateInput {
    fn read(mut self, workspace: Option<&ID>) -> Result<service::ticket::CreateTicket, service::UserError> {
        let workspace = id::workspace(workspace)?;
        let fields = self.fields()?;
        Ok(service::ticket::CreateTicket {
            workspace,
            subject: self.subject,
            customer_email: self.customer_email,
            customer_name: self.customer_name,
            body: self.body,
            body_html: self.body_html,
            source: self.source.unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            fields,
            conversation: id::optional_input(&["input", "conversationId"], self.conversation_id.as_ref())?,
        })
    }
}

impl TicketUpdateInput {
    fn read(
        mut self,
        id: &ID,
        if_version: Option<i32>,
    ) -> Result<service::ticket::UpdateTicket, service::UserError> {
        let fields = self.fields()?;
        Ok(service::ticket::UpdateTicket {
            id: id::input(&["id"], id)?,
            if_version,
            fields,
        })
    }
}

//! Mutations of messages.

use async_graphql::{ID, InputObject, OneofObject, SimpleObject};
use entity::PartialRow;

use super::{Message, MessageDirection};
use crate::{
    graphql::{
        id,
        mutate::mutations,
        payload::{UserError, Warning, refused, warnings},
        scalars::ChangeCursor,
    },
    service::{self, message as use_case},
};

/// Ticket or conversation of a new message: exactly one of these fields.
#[derive(Clone, Debug, OneofObject)]
pub enum MessageTarget {
    /// Ticket of the message, which then also belongs to the ticket's conversation. An inbound message to a
    /// `CLOSED` ticket goes to a follow-up ticket, unless it is internal.
    TicketId(ID),
    /// Conversation of the message, which belongs to no ticket. When the conversation has tickets and all are
    /// `CLOSED`, an inbound message that is not internal goes to a follow-up of the newest one.
    ConversationId(ID),
}

/// Fields of a new message.
#[derive(Clone, Debug, InputObject)]
pub struct MessageAddInput {
    /// Ticket or conversation to which the message is added.
    target: MessageTarget,
    /// Plain text of the message: not blank, up to 256 KiB by default.
    body: String,
    /// HTML of the message: up to 256 KiB by default. Scripts, styles and unsafe URLs are removed before it
    /// is stored. HTML that takes too much work to clean, or is too long once it is cleaned, is left out, and
    /// `warnings` reports it.
    body_html: Option<String>,
    /// Email address of the sender: up to 254 characters. Refused with `FORBIDDEN` for a customer when the
    /// address is not its own.
    sender_email: String,
    /// Name of the sender: up to 300 characters. No name when omitted, null or blank.
    sender_name: Option<String>,
    /// Direction of the message. `INBOUND` when omitted or null. `OUTBOUND` is refused with `FORBIDDEN` for
    /// customers.
    #[graphql(default_with = "Some(MessageDirection::Inbound)")]
    direction: Option<MessageDirection>,
    /// True for a note between agents, which a customer never sees. False when omitted or null. True is
    /// refused with `FORBIDDEN` without the grant `CUSTOMER_NOTES`.
    #[graphql(default_with = "Some(false)")]
    is_internal: Option<bool>,
}

/// Result of `messageAdd`.
#[derive(Default, SimpleObject)]
pub struct MessagePayload {
    /// The message that was added. Null when `userErrors` is not empty.
    message: Option<Message>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Parts of the arguments that were left out. A message whose HTML takes too much work to clean, or is
    /// too long once it is cleaned, is stored with its plain text only.
    warnings: Vec<Warning>,
    /// Position of the change in the change log of the workspace. Pass it as `after` to continue after this
    /// change. Null when `userErrors` is not empty.
    change_cursor: Option<ChangeCursor>,
}

refused!(MessagePayload);

impl From<use_case::Added> for MessagePayload {
    fn from(added: use_case::Added) -> Self {
        Self {
            message: Some(PartialRow::from(added.message).into()),
            user_errors: Vec::new(),
            warnings: warnings(added.warnings),
            change_cursor: added.cursor.map(ChangeCursor),
        }
    }
}

mutations! {
    /// Mutations of messages.
    MessageMutation {
        /// Adds a message to a ticket or a conversation. An inbound message that is not internal sets the
        /// conversation to `OPEN`, and its ticket when that is `PENDING` or `SOLVED`. When only the conversation
        /// is given, that ticket is the newest one in it that is not `CLOSED`. An inbound message that is not
        /// internal and whose ticket is `CLOSED` goes to a follow-up ticket in the same conversation: the newest
        /// one that is not `CLOSED`, or a new one. Outbound and internal messages change no status. Requires the
        /// grant `WRITE`; a customer can write only in its own tickets and conversations. Returns the message.
        /// Errors: `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
        message_add(input: MessageAddInput = "Fields of the new message.") -> MessagePayload {
            input.read() => use_case::add
        }
    }
}

impl MessageAddInput {
    fn read(self) -> Result<use_case::AddMessage, service::UserError> {
        let target = match &self.target {
            MessageTarget::TicketId(id) => {
                use_case::MessageTarget::Ticket(id::input(&["input", "target", "ticketId"], id)?)
            }
            MessageTarget::ConversationId(id) => {
                use_case::MessageTarget::Conversation(id::input(&["input", "target", "conversationId"], id)?)
            }
        };
        Ok(use_case::AddMessage {
            target,
            body: self.body,
            body_html: self.body_html,
            sender_email: self.sender_email,
            sender_name: self.sender_name,
            direction: self.direction.unwrap_or(MessageDirection::Inbound).into(),
            internal: self.is_internal.unwrap_or_default(),
        })
    }
}

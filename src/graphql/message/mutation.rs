//! The part of the mutation root on messages.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};

use super::{Message, MessageDirection};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        mutate::run,
        payload::{UserError, Warning, warnings},
        scalars::ChangeCursor,
    },
    service::{self, message as use_case},
};

/// Where a message goes: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum MessageTarget {
    /// Into a ticket, and so into its conversation. An inbound message into a CLOSED ticket goes into a follow-up of it.
    TicketId(ID),
    /// Into a conversation.
    ConversationId(ID),
}

/// A new message.
#[derive(Clone, Debug, InputObject)]
pub struct MessageAddInput {
    /// Where it goes.
    target: MessageTarget,
    /// Plain text: 1 character to 256 KiB.
    body: String,
    /// The same as HTML, up to 256 KiB. Scripts, styles and unsafe addresses are removed before it is stored. HTML that
    /// is too costly to clean is left out, with a warning.
    body_html: Option<String>,
    /// Address of the sender. A customer writes with its own.
    sender_email: String,
    /// Name of the sender: at most 300 characters.
    sender_name: Option<String>,
    /// Which way it goes.
    #[graphql(default_with = "Some(MessageDirection::Inbound)")]
    direction: Option<MessageDirection>,
    /// A note between agents, never shown to a customer. Needs the grant customer:notes.
    #[graphql(default_with = "Some(false)")]
    internal: Option<bool>,
}

/// What a mutation of a message answers.
#[derive(Default, SimpleObject)]
pub struct MessagePayload {
    /// The message; null when there are userErrors.
    message: Option<Message>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// What was left out of what was written. A message whose HTML is too costly to clean, or too long once it is
    /// cleaned, is written with its text alone.
    warnings: Vec<Warning>,
    /// Where the change log stands behind this change.
    cursor: Option<ChangeCursor>,
}

/// The part of the mutation root on messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Adds a message and answers it. An inbound one opens its SNOOZED or DONE conversation and its PENDING or SOLVED ticket;
    /// where it names the conversation, that is the newest ticket there which is not CLOSED. Into a CLOSED ticket it goes by
    /// way of a follow-up ticket in the same conversation: the newest one that is not CLOSED, or a new one. An outbound or an
    /// internal one opens nothing. User errors: `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`,
    /// `FORBIDDEN`.
    async fn message_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: MessageAddInput,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<MessagePayload> {
        let viewer = ctx.viewer();
        let added = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { use_case::add(&services, viewer, request).await },
        );
        Ok(match added.await? {
            Ok(added) => MessagePayload {
                message: Some(Arc::new(added.message).into()),
                user_errors: Vec::new(),
                warnings: warnings(added.warnings),
                cursor: added.cursor.map(ChangeCursor),
            },
            Err(refusal) => MessagePayload {
                user_errors: refusal.user_errors,
                ..MessagePayload::default()
            },
        })
    }
}

impl MessageAddInput {
    fn read(self) -> std::result::Result<use_case::AddMessage, service::UserError> {
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
            internal: self.internal.unwrap_or_default(),
        })
    }
}

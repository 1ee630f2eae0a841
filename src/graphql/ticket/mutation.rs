//! The part of the mutation root on tickets.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Priority, Ticket, TicketStatus};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::{patch, plain},
        message::Message,
        mutate::run,
        payload::{Refusal, UserError, Warning, warnings},
        scalars::{ChangeCursor, JsonObject},
    },
    service::{self, Current, ticket::DEFAULT_SOURCE},
};

/// A new ticket with its first message.
#[derive(Clone, Debug, InputObject)]
pub struct TicketCreateInput {
    /// Where; the viewer's only workspace when absent.
    workspace_id: Option<ID>,
    /// What it is about: 1 to 500 characters.
    subject: String,
    /// Who asks. An unknown email makes the customer.
    customer_email: String,
    /// Its name: at most 300 characters. Names a customer that is made; one that is known keeps its name.
    customer_name: Option<String>,
    /// The first message, inbound: 1 character to 256 KiB.
    body: String,
    /// The first message as HTML, up to 256 KiB. Scripts, styles and unsafe addresses are removed before it is stored.
    /// HTML that is too costly to clean is left out, with a warning.
    body_html: Option<String>,
    /// Where it comes from, as free text: at most 64 characters.
    #[graphql(default_with = "Some(DEFAULT_SOURCE.to_owned())")]
    source: Option<String>,
    /// Default: the customer's priorityOverride, else MEDIUM. Agents only.
    priority: Option<Priority>,
    /// The agent who gets it. Agents only.
    assigned_to: Option<ID>,
    /// Labels: at most 50, of at most 64 characters each. Agents only.
    tags: Option<Vec<String>>,
    /// The team that gets it. Agents only.
    team_id: Option<ID>,
    /// Where it waits. Agents only.
    queue_id: Option<ID>,
    /// Fields of the team's own: keys up to 64 characters, 64 KiB in all. Agents only.
    custom_fields: Option<JsonObject>,
    /// The thread that it belongs to, of the same customer; a new one when absent.
    conversation_id: Option<ID>,
}

/// What changes of a ticket. An absent field is left alone and null clears it.
#[derive(Clone, Debug, InputObject)]
pub struct TicketUpdateInput {
    /// What it is about: 1 to 500 characters. Cannot be cleared.
    subject: MaybeUndefined<String>,
    /// Where it stands. Cannot be cleared.
    status: MaybeUndefined<TicketStatus>,
    /// How urgent it is. Cannot be cleared.
    priority: MaybeUndefined<Priority>,
    /// The agent who has it.
    assigned_to: MaybeUndefined<ID>,
    /// The team that has it.
    team_id: MaybeUndefined<ID>,
    /// Where it waits.
    queue_id: MaybeUndefined<ID>,
    /// Merged key by key; a null value removes the key, null in place of the object removes all.
    custom_fields: MaybeUndefined<JsonObject>,
    /// How it was resolved: at most 64 characters.
    resolution_type: MaybeUndefined<String>,
    /// Labels: at most 50, of at most 64 characters each. Replaces all labels there were.
    tags: MaybeUndefined<Vec<String>>,
}

/// What a mutation of a ticket answers.
#[derive(Default, SimpleObject)]
pub struct TicketPayload {
    /// The ticket as it is now; null when there are userErrors, but for `STALE_VERSION`.
    ticket: Option<Ticket>,
    /// Whether the customer was made for it; null when no ticket was made.
    customer_created: Option<bool>,
    /// The first message of a ticket that was made.
    message: Option<Message>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// What was left out of what was written. A message whose HTML is too costly to clean, or too long once it is
    /// cleaned, is written with its text alone.
    warnings: Vec<Warning>,
    /// Where the change log stands behind this change; null when nothing changed.
    cursor: Option<ChangeCursor>,
}

impl From<Refusal> for TicketPayload {
    fn from(refusal: Refusal) -> Self {
        let ticket = match refusal.current {
            Some(Current::Ticket(row)) => Some(Ticket((*row).into())),
            _ => None,
        };
        Self {
            ticket,
            user_errors: refusal.user_errors,
            ..Self::default()
        }
    }
}

/// The part of the mutation root on tickets.
#[derive(Default)]
pub struct TicketMutation;

#[Object]
impl TicketMutation {
    /// Makes a ticket. An unknown customerEmail makes the customer; ticket, conversation and first message are one
    /// transaction.
    async fn ticket_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ticket and its first message.")] input: TicketCreateInput,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<TicketPayload> {
        let viewer = ctx.viewer();
        let created = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::ticket::create(&services, viewer, request).await },
        );
        Ok(match created.await? {
            Ok(created) => TicketPayload {
                ticket: Some(Ticket(created.ticket.into())),
                customer_created: Some(created.customer_created),
                message: Some(Arc::new(created.message).into()),
                user_errors: Vec::new(),
                warnings: warnings(created.warnings),
                cursor: created.cursor.map(ChangeCursor),
            },
            Err(refusal) => refusal.into(),
        })
    }

    /// Changes fields of a ticket.
    async fn ticket_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "An absent field is left alone and null clears it.")] input: TicketUpdateInput,
        #[graphql(
            desc = "Version that the caller last read. When the stored version differs, nothing is written \
                    and the mutation returns `STALE_VERSION` with the ticket as it is now. When omitted, the \
                    version is not checked."
        )]
        if_version: Option<i32>,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<TicketPayload> {
        let viewer = ctx.viewer();
        let updated = run(
            ctx,
            idempotency_key,
            input.read(&id, if_version),
            |services, request| async move { service::ticket::update(&services, viewer, request).await },
        );
        Ok(match updated.await? {
            Ok(updated) => TicketPayload {
                ticket: Some(Ticket(updated.ticket.into())),
                cursor: updated.cursor.map(ChangeCursor),
                ..TicketPayload::default()
            },
            Err(refusal) => refusal.into(),
        })
    }
}

impl TicketCreateInput {
    fn read(self) -> std::result::Result<service::ticket::CreateTicket, service::UserError> {
        Ok(service::ticket::CreateTicket {
            workspace: id::optional_input(&["input", "workspaceId"], self.workspace_id.as_ref())?,
            subject: self.subject,
            customer_email: self.customer_email,
            customer_name: self.customer_name,
            body: self.body,
            body_html: self.body_html,
            source: self.source.unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            priority: self.priority.map(Into::into),
            assigned_to: id::optional_input(&["input", "assignedTo"], self.assigned_to.as_ref())?,
            team: id::optional_input(&["input", "teamId"], self.team_id.as_ref())?,
            queue: id::optional_input(&["input", "queueId"], self.queue_id.as_ref())?,
            custom_fields: self.custom_fields.map(|fields| fields.0).into(),
            tags: self.tags.unwrap_or_default(),
            conversation: id::optional_input(&["input", "conversationId"], self.conversation_id.as_ref())?,
        })
    }
}

impl TicketUpdateInput {
    fn read(
        self,
        id: &ID,
        if_version: Option<i32>,
    ) -> std::result::Result<service::ticket::UpdateTicket, service::UserError> {
        let fields = service::ticket::TicketFields {
            subject: plain(self.subject),
            status: patch(self.status, Into::into),
            priority: patch(self.priority, Into::into),
            assigned_to: id::patch(&["input", "assignedTo"], self.assigned_to)?,
            team: id::patch(&["input", "teamId"], self.team_id)?,
            queue: id::patch(&["input", "queueId"], self.queue_id)?,
            custom_fields: patch(self.custom_fields, |fields: JsonObject| fields.0),
            resolution_type: plain(self.resolution_type),
            tags: plain(self.tags),
        };
        Ok(service::ticket::UpdateTicket {
            id: id::input(&["id"], id)?,
            if_version,
            fields,
        })
    }
}

//! The part of the mutation root on conversations.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Conversation, ConversationStatus};
use crate::{
    graphql::{
        context::ContextExt,
        customer::CustomerIdentifier,
        error::Result,
        id,
        input::{patch, plain},
        mutate::run,
        payload::{Refusal, UserError},
        scalars::{ChangeCursor, DateTime, JsonObject},
    },
    service::{Current, conversation as service},
};

/// Where a conversation comes from when nobody says.
const DEFAULT_CHANNEL: &str = "api";

/// A new conversation.
#[derive(Clone, Debug, InputObject)]
pub struct ConversationCreateInput {
    /// Where; the viewer's only workspace when absent.
    workspace_id: Option<ID>,
    /// An unknown email makes the customer.
    customer: CustomerIdentifier,
    /// Short name: at most 300 characters.
    name: Option<String>,
    /// How the customer writes, as free text: at most 64 characters.
    #[graphql(default_with = "Some(DEFAULT_CHANNEL.to_owned())")]
    channel: Option<String>,
    /// Where it stands. SNOOZED needs snoozedUntil.
    #[graphql(default_with = "Some(ConversationStatus::Open)")]
    status: Option<ConversationStatus>,
    /// When a conversation that is SNOOZED opens again: in the future. Agents only.
    snoozed_until: Option<DateTime>,
    /// Labels: at most 50, of at most 64 characters each. Agents only.
    tags: Option<Vec<String>>,
    /// Your own id of it: at most 255 characters, unique in the workspace, compared with case. Agents only.
    external_id: Option<String>,
    /// Fields of the team's own: keys up to 64 characters, 64 KiB in all. Agents only.
    custom_fields: Option<JsonObject>,
}

/// What changes of a conversation. An absent field is left alone and null clears it.
#[derive(Clone, Debug, InputObject)]
pub struct ConversationUpdateInput {
    /// Short name: at most 300 characters.
    name: MaybeUndefined<String>,
    /// Where it stands. Cannot be cleared. SNOOZED needs snoozedUntil, given here or before; any other status clears it.
    status: MaybeUndefined<ConversationStatus>,
    /// When it opens again: in the future, and only while it is SNOOZED. Cannot be cleared while it is SNOOZED.
    snoozed_until: MaybeUndefined<DateTime>,
    /// Labels: at most 50, of at most 64 characters each. Replaces all labels there were.
    tags: MaybeUndefined<Vec<String>>,
    /// The agents who have it: at most 100, in place of those who had it.
    assignee_ids: MaybeUndefined<Vec<ID>>,
    /// The teams that have it: at most 100, in place of those that had it.
    team_ids: MaybeUndefined<Vec<ID>>,
    /// Where it waits.
    queue_id: MaybeUndefined<ID>,
    /// Merged key by key; a null value removes the key, null in place of the object removes all.
    custom_fields: MaybeUndefined<JsonObject>,
}

/// What a mutation of a conversation answers.
#[derive(Default, SimpleObject)]
pub struct ConversationPayload {
    /// The conversation as it is now; null when there are userErrors, but for `STALE_VERSION`.
    conversation: Option<Conversation>,
    /// Whether the customer was made for it; null when there are userErrors.
    customer_created: Option<bool>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Where the change log stands behind this change; null when nothing changed.
    cursor: Option<ChangeCursor>,
}

impl ConversationPayload {
    fn new(written: std::result::Result<service::Written, Refusal>) -> Self {
        match written {
            Ok(written) => Self {
                conversation: Some(Conversation(written.conversation.into())),
                customer_created: Some(written.customer_created),
                user_errors: Vec::new(),
                cursor: written.cursor.map(ChangeCursor),
            },
            Err(refusal) => Self {
                conversation: match refusal.current {
                    Some(Current::Conversation(row)) => Some(Conversation((*row).into())),
                    _ => None,
                },
                user_errors: refusal.user_errors,
                ..Self::default()
            },
        }
    }
}

/// The part of the mutation root on conversations.
#[derive(Default)]
pub struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Begins a conversation. An unknown email makes the customer.
    async fn conversation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation.")] input: ConversationCreateInput,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ConversationPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::create(&services, viewer, request).await },
        );
        Ok(ConversationPayload::new(written.await?))
    }

    /// Changes fields of a conversation and answers it. User errors: `NOT_FOUND`, `REQUIRED` (`SNOOZED` without
    /// snoozedUntil), `INVALID`, `TOO_LONG`, `STALE_VERSION`, `AGENT_INACTIVE`.
    async fn conversation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "An absent field is left alone and null clears it.")] input: ConversationUpdateInput,
        #[graphql(
            desc = "Version that the caller last read. When the stored version differs, nothing is written \
                    and the mutation returns `STALE_VERSION` with the conversation as it is now. When \
                    omitted, the version is not checked."
        )]
        if_version: Option<i32>,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ConversationPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(&id, if_version),
            |services, request| async move { service::update(&services, viewer, request).await },
        );
        Ok(ConversationPayload::new(written.await?))
    }
}

impl ConversationCreateInput {
    fn read(self) -> std::result::Result<service::CreateConversation, crate::service::UserError> {
        Ok(service::CreateConversation {
            workspace: id::optional_input(&["input", "workspaceId"], self.workspace_id.as_ref())?,
            customer: self.customer.read(&["input", "customer"])?,
            name: self.name,
            channel: self.channel.unwrap_or_else(|| DEFAULT_CHANNEL.to_owned()),
            status: self.status.unwrap_or(ConversationStatus::Open).into(),
            snoozed_until: self.snoozed_until.map(|at| at.0),
            tags: self.tags.unwrap_or_default(),
            external_id: self.external_id,
            custom_fields: self.custom_fields.map(|fields| fields.0).into(),
        })
    }
}

impl ConversationUpdateInput {
    fn read(
        self,
        id: &ID,
        if_version: Option<i32>,
    ) -> std::result::Result<service::UpdateConversation, crate::service::UserError> {
        let fields = service::ConversationFields {
            name: plain(self.name),
            status: patch(self.status, Into::into),
            snoozed_until: patch(self.snoozed_until, |at: DateTime| at.0),
            tags: plain(self.tags),
            assignees: id::list_patch(&["input", "assigneeIds"], self.assignee_ids)?,
            teams: id::list_patch(&["input", "teamIds"], self.team_ids)?,
            queue: id::patch(&["input", "queueId"], self.queue_id)?,
            custom_fields: patch(self.custom_fields, |fields: JsonObject| fields.0),
        };
        let id = id::input(&["id"], id)?;
        Ok(service::UpdateConversation {
            id,
            if_version,
            fields,
        })
    }
}

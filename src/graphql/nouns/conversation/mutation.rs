//! Mutations of conversations.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use super::{Conversation, ConversationStatus};
use crate::{
    graphql::{
        id,
        input::{id_list, input_object, non_empty, one_id, value},
        mutate::mutations,
        nouns::customer::CustomerIdentifier,
        payload::{UserError, refused},
        scalars::{ChangeCursor, DateTime, JsonObject},
    },
    service::conversation as service,
};

/// Channel of a conversation when none is given.
const DEFAULT_CHANNEL: &str = "api";

input_object! {
    /// Fields of a new conversation.
    ConversationCreateInput of service::ConversationFields {
        /// Customer of the conversation. A customer is created when it is identified by an email that no customer
        /// of the workspace has. For a customer, only itself; others are refused with `NOT_FOUND`.
        customer: CustomerIdentifier,
        /// Short name: up to 300 characters. No name when omitted, null or blank.
        name: Option<String> => value,
        /// Channel over which the customer writes, as free text, such as `email`, `chat` or `sms`: 1 to 64
        /// characters, not blank. `api` when omitted or null.
        #[graphql(default_with = "Some(DEFAULT_CHANNEL.to_owned())")]
        channel: Option<String>,
        /// Status of the conversation. `SNOOZED` requires `snoozedUntil`. `OPEN` when omitted or null.
        #[graphql(default_with = "Some(ConversationStatus::Open)")]
        status: Option<ConversationStatus>,
        /// Time when the conversation becomes `OPEN`. Must be in the future. Required when `status` is `SNOOZED`;
        /// refused with `INVALID` for any other status. Refused with `FORBIDDEN` for customers.
        snoozed_until: Option<DateTime> => value,
        /// Tags: up to 50, each 1 to 64 characters. Surrounding spaces and duplicates are removed. Refused with
        /// `FORBIDDEN` for customers.
        tags: Option<Vec<String>> => value if non_empty,
        /// Id of the conversation in the caller's own system: up to 255 characters. Unique in the workspace,
        /// compared with case. Refused with `FORBIDDEN` for customers.
        external_id: Option<String> => value,
        /// Custom fields by key. Keys have 1 to 64 characters, values nest up to 16 levels deep, and all fields
        /// of one object together have up to 64 KiB as JSON. Keys with null values are ignored. Refused with
        /// `FORBIDDEN` for customers.
        custom_fields: Option<JsonObject> => value,
    }
}

input_object! {
    /// Fields of a conversation to change. Fields that are omitted keep their value. Null clears a field, unless
    /// its description says otherwise.
    ConversationUpdateInput of service::ConversationFields {
        /// Short name: up to 300 characters. Null or a blank text clears it.
        name: MaybeUndefined<String> => value,
        /// Status of the conversation. `SNOOZED` requires `snoozedUntil`, given here or stored before; otherwise
        /// it is refused with `REQUIRED`. Any other status clears `snoozedUntil`. Null is refused with
        /// `REQUIRED`.
        status: MaybeUndefined<ConversationStatus> => value,
        /// Time when the conversation becomes `OPEN`. Must be in the future. Refused with `INVALID` unless the
        /// conversation is `SNOOZED` after the change. Null is refused with `REQUIRED` if the conversation is
        /// `SNOOZED` after the change.
        snoozed_until: MaybeUndefined<DateTime> => value,
        /// Tags that replace the current ones: up to 50, each 1 to 64 characters. Surrounding spaces and
        /// duplicates are removed. Null or an empty list removes all tags.
        tags: MaybeUndefined<Vec<String>> => value,
        /// Agents to whom the conversation is assigned: up to 100 ids. The list replaces the present agents. An
        /// empty list or null removes all agents. An inactive agent is refused with `AGENT_INACTIVE`, unless the
        /// conversation is already assigned to that agent.
        assignee_ids: MaybeUndefined<Vec<ID>> => id_list,
        /// Teams to which the conversation is assigned: up to 100 ids. The list replaces the present teams. An
        /// empty list or null removes all teams.
        team_ids: MaybeUndefined<Vec<ID>> => id_list,
        /// Queue in which the conversation waits. Null removes the conversation from its queue.
        queue_id: MaybeUndefined<ID> => one_id,
        /// Custom fields to merge by key. A key with a null value is removed; null in place of the object removes
        /// all keys. Keys have 1 to 64 characters, values nest up to 16 levels deep, and all fields of one object
        /// together have up to 64 KiB as JSON.
        custom_fields: MaybeUndefined<JsonObject> => value,
    }
}

/// Result of a mutation that creates or changes a conversation.
#[derive(Default, SimpleObject)]
pub struct ConversationPayload {
    /// The conversation after the mutation. With `STALE_VERSION`, the conversation as it is now, unchanged.
    /// Null with any other error.
    conversation: Option<Conversation>,
    /// True when `conversationCreate` also created the customer, otherwise false. Null when `userErrors` is
    /// not empty.
    customer_created: Option<bool>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Position of the change in the change log of the workspace. Pass it as `after` to continue after this
    /// change. Null when nothing was written.
    change_cursor: Option<ChangeCursor>,
}

refused!(ConversationPayload, conversation: Conversation);

impl From<service::Written> for ConversationPayload {
    fn from(written: service::Written) -> Self {
        Self {
            conversation: Some(Conversation(written.conversation.into())),
            customer_created: Some(written.customer_created),
            user_errors: Vec::new(),
            change_cursor: written.cursor.map(ChangeCursor),
        }
    }
}

mutations! {
    /// Mutations of conversations.
    ConversationMutation {
        /// Creates a conversation without messages. Also creates the customer when it is identified by an email
        /// that no customer of the workspace has. Requires the grant `WRITE`; a customer can create only its own
        /// conversations. Returns the conversation. With `EXTERNAL_ID_TAKEN`, `existingId` is the conversation
        /// that has the external id. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`,
        /// `INVALID`, `TOO_LONG`, `EXTERNAL_ID_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
        conversation_create(
            workspace_id: Option<ID> =
                "Workspace of the conversation. When omitted or null, the workspace is the viewer's only one. \
                 A viewer with several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`.",
            input: ConversationCreateInput = "Fields of the new conversation.",
        ) -> ConversationPayload {
            input.read(workspace_id.as_ref()) => service::create
        }

        /// Changes a conversation. Fields that are omitted keep their value. Requires the grant `WRITE` and is
        /// not available to customers. Returns the conversation after the change. Errors: `FORBIDDEN`,
        /// `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `AGENT_INACTIVE`, `STALE_VERSION`,
        /// `IDEMPOTENCY_KEY_REUSED`.
        conversation_update(
            id: ID = "Id of the conversation.",
            input: ConversationUpdateInput = "Fields to change.",
            if_version: Option<i32> =
                "Version that the caller last read. When the stored version differs, nothing is \
                 written and the mutation returns `STALE_VERSION` with the conversation as it is \
                 now. When omitted or null, the version is not checked.",
        ) -> ConversationPayload {
            input.read(&id, if_version) => service::update
        }
    }
}

impl ConversationCreateInput {
    fn read(
        mut self,
        workspace: Option<&ID>,
    ) -> Result<service::CreateConversation, crate::service::UserError> {
        let workspace = id::workspace(workspace)?;
        let fields = self.fields()?;
        Ok(service::CreateConversation {
            workspace,
            customer: self.customer.read(&["input", "customer"])?,
            channel: self.channel.unwrap_or_else(|| DEFAULT_CHANNEL.to_owned()),
            status: self.status.unwrap_or(ConversationStatus::Open).into(),
            fields,
        })
    }
}

impl ConversationUpdateInput {
    fn read(
        mut self,
        id: &ID,
        if_version: Option<i32>,
    ) -> Result<service::UpdateConversation, crate::service::UserError> {
        let fields = self.fields()?;
        let id = id::input(&["id"], id)?;
        Ok(service::UpdateConversation {
            id,
            if_version,
            fields,
        })
    }
}

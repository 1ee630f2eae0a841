//! Loader keys for single rows.

use std::{collections::HashMap, sync::Arc};

use entity::{
    AgentId, ApiKeyId, ConversationId, CustomerId, MessageId, PartialRow, QueueId, TeamId, TicketId,
    WorkspaceId, agent, conversation, customer, message, queue, team, ticket, workspace,
};

use super::{LoaderKey, Loaders, Reader, Slot, prefetched::PointerTarget};
use crate::store::{self, Noun, StoreError, change::LogPosition, list};

macro_rules! by_id {
    ($(#[$doc:meta])* $name:ident($id:ty), $noun:ident, $slot:ident $(, $known:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub $id);

        impl From<$id> for $name {
            fn from(id: $id) -> Self {
                Self(id)
            }
        }

        impl LoaderKey for $name {
            type Answer = PartialRow<<$noun::Entity as Noun>::Row>;

            async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
                let ids: Vec<_> = keys.iter().map(|key| key.0.into()).collect();
                let beside = reader.beside::<$noun::Entity>();
                let columns = reader.columns::<$noun::Entity>();
                let rows = list::find_many_with(&reader.db, &reader.scope, &ids, columns, &beside).await?;
                Ok(rows.into_iter().map(|row| (Self(row.id()), row)).collect())
            }

            $(fn $known(&self, reader: &Reader) -> Option<Self::Answer> {
                <$noun::Entity as PointerTarget>::found(&reader.prefetched).get(self.0)
            })?

            fn slot(loaders: &Loaders) -> &Slot<Self> {
                &loaders.$slot
            }
        }
    };
}

by_id!(
    /// Loads an agent by id.
    AgentById(AgentId), agent, agent_by_id, known
);
by_id!(
    /// Loads a customer by id.
    CustomerById(CustomerId), customer, customer_by_id, known
);
by_id!(
    /// Loads a ticket by id.
    TicketById(TicketId), ticket, ticket_by_id, known
);
by_id!(
    /// Loads a conversation by id.
    ConversationById(ConversationId), conversation, conversation_by_id, known
);
by_id!(
    /// Loads a message by id.
    MessageById(MessageId), message, message_by_id
);

by_id!(
    /// Loads a team by id.
    TeamById(TeamId), team, team_by_id, known
);
by_id!(
    /// Loads a queue by id.
    QueueById(QueueId), queue, queue_by_id, known
);

/// Loads a workspace by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceById(pub WorkspaceId);

impl LoaderKey for WorkspaceById {
    type Answer = Arc<workspace::Model>;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.into()).collect();
        let rows = store::workspace::find_many(&reader.db, &reader.scope, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(row.id), Arc::new(row)))
            .collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &loaders.workspace_by_id
    }
}

/// Loads an API key by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiKeyById(pub ApiKeyId);

impl LoaderKey for ApiKeyById {
    type Answer = Arc<store::api_key::KeyWithWorkspaces>;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.into()).collect();
        let found = store::api_key::find_many(&reader.db, &reader.scope, &ids).await?;
        Ok(found
            .into_iter()
            .map(|one| (Self(one.key.id), Arc::new(one)))
            .collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &loaders.api_key_by_id
    }
}

/// Loads the HTML of a message. Separate from the message, because the text is large and lists rarely select it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HtmlByMessage(pub MessageId);

impl LoaderKey for HtmlByMessage {
    type Answer = String;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, String>, StoreError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0.into()).collect();
        let html = store::message::find_html(&reader.db, &reader.scope, &ids).await?;
        Ok(html.into_iter().map(|(id, html)| (Self(id), html)).collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &loaders.html_by_message
    }
}

/// Loads the position of a message in the change log. The caller must have checked that the viewer sees the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlaceByMessage(pub MessageId);

impl LoaderKey for PlaceByMessage {
    type Answer = LogPosition;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, LogPosition>, StoreError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let places = store::change::places_of_messages_unscoped(&reader.db, &ids).await?;
        Ok(places.into_iter().map(|(id, place)| (Self(id), place)).collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &loaders.place_by_message
    }
}

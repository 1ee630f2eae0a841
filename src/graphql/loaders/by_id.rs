//! Loader keys for single rows.

use std::{collections::HashMap, sync::Arc};

use entity::{ApiKeyId, MessageId, PartialRow, WorkspaceId, workspace};

use super::{Loadable, LoaderKey, Loaders, Reader, Slot, nouns};
use crate::store::{self, Noun, StoreError, change::LogPosition, list};

macro_rules! by_id {
    ($($noun:ident = $tag:literal: $rows:ident, $by_id:ident;)+) => {$(
        #[doc = concat!("Loads a row of `", stringify!($noun), "` by id.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $by_id(pub <entity::$noun::Entity as Noun>::Id);

        impl From<<entity::$noun::Entity as Noun>::Id> for $by_id {
            fn from(id: <entity::$noun::Entity as Noun>::Id) -> Self {
                Self(id)
            }
        }

        impl LoaderKey for $by_id {
            type Answer = PartialRow<<entity::$noun::Entity as Noun>::Row>;

            async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
                let ids: Vec<_> = keys.iter().map(|key| key.0.into()).collect();
                let beside = reader.beside::<entity::$noun::Entity>();
                let columns = reader.columns::<entity::$noun::Entity>();
                let rows = list::find_many_with(&reader.db, &reader.scope, &ids, columns, &beside).await?;
                Ok(rows.into_iter().map(|row| (Self(row.id()), row)).collect())
            }

            fn known(&self, reader: &Reader) -> Option<Self::Answer> {
                <entity::$noun::Entity as Loadable>::found(&reader.prefetched).get(self.0)
            }

            fn slot(loaders: &Loaders) -> &Slot<Self> {
                &<entity::$noun::Entity as Loadable>::slots(loaders).by_id
            }
        }
    )+};
}

nouns!(by_id);

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

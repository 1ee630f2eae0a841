//! Loader keys for complete lists that belong to one row.

use std::collections::HashMap;

use entity::PartialRow;
use uuid::Uuid;

use super::{LoaderKey, Loaders, Reader, Slot};
use crate::store::{
    self, Noun, StoreError,
    link::{self, Link},
};

/// Loads the ids of an object in other systems. The caller must have checked that the viewer sees the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferencesByObject(pub Uuid);

impl LoaderKey for ReferencesByObject {
    type Answer = Vec<(String, String)>;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = store::external_reference::list_unscoped(&reader.db, &ids).await?;
        Ok(found.into_iter().map(|(id, list)| (Self(id), list)).collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &loaders.references_by_object
    }
}

/// A list of members that has a loader.
pub trait Loaded: Link {
    /// Returns the slot of the loader.
    fn slot(loaders: &Loaders) -> &Slot<MembersOf<Self>>;
}

/// Loads the members of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembersOf<L: Link> {
    owner: Uuid,
    link: std::marker::PhantomData<L>,
}

impl<L: Link> MembersOf<L> {
    /// Creates the key of the members of `owner`.
    pub fn new(owner: impl Into<Uuid>) -> Self {
        Self {
            owner: owner.into(),
            link: std::marker::PhantomData,
        }
    }
}

impl<L: Loaded> LoaderKey for MembersOf<L> {
    type Answer = Vec<PartialRow<<L::Member as Noun>::Row>>;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let owners: Vec<_> = keys.iter().map(|key| key.owner).collect();
        let found = link::members::<L>(&reader.db, &reader.scope, &owners).await?;
        let shared = |(owner, rows): (Uuid, Vec<_>)| {
            (Self::new(owner), rows.into_iter().map(PartialRow::from).collect())
        };
        Ok(found.into_iter().map(shared).collect())
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        L::slot(loaders)
    }
}

macro_rules! loaded {
    ($($link:ident, $slot:ident;)+) => {
        $(impl Loaded for link::$link {
            fn slot(loaders: &Loaders) -> &Slot<MembersOf<Self>> {
                &loaders.$slot
            }
        })+
    };
}

loaded!(
    AgentsOfTeam, agents_of_team;
    TeamsOfAgent, teams_of_agent;
    AgentsOfConversation, agents_of_conversation;
    TeamsOfConversation, teams_of_conversation;
);

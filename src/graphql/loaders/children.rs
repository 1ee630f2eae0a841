//! Loader keys for the children of a row: a page of them, and their number.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use entity::PartialRow;
use uuid::Uuid;

use super::{Loadable, LoaderKey, Loaders, Reader, Slot};
use crate::store::{ListQuery, Noun, Slice, StoreError, list};

/// Loads a page of the children of a row. Page, order and filter are part of the key.
#[derive(Debug)]
pub struct Children<N: Noun> {
    parent: N::Parent,
    id: Uuid,
    query: Arc<ListQuery<N>>,
}

/// Loads the number of children of a row that match the filter.
#[derive(Debug)]
pub struct ChildCount<N: Noun>(Children<N>);

impl<N: Noun> Children<N> {
    /// Creates the key for a page of the children of the row `id`.
    pub fn new(parent: N::Parent, id: Uuid, query: Arc<ListQuery<N>>) -> Self {
        Self { parent, id, query }
    }
}

impl<N: Noun> ChildCount<N> {
    /// Creates the key for the number of children. Only the filter of the query matters.
    pub fn new(parent: N::Parent, id: Uuid, query: &Arc<ListQuery<N>>) -> Self {
        Self(Children::new(parent, id, query.clone()))
    }
}

// Implemented by hand, because a derive would require the entity to implement the traits too.
impl<N: Noun> Clone for Children<N> {
    fn clone(&self) -> Self {
        Self {
            parent: self.parent,
            id: self.id,
            query: self.query.clone(),
        }
    }
}

impl<N: Noun> PartialEq for Children<N> {
    fn eq(&self, other: &Self) -> bool {
        (self.parent, self.id) == (other.parent, other.id) && self.query == other.query
    }
}

impl<N: Noun> Eq for Children<N> {}

impl<N: Noun> Hash for Children<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.parent, self.id, &self.query).hash(state);
    }
}

impl<N: Noun> Clone for ChildCount<N> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<N: Noun> PartialEq for ChildCount<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<N: Noun> Eq for ChildCount<N> {}

impl<N: Noun> Hash for ChildCount<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

type Groups<N> = HashMap<(<N as Noun>::Parent, Arc<ListQuery<N>>), Vec<Uuid>>;

/// Groups keys by query. Each group is one statement, and each field of the document is one group.
fn grouped<'a, N: Noun>(keys: impl Iterator<Item = &'a Children<N>>) -> Groups<N> {
    let mut groups: HashMap<_, Vec<Uuid>> = HashMap::new();
    for key in keys {
        groups
            .entry((key.parent, key.query.clone()))
            .or_default()
            .push(key.id);
    }
    groups
}

impl<N: Loadable> LoaderKey for Children<N> {
    type Answer = Slice<PartialRow<N::Row>>;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, Self::Answer>, StoreError> {
        let mut answers = HashMap::with_capacity(keys.len());
        for ((parent, query), ids) in grouped(keys.iter()) {
            let found = list::children::<N>(
                &reader.db,
                &reader.scope,
                parent,
                &ids,
                &query,
                reader.columns::<N>(),
            )
            .await?;
            for (id, slice) in found {
                answers.insert(Self::new(parent, id, query.clone()), slice);
            }
        }
        Ok(answers)
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &N::slots(loaders).pages
    }
}

impl<N: Loadable> LoaderKey for ChildCount<N> {
    type Answer = i64;

    async fn answer(reader: &Reader, keys: &[Self]) -> Result<HashMap<Self, i64>, StoreError> {
        let mut answers = HashMap::with_capacity(keys.len());
        for ((parent, query), ids) in grouped(keys.iter().map(|key| &key.0)) {
            let found = list::count_children::<N>(&reader.db, &reader.scope, parent, &ids, &query).await?;
            for (id, count) in found {
                answers.insert(Self::new(parent, id, &query), count);
            }
        }
        Ok(answers)
    }

    fn slot(loaders: &Loaders) -> &Slot<Self> {
        &N::slots(loaders).counts
    }
}

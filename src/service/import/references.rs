//! Records of one kind in a batch, by their ids in the other system, with the values that the system reported
//! before.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use entity::external_reference::{Kind, Model};
use uuid::Uuid;

use super::{
    Source,
    memory::{Field, Memory},
};
use crate::{
    service::{Error, Transaction},
    store::{self, edits::Edits},
};

/// Local ids of records, and the values reported of them.
pub(super) struct References<'a> {
    source: &'a Source<'a>,
    kind: Kind,
    known: HashMap<String, Uuid>,
    memories: HashMap<String, Memory>,
    /// Records that this batch creates.
    made: BTreeSet<String>,
    /// Records whose objects this batch replaces.
    moved: BTreeSet<String>,
    /// Names that turned out not to be ids of records.
    renamed: BTreeSet<String>,
    /// Records with newly reported values.
    changed: BTreeSet<String>,
    /// Local edits of objects that the source has not reported yet.
    edits: HashMap<Uuid, Edits>,
}

impl<'a> References<'a> {
    /// Reads the known records.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        source: &'a Source<'a>,
        kind: Kind,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        let writing = transaction.writing();
        let found = store::external_reference::find_many_with_digests(writing, source.of(kind), ids).await?;
        let memory = |known: &store::external_reference::KnownObject| Memory::read(known.told.as_deref());
        Ok(Self {
            source,
            kind,
            memories: found
                .iter()
                .map(|(id, known)| (id.clone(), memory(known)))
                .collect(),
            known: found.into_iter().map(|(id, known)| (id, known.object)).collect(),
            made: BTreeSet::new(),
            moved: BTreeSet::new(),
            renamed: BTreeSet::new(),
            changed: BTreeSet::new(),
            edits: HashMap::new(),
        })
    }

    /// Returns the local id of a record.
    pub(super) fn get(&self, external_id: &str) -> Option<Uuid> {
        self.known.get(external_id).copied()
    }

    /// Returns the local ids of all records.
    pub(super) fn objects(&self) -> impl Iterator<Item = Uuid> {
        self.known.values().copied()
    }

    /// Removes records whose objects no longer exist.
    pub(super) fn retain(&mut self, is_there: impl Fn(Uuid) -> bool) {
        self.known.retain(|_, object| is_there(*object));
        self.memories.retain(|id, _| self.known.contains_key(id));
    }

    /// Whether the source has not reported one of these fields before.
    pub(super) fn lacks<'f>(&self, external_id: &str, fields: impl IntoIterator<Item = &'f str>) -> bool {
        let memory = self.memories.get(external_id);
        fields
            .into_iter()
            .any(|name| memory.is_none_or(|memory| !memory.knows(name)))
    }

    /// Reads the local edits of objects.
    pub(super) async fn read_edits(
        &mut self,
        transaction: &Transaction<'_>,
        objects: BTreeSet<Uuid>,
    ) -> Result<(), Error> {
        let objects: Vec<Uuid> = objects.into_iter().collect();
        self.edits = store::edits::find_many_unscoped(transaction.writing(), &objects).await?;
        Ok(())
    }

    /// Returns the fields of an object at this version that are local edits, and records the reported values.
    pub(super) fn take(
        &mut self,
        external_id: &str,
        object: Uuid,
        version: i32,
        fields: &[Field],
    ) -> Vec<String> {
        let none = Edits::default();
        let memory = self.memories.entry(external_id.to_owned()).or_default();
        let standing = if self.source.prefer_source {
            Vec::new()
        } else {
            memory.standing(fields, self.edits.get(&object).unwrap_or(&none), version)
        };
        self.note(external_id, fields);
        standing
    }

    /// Whether a value equals the last reported one.
    pub(super) fn was_told(&self, external_id: &str, name: &str, value: &serde_json::Value) -> bool {
        self.memories
            .get(external_id)
            .is_some_and(|memory| memory.is(name, value))
    }

    /// Records the reported values of a record.
    pub(super) fn note(&mut self, external_id: &str, fields: &[Field]) {
        let memory = self.memories.entry(external_id.to_owned()).or_default();
        if memory.note(fields) {
            self.changed.insert(external_id.to_owned());
        }
    }

    /// Sets the local id of an unknown record. Returns whether the record was unknown.
    pub(super) fn point(&mut self, external_id: &str, object: Uuid) -> bool {
        match self.known.entry(external_id.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(object);
                self.made.insert(external_id.to_owned())
            }
        }
    }

    /// Replaces the object of a record.
    pub(super) fn repoint(&mut self, external_id: &str, object: Uuid) {
        self.known.insert(external_id.to_owned(), object);
        if !self.made.contains(external_id) {
            self.moved.insert(external_id.to_owned());
        }
    }

    /// Replaces a name that is not the id of a record by the id.
    pub(super) fn rename(&mut self, name: &str, external_id: &str) {
        if let Some(object) = self.known.remove(name) {
            self.memories.remove(name);
            if !self.made.remove(name) {
                self.renamed.insert(name.to_owned());
            }
            self.point(external_id, object);
        }
    }

    /// Writes new references and newly reported values.
    pub(super) async fn write(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let row = |id: &String| {
            let object = self.known.get(id)?;
            let told = self.memories.get(id).and_then(Memory::kept);
            Some(Model {
                told,
                ..self.source.reference(self.kind, id, *object)
            })
        };
        let (writing, of) = (transaction.writing(), self.source.of(self.kind));
        store::external_reference::remove(writing, of, self.renamed.iter().cloned()).await?;
        for id in &self.moved {
            if let Some(object) = self.known.get(id) {
                store::external_reference::repoint(writing, of, id, *object).await?;
            }
        }
        let made = self.made.iter().filter_map(row).collect();
        store::external_reference::insert_many(writing, made).await?;
        let changed = self.changed.difference(&self.made).filter_map(row).collect();
        Ok(store::external_reference::note_digests(writing, changed).await?)
    }
}

//! The records of one kind that a batch is about, by their ids in the other system, with what that told of them before.

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

/// Where records are here, and what was told of them.
pub(super) struct References<'a> {
    source: &'a Source<'a>,
    kind: Kind,
    known: HashMap<String, Uuid>,
    memories: HashMap<String, Memory>,
    /// Those that this batch makes.
    made: BTreeSet<String>,
    /// Those of which the source told something new.
    changed: BTreeSet<String>,
    /// What was changed here of things of which the source told nothing yet.
    edits: HashMap<Uuid, Edits>,
}

impl<'a> References<'a> {
    /// Those that are known.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        source: &'a Source<'a>,
        kind: Kind,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        let writing = transaction.writing();
        let found = store::external_reference::find_many_told(writing, source.of(kind), ids).await?;
        let memory = |known: &store::external_reference::Known| Memory::read(known.told.as_deref());
        Ok(Self {
            source,
            kind,
            memories: found
                .iter()
                .map(|(id, known)| (id.clone(), memory(known)))
                .collect(),
            known: found.into_iter().map(|(id, known)| (id, known.object)).collect(),
            made: BTreeSet::new(),
            changed: BTreeSet::new(),
            edits: HashMap::new(),
        })
    }

    /// Where a record is here.
    pub(super) fn get(&self, external_id: &str) -> Option<Uuid> {
        self.known.get(external_id).copied()
    }

    /// Where all of them are.
    pub(super) fn objects(&self) -> impl Iterator<Item = Uuid> {
        self.known.values().copied()
    }

    /// Forgets those whose things are gone.
    pub(super) fn retain(&mut self, is_there: impl Fn(Uuid) -> bool) {
        self.known.retain(|_, object| is_there(*object));
        self.memories.retain(|id, _| self.known.contains_key(id));
    }

    /// Whether nothing was told yet of one of these fields.
    pub(super) fn lacks<'f>(&self, external_id: &str, fields: impl IntoIterator<Item = &'f str>) -> bool {
        let memory = self.memories.get(external_id);
        fields
            .into_iter()
            .any(|name| memory.is_none_or(|memory| !memory.knows(name)))
    }

    /// Reads what was changed here of some things.
    pub(super) async fn read_edits(
        &mut self,
        transaction: &Transaction<'_>,
        objects: BTreeSet<Uuid>,
    ) -> Result<(), Error> {
        let objects: Vec<Uuid> = objects.into_iter().collect();
        self.edits = store::edits::find_many_unscoped(transaction.writing(), &objects).await?;
        Ok(())
    }

    /// The fields of a thing at this version that stand against what the source tells, which is noted.
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

    /// Whether this is what was told last of a field.
    pub(super) fn was_told(&self, external_id: &str, name: &str, value: &serde_json::Value) -> bool {
        self.memories
            .get(external_id)
            .is_some_and(|memory| memory.is(name, value))
    }

    /// Notes what the source tells of a record.
    pub(super) fn note(&mut self, external_id: &str, fields: &[Field]) {
        let memory = self.memories.entry(external_id.to_owned()).or_default();
        if memory.note(fields) {
            self.changed.insert(external_id.to_owned());
        }
    }

    /// Says where a record is, when that is not known yet. Answers whether it was not.
    pub(super) fn point(&mut self, external_id: &str, object: Uuid) -> bool {
        match self.known.entry(external_id.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(object);
                self.made.insert(external_id.to_owned())
            }
        }
    }

    /// Writes what is new.
    pub(super) async fn write(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let row = |id: &String| {
            let object = self.known.get(id)?;
            let told = self.memories.get(id).and_then(Memory::kept);
            Some(Model {
                told,
                ..self.source.reference(self.kind, id, *object)
            })
        };
        let writing = transaction.writing();
        let made = self.made.iter().filter_map(row).collect();
        store::external_reference::insert_many(writing, made).await?;
        let changed = self.changed.difference(&self.made).filter_map(row).collect();
        Ok(store::external_reference::note_digests(writing, changed).await?)
    }
}

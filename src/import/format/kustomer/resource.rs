//! One JSON:API object: its id, its attributes, and what its relationships lead to.

use crate::{
    import::fields::{Fields, Read},
    service::{EXTERNAL_ID_MAX, LIST_MAX, Patch},
};

/// Why an id of a list is left out.
const TOO_MANY: &str = "The list has more entries than a conversation can have.";

/// An object that was opened: its id, and the attributes that are still to be read.
pub(super) struct Resource {
    object: Fields,
    pub(super) id: String,
    pub(super) attributes: Fields,
}

impl Resource {
    pub(super) fn open(mut object: Fields, kind: &str) -> Self {
        let id = object.required("id");
        let told = object.required("type");
        if !told.is_empty() && !is_kind(&told, kind) {
            let shown: String = told.chars().take(40).collect();
            object.fault::<()>("type", &format!("The value is {shown:?}. Expected: {kind:?}."));
        }
        let attributes = object.required_inner("attributes");
        Self {
            object,
            id,
            attributes,
        }
    }

    /// What a relationship leads to: none of it is read here but ids.
    pub(super) fn related<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> T) -> T {
        let mut relationships = self.object.inner("relationships");
        let mut one = relationships.inner(name);
        let told = read(&mut one);
        // Where it is: navigation.
        one.skip(&["links", "meta"]);
        relationships.absorb(one);
        self.object.put_back("relationships", relationships);
        told
    }

    /// The id that a relationship names; cleared when it says that there is none.
    pub(super) fn related_one(&mut self, name: &str) -> Patch<String> {
        self.related(name, |one| {
            one.patch("data", |one, name| {
                let mut data = one.inner(name);
                let id = data.whole("id", EXTERNAL_ID_MAX);
                // What it is: said by the name.
                data.skip(&["type"]);
                one.absorb(data);
                id
            })
        })
    }

    /// The ids that a relationship lists.
    pub(super) fn related_many(&mut self, name: &str) -> Patch<Vec<String>> {
        self.related(name, |one| {
            one.patch("data", |one, name| {
                let mut ids = Vec::new();
                for mut data in one.objects(name)? {
                    match data.whole("id", EXTERNAL_ID_MAX) {
                        Some(_) if !data.is_strict() && ids.len() == LIST_MAX => {
                            data.leave_out("id", TOO_MANY);
                        }
                        Some(id) => ids.push(id),
                        None => data.lacks("id"),
                    }
                    data.skip(&["type"]);
                    one.absorb(data);
                }
                Some(ids)
            })
        })
    }

    /// Ids that the attributes list; where they do not, those that a relationship of this name lists.
    pub(super) fn listed(&mut self, name: &str) -> Patch<Vec<String>> {
        let related = self.related_many(name);
        if !self.attributes.tells(name) {
            self.attributes.skip(&[name]);
            return related;
        }
        self.attributes.patch(name, |attributes, name| {
            let mut ids = Vec::new();
            for id in attributes.texts(name, EXTERNAL_ID_MAX)? {
                if !attributes.is_strict() && ids.len() == LIST_MAX {
                    attributes.leave_out(name, TOO_MANY);
                } else {
                    ids.push(id);
                }
            }
            Some(ids)
        })
    }

    /// The row with what did not become part of it.
    pub(super) fn finish<T>(mut self, row: T, navigation: &[&str]) -> Read<T> {
        let mut relationships = self.object.inner("relationships");
        relationships.skip(navigation);
        self.object.absorb(relationships);
        self.object.absorb(self.attributes);
        self.object.skip(&["links"]);
        self.object.finish(row)
    }
}

/// Whether an object is of a kind: Kustomer writes some kinds in the plural.
fn is_kind(told: &str, kind: &str) -> bool {
    told.strip_suffix('s').unwrap_or(told) == kind
}

//! One JSON:API resource: its id, attributes and relationships.

use crate::{
    import::fields::{Fields, RowResult},
    service::{EXTERNAL_ID_MAX, LIST_MAX, Patch},
};

/// Reason why an id of a list is left out.
const TOO_MANY: &str = "The list has more entries than a conversation can have.";

/// An opened resource: its id, and the attributes that have not been read yet.
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

    /// Reads a relationship. Only the ids in it are used.
    pub(super) fn related<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> T) -> T {
        let mut relationships = self.object.inner("relationships");
        let mut one = relationships.inner(name);
        let told = read(&mut one);
        // Links are for navigation.
        one.skip(&["links", "meta"]);
        relationships.absorb(one);
        self.object.put_back("relationships", relationships);
        told
    }

    /// The id in a relationship. Cleared if the relationship is null.
    pub(super) fn related_one(&mut self, name: &str) -> Patch<String> {
        self.related(name, |one| {
            one.patch("data", |one, name| {
                let mut data = one.inner(name);
                let id = data.whole("id", EXTERNAL_ID_MAX);
                // The name of the relationship implies the type.
                data.skip(&["type"]);
                one.absorb(data);
                id
            })
        })
    }

    /// The ids in a relationship.
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

    /// The ids that an attribute lists, or else those that the relationship with the same name lists.
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

    /// Returns the row and the parts that were left out.
    pub(super) fn finish<T>(mut self, row: T, navigation: &[&str]) -> RowResult<T> {
        let mut relationships = self.object.inner("relationships");
        relationships.skip(navigation);
        self.object.absorb(relationships);
        self.object.absorb(self.attributes);
        self.object.skip(&["links"]);
        self.object.finish(row)
    }
}

/// Whether a resource has a type. Kustomer writes some types in the plural.
fn is_kind(told: &str, kind: &str) -> bool {
    told.strip_suffix('s').unwrap_or(told) == kind
}

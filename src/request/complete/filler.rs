//! Fillers: async-graphql returns null for an object without fields, so a selection set that can be empty gets a filler
//! field.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    executable::{Selection, SelectionSet},
};

/// The response key of a `__typename` that is added to a document so that an object has a field, and removed from the
/// response. It is not a valid GraphQL name, so clients cannot use it.
pub const FILLER: &str = " ";

/// Finds the selection sets that select at least one field in every case.
pub struct Full<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    /// Fragments that always select a field where they apply.
    fragments: HashSet<&'a Name>,
}

impl<'a> Full<'a> {
    /// Reads the fragments of a document.
    pub fn of(schema: &'a Schema, document: &'a ExecutableDocument) -> Self {
        let full = document.fragments.iter().filter(|(_, fragment)| {
            let mut fields = fragment.selection_set.fields();
            fields.any(|field| field.directives.is_empty())
        });
        Self {
            schema,
            document,
            fragments: full.map(|(name, _)| name).collect(),
        }
    }

    /// The document.
    pub fn document(&self) -> &'a ExecutableDocument {
        self.document
    }

    /// Whether the selection set of an object needs a [`FILLER`].
    pub fn needs_filler(&self, read: &SelectionSet) -> bool {
        !read.is_empty() && !self.is_full(read)
    }

    /// Whether a selection set always selects a field. Fragments in fragments are not followed.
    fn is_full(&self, read: &SelectionSet) -> bool {
        // A valid type condition inside an object type always applies.
        let is_object = self.schema.get_object(&read.ty).is_some();
        let applies = |on: &Name| is_object || *on == read.ty;
        read.selections.iter().any(|selection| {
            let is_selected = match selection {
                Selection::Field(_) => true,
                Selection::InlineFragment(fragment) => {
                    fragment.type_condition.as_ref().is_none_or(applies)
                        && self.is_full(&fragment.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    fragment.is_some_and(|fragment| applies(fragment.type_condition()))
                        && self.fragments.contains(&spread.fragment_name)
                }
            };
            is_selected && selection.directives().is_empty()
        })
    }
}

//! What the answer to a document looks like: which fields, in which order, and where null is allowed.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use crate::request::{
    document::FILLER,
    types::{FieldId, FieldType, Fields, Kind, Types},
};

/// The fields of an object, in order.
#[derive(Debug, Default)]
pub struct Shape {
    /// The fields.
    pub fields: Vec<Field>,
    /// It has a [`FILLER`], which does not stay in the answer.
    pub has_filler: bool,
    places: HashMap<Name, usize>,
}

/// What is known of the answers to an operation.
#[derive(Debug)]
pub struct Outline {
    /// What they look like.
    pub shape: Shape,
    /// The kind of the operation.
    pub kind: OperationType,
    /// The fields that are selected anywhere in it, each once.
    pub selected: Box<[FieldId]>,
    /// Somewhere in it, selections of one object stand in several places.
    pub merges: bool,
    /// How many fields the shape has, with those inside others.
    pub fields: usize,
}

impl Outline {
    /// That of an operation. The document must be within its limits: every fragment is put in its place.
    pub fn of(types: &Types, document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut reading = Reading {
            types,
            fragments: &document.fragments,
            selected: Vec::new(),
            merges: false,
            fields: 0,
        };
        let mut shape = Shape::default();
        reading.set(&mut shape, types.of(root), &operation.selection_set.node);
        Self {
            shape,
            kind: operation.ty,
            selected: {
                let mut selected = reading.selected;
                selected.sort_unstable();
                selected.dedup();
                selected.into()
            },
            merges: reading.merges,
            fields: reading.fields,
        }
    }
}

/// One field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its name in the answer.
    pub key: Name,
    /// Where null is allowed.
    pub kind: Kind,
    /// Its own fields.
    pub shape: Shape,
    /// What it answers in place of what the library wrote.
    pub text: Option<&'static str>,
}

impl Shape {
    /// Where a field stands; behind all others when it is not known.
    pub fn place(&self, key: &Name) -> usize {
        self.places.get(key).copied().unwrap_or(usize::MAX)
    }

    fn field(&mut self, key: &Name, known: Option<&FieldType>) -> &mut Field {
        let place = *self.places.entry(key.clone()).or_insert_with(|| {
            self.fields.push(Field {
                key: key.clone(),
                kind: known.map_or(Kind::Named, |known| known.kind.clone()),
                shape: Self::default(),
                text: known.and_then(|known| known.text),
            });
            self.fields.len() - 1
        });
        &mut self.fields[place]
    }
}

struct Reading<'a> {
    types: &'a Types,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    selected: Vec<FieldId>,
    merges: bool,
    fields: usize,
}

impl Reading<'_> {
    fn set(&mut self, shape: &mut Shape, parent: Option<&Fields>, set: &SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = &field.response_key().node;
                    if key == FILLER {
                        shape.has_filler = true;
                        continue;
                    }
                    let known = parent.and_then(|fields| fields.get(field.name.node.as_str()));
                    self.selected.extend(known.map(|known| known.id));
                    let is_known = shape.places.contains_key(key);
                    self.fields += usize::from(!is_known);
                    self.merges |= is_known && !field.selection_set.node.items.is_empty();
                    let place = shape.field(key, known);
                    let fields = known.and_then(|known| self.types.of(&known.name));
                    self.set(&mut place.shape, fields, &field.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let fields = match &fragment.type_condition {
                        Some(on) => self.types.of(on.node.on.node.as_str()),
                        None => parent,
                    };
                    self.set(shape, fields, &fragment.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    let fields = self.types.of(fragment.node.type_condition.node.on.node.as_str());
                    self.set(shape, fields, &fragment.node.selection_set.node);
                }
            }
        }
    }
}

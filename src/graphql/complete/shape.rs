//! What the answer to a document looks like: which fields, in which order, and where null is allowed.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Request,
    parser::types::{DocumentOperations, FragmentDefinition, OperationType, Selection, SelectionSet},
};

use super::types::{FieldType, Types};

/// Fields that a shape may have in all. A document that expands to more is answered as the library writes it.
const FIELDS_MAX: usize = 20_000;
/// How deep a shape may be: deeper than any document that the library runs. One whose fragments spread one another in
/// a circle, which the library refuses later, ends here and not at the end of the stack.
const DEPTH_MAX: usize = 64;

/// Where null is allowed, and where lists are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar or an object.
    Named,
    /// A list.
    List(Box<Kind>),
    /// Never null.
    NonNull(Box<Kind>),
}

/// The fields of an object, in order.
#[derive(Debug, Default)]
pub struct Shape {
    /// The fields.
    pub fields: Vec<Field>,
    places: HashMap<Name, usize>,
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
}

impl Field {
    /// Has fields of its own.
    pub fn is_object(&self) -> bool {
        !self.shape.fields.is_empty()
    }
}

impl Shape {
    /// The shape of the request's operation. None when there is no such operation, or it is too large.
    pub fn of(types: &Types, request: &mut Request) -> Option<Self> {
        let name = request.operation_name.clone();
        let document = request.parsed_query().ok()?;
        let operation = match (&document.operations, name) {
            (DocumentOperations::Single(single), _) => single,
            (DocumentOperations::Multiple(several), Some(name)) => several.get(name.as_str())?,
            (DocumentOperations::Multiple(_), None) => return None,
        };
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut reading = Reading {
            types,
            fragments: &document.fragments,
            left: FIELDS_MAX,
            depth: 0,
        };
        let mut shape = Self::default();
        reading.set(&mut shape, root, &operation.node.selection_set.node)?;
        Some(shape)
    }

    /// Where a field stands; behind all others when it is not known.
    pub fn place(&self, key: &Name) -> usize {
        self.places.get(key).copied().unwrap_or(usize::MAX)
    }

    fn field(&mut self, key: &Name, kind: impl FnOnce() -> Kind) -> &mut Field {
        let place = *self.places.entry(key.clone()).or_insert_with(|| {
            self.fields.push(Field {
                key: key.clone(),
                kind: kind(),
                shape: Self::default(),
            });
            self.fields.len() - 1
        });
        &mut self.fields[place]
    }
}

struct Reading<'a> {
    types: &'a Types,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    left: usize,
    depth: usize,
}

impl Reading<'_> {
    fn set(&mut self, shape: &mut Shape, parent: &str, set: &SelectionSet) -> Option<()> {
        if self.depth == DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        let read = self.selections(shape, parent, set);
        self.depth -= 1;
        read
    }

    fn selections(&mut self, shape: &mut Shape, parent: &str, set: &SelectionSet) -> Option<()> {
        for selection in &set.items {
            self.left = self.left.checked_sub(1)?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let known = self.types.field(parent, &field.name.node);
                    let kind = || known.map_or(Kind::Named, |known| known.kind.clone());
                    let place = shape.field(&field.response_key().node, kind);
                    let name = known.map_or("", |known: &FieldType| known.name.as_str());
                    self.set(&mut place.shape, name, &field.selection_set.node)?;
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| on.node.on.node.as_str());
                    self.set(shape, on.unwrap_or(parent), &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.node.fragment_name.node)?;
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    self.set(shape, on, &fragment.node.selection_set.node)?;
                }
            }
        }
        Some(())
    }
}

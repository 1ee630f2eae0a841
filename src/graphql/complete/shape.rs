//! What the answer to a document looks like: which fields, in which order, and where null is allowed.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Request,
    parser::types::{FragmentDefinition, OperationType, Selection, SelectionSet},
};

use super::types::{FieldType, Types};
use crate::graphql::execute::operation;

/// Fields that a document may select in all, with its fragments put in their places. A kilobyte of fragments that each
/// spread the next one twice selects more than any machine can count, and the library would try.
pub const FIELDS_MAX: usize = 20_000;
/// How deep fields and fragments may lie in one another. Fragments in a circle end here.
pub const DEPTH_MAX: usize = 64;

/// A document that is not looked at any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// It selects more than [`FIELDS_MAX`] fields.
    Fields,
    /// It is deeper than [`DEPTH_MAX`].
    Depth,
}

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
    /// The shape of the request's operation; none when there is no such operation, which the library will say.
    ///
    /// Everything in the document is counted, because the library looks at everything: other operations, and fragments
    /// that nobody spreads.
    pub fn of(types: &Types, request: &mut Request) -> Result<Option<Self>, Excess> {
        let name = request.operation_name.clone();
        let Ok(document) = request.parsed_query() else {
            return Ok(None);
        };
        let mut reading = Reading {
            types,
            fragments: &document.fragments,
            left: FIELDS_MAX,
            depth: 0,
        };
        for fragment in document.fragments.values() {
            reading.set(&mut Self::default(), "", &fragment.node.selection_set.node)?;
        }
        let wanted = operation(document, name.as_deref());
        let mut chosen = None;
        for (_, operation) in document.operations.iter() {
            let root = match operation.node.ty {
                OperationType::Query => "Query",
                OperationType::Mutation => "Mutation",
                OperationType::Subscription => "Subscription",
            };
            let mut shape = Self::default();
            reading.set(&mut shape, root, &operation.node.selection_set.node)?;
            if wanted.is_some_and(|wanted| std::ptr::eq(wanted, &raw const operation.node)) {
                chosen = Some(shape);
            }
        }
        Ok(chosen)
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
    fn set(&mut self, shape: &mut Shape, parent: &str, set: &SelectionSet) -> Result<(), Excess> {
        if self.depth == DEPTH_MAX {
            return Err(Excess::Depth);
        }
        self.depth += 1;
        let read = self.selections(shape, parent, set);
        self.depth -= 1;
        read
    }

    fn selections(&mut self, shape: &mut Shape, parent: &str, set: &SelectionSet) -> Result<(), Excess> {
        for selection in &set.items {
            self.left = self.left.checked_sub(1).ok_or(Excess::Fields)?;
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
                    let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    self.set(shape, on, &fragment.node.selection_set.node)?;
                }
            }
        }
        Ok(())
    }
}

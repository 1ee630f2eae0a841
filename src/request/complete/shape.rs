//! The shape of a response: its fields, and which of them are nullable.

use apollo_compiler::{
    ExecutableDocument,
    ast::{self, Type},
    executable::{self, Operation, Selection, SelectionSet},
};
use async_graphql::{Name, indexmap::IndexMap, parser::types::OperationType};

use crate::request::fields::{FieldId, Fields};

pub fn kind(read: ast::OperationType) -> OperationType {
    match read {
        ast::OperationType::Query => OperationType::Query,
        ast::OperationType::Mutation => OperationType::Mutation,
        ast::OperationType::Subscription => OperationType::Subscription,
    }
}

/// The fields of an object.
#[derive(Debug, Default)]
pub struct Shape {
    /// The fields by response key, in the order of the document.
    pub fields: IndexMap<Name, Field>,
}

/// The form of the responses to an operation.
#[derive(Debug)]
pub struct Outline {
    pub shape: Shape,
    pub kind: OperationType,
    /// The fields that the operation selects at any depth, without duplicates.
    pub selected: Box<[FieldId]>,
    /// The selections of at least one object come from several places of the document.
    pub merges: bool,
    /// The number of fields of the shape, with nested ones.
    pub fields: usize,
}

impl Outline {
    /// Reads an operation, and expands its fragments. The document must be valid and within the limits.
    pub fn of(fields: &Fields, document: &ExecutableDocument, operation: &Operation) -> Self {
        let mut reader = Reader {
            known: fields,
            document,
            selected: Vec::new(),
            merges: false,
            fields: 0,
        };
        let mut shape = Shape::default();
        reader.set(&mut shape, &operation.selection_set);
        let mut selected = reader.selected;
        selected.sort_unstable();
        selected.dedup();
        Self {
            shape,
            kind: kind(operation.operation_type),
            selected: selected.into(),
            merges: reader.merges,
            fields: reader.fields,
        }
    }
}

/// One field of an object.
#[derive(Debug)]
pub struct Field {
    /// The type, which determines nulls and lists.
    pub ty: Type,
    /// The nested fields.
    pub shape: Shape,
    /// A text that replaces the one of the library.
    pub text: Option<&'static str>,
}

impl Shape {
    fn field(&mut self, read: &executable::Field, text: Option<&'static str>) -> &mut Field {
        let key = Name::new(read.response_key().as_str());
        self.fields.entry(key).or_insert_with(|| Field {
            ty: read.ty().clone(),
            shape: Self::default(),
            text,
        })
    }
}

struct Reader<'a> {
    known: &'a Fields,
    document: &'a ExecutableDocument,
    selected: Vec<FieldId>,
    merges: bool,
    fields: usize,
}

impl Reader<'_> {
    fn set(&mut self, shape: &mut Shape, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let known = self.known.get(&set.ty, &field.name);
                    self.selected.extend(known.map(|known| known.id));
                    let count = shape.fields.len();
                    let place = shape.field(field, known.and_then(|known| known.text));
                    self.set(&mut place.shape, &field.selection_set);
                    let is_new = shape.fields.len() > count;
                    self.fields += usize::from(is_new);
                    self.merges |= !is_new && !field.selection_set.is_empty();
                }
                Selection::InlineFragment(fragment) => self.set(shape, &fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.set(shape, &fragment.selection_set);
                    }
                }
            }
        }
    }
}

//! A cache of documents that were read and validated.
//!
//! Much of the work for a request depends only on the text of its document: reading it, the limits, the rules for
//! documents, the form of its responses. A [`Prepared`] document stores these results, and [`Documents`] caches those
//! that were used recently. A document contains nothing about the viewer, so one cache serves all viewers.
//!
//! A response is the same, byte by byte, whether its document was cached or not. The cache contains only valid
//! documents that are within the limits.

use std::{
    mem::size_of,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, OperationType, Selection},
};
use async_graphql_value::Value;
use parking_lot::Mutex;

use super::{
    complete::{Field, Outline},
    limits::{self, Bounds, Excess, Survey},
    validation::{Checked, Mistakes, Operation, Unchecked, Validator},
};
use crate::cache::Cache;

/// A document that was read, with the results of its checks.
#[derive(Debug)]
pub struct Prepared {
    pub text: Arc<str>,
    pub survey: Survey,
    /// The names and kinds of its operations, in the order of the document.
    operations: Vec<(Option<String>, OperationType)>,
    /// The input of the validator, until it has run.
    unchecked: Mutex<Option<Unchecked>>,
    checked: OnceLock<Result<Arc<Checked>, Arc<Mistakes>>>,
    is_cached: AtomicBool,
}

/// A document, or its mistakes.
pub type Read = Result<Arc<Prepared>, Arc<Mistakes>>;

impl Prepared {
    /// Reads a document, and checks it against the limits.
    fn read(validator: &Validator, bounds: &Bounds, text: &str) -> Result<Read, Excess> {
        limits::check_text(text, bounds)?;
        let (unchecked, survey) = match validator.read(text, bounds)? {
            Ok(read) => read,
            Err(mistakes) => return Ok(Err(Arc::new(mistakes))),
        };
        let operations = unchecked.operations();
        let operations = operations.map(|(name, kind)| (name.map(str::to_owned), kind));
        Ok(Ok(Arc::new(Self {
            text: text.into(),
            survey,
            operations: operations.collect(),
            unchecked: Mutex::new(Some(unchecked)),
            checked: OnceLock::new(),
            is_cached: AtomicBool::new(false),
        })))
    }

    /// The result of the validation, which runs on the first call.
    pub fn checked(&self, validator: &Validator) -> Result<&Arc<Checked>, Arc<Mistakes>> {
        let check = || {
            let mut unchecked = self.unchecked.lock();
            match unchecked.take() {
                Some(unchecked) => {
                    let checked = validator.validate(unchecked, &self.text);
                    checked.map(Arc::new).map_err(Arc::new)
                }
                // The validation panicked before: every later request with this document is refused too.
                None => Err(Arc::default()),
            }
        };
        self.checked.get_or_init(check).as_ref().map_err(Arc::clone)
    }

    /// The index of the operation with a name; without a name, of the only operation.
    pub fn operation(&self, name: Option<&str>) -> Option<usize> {
        match (self.operations.as_slice(), name) {
            ([_], None) => Some(0),
            (_, None) => None,
            (all, name) => all.iter().position(|(known, _)| known.as_deref() == name),
        }
    }

    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    pub fn kind(&self, operation: usize) -> Option<OperationType> {
        self.operations.get(operation).map(|(_, kind)| *kind)
    }
}

impl Checked {
    /// The results for an operation.
    pub fn operation(&self, index: Option<usize>) -> Option<&Operation> {
        self.operations.get(index?)
    }
}

/// The variable that is the value of an argument of the only field of an operation.
pub fn root_variable(document: &ExecutableDocument, name: Option<&str>, argument: &str) -> Option<String> {
    let mut operations = document.operations.iter();
    let (_, operation) = operations.find(|(known, _)| name.is_none() || known.map(Name::as_str) == name)?;
    let [field] = operation.node.selection_set.node.items.as_slice() else {
        return None;
    };
    let Selection::Field(field) = &field.node else {
        return None;
    };
    match &field.node.get_argument(argument)?.node {
        Value::Variable(variable) => Some(variable.to_string()),
        _ => None,
    }
}

/// The documents that were used recently, and the validator that reads the others.
#[derive(Debug)]
pub struct Documents {
    cache: Cache<Arc<str>, Arc<Prepared>>,
    /// Reads and validates documents that are not cached.
    pub validator: Validator,
}

impl Documents {
    /// Creates a cache of this size in bytes.
    pub fn new(bytes: usize, validator: Validator) -> Self {
        let cache = Cache::new(bytes, 8 << 10);
        Self { cache, validator }
    }

    /// Finds a document in the cache, or reads it.
    pub fn read(&self, bounds: &Bounds, text: &str) -> Result<Read, Excess> {
        match self.cache.get(text) {
            Some(known) => Ok(Ok(known)),
            None => Prepared::read(&self.validator, bounds, text),
        }
    }

    /// Caches a document that is within the limits and valid.
    pub fn keep(&self, prepared: &Arc<Prepared>, checked: &Checked) {
        if prepared.is_cached.load(Ordering::Relaxed) {
            return;
        }
        let outlines = checked.operations.iter().map(|operation| &operation.outline);
        let bytes = weight(prepared, outlines);
        if self.cache.takes(bytes) {
            prepared.is_cached.store(true, Ordering::Relaxed);
            self.cache.put(prepared.text.clone(), prepared.clone(), bytes);
        }
    }
}

/// A name in its own allocation, with its reference count and the overhead of the allocator.
const NAME: usize = 64;
/// An entry of a table, without its content.
const ENTRY: usize = 48;
/// Vectors that grow have spare capacity.
const SPARE: usize = 2;
/// A selection, a directive or a value.
const NODE: usize = SPARE * size_of::<Positioned<Selection>>() + ENTRY + 3 * NAME;
/// A field of an outline: in its list and in the table of its places, with tables of its own.
const FIELD: usize = SPARE * size_of::<Field>() + 2 * ENTRY + NAME;

/// Estimates how many bytes a document takes with its outlines. The estimate is rather too high than too low.
fn weight<'a>(prepared: &Prepared, outlines: impl Iterator<Item = &'a Arc<Outline>>) -> usize {
    // Outlines contain each fragment once for every spread, so they can be much larger than the text.
    let fields = outlines.map(|outline| outline.fields).sum::<usize>();
    let text = SPARE * prepared.text.len();
    text.saturating_add(prepared.survey.nodes.saturating_mul(NODE))
        .saturating_add(fields.saturating_mul(FIELD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::definition::Definition;

    const SDL: &str = "type Query { a: Toy } type Toy { a: Toy  b: Toy  c: Toy  n: Int }";

    fn weight_of(query: &str) -> usize {
        let validator = Validator::new(&Definition::of(SDL), false);
        let read = Prepared::read(&validator, &Bounds::of_tokens(1_000), query);
        let prepared = read.expect("within limits").expect("a document");
        let checked = prepared.checked(&validator).expect("a valid document");
        let outlines = checked.operations.iter().map(|operation| &operation.outline);
        weight(&prepared, outlines)
    }

    #[test]
    fn a_document_weighs_as_much_as_its_expanded_fragments() {
        // The fragments expand to 3 × 3 × 3 × 3 fields.
        let nested = "{ a { ...f } } fragment f on Toy { a { ...g } b { ...g } c { ...g } }
            fragment g on Toy { a { ...h } b { ...h } c { ...h } } fragment h on Toy { a { ...i } b { ...i } c { ...i } }
            fragment i on Toy { a { n } b { n } c { n } }";
        let small = "{ a { ...f } } fragment f on Toy { a { n } b { n } c { n } }";
        let fields = 1 + 3 + 9 + 27 + 81 + 81;
        assert!(weight_of(nested) > fields * FIELD, "{}", weight_of(nested));
        assert!(weight_of(small) < weight_of(nested) / 2, "{}", weight_of(small));
    }
}

//! Documents that are made ready once, and run often.
//!
//! Much of what is done with a request depends on the text of its document alone: reading it, the rules for documents, what
//! its answers look like. [`Prepared`] is a document with all that; [`Preparer`] keeps those that were asked for lately. It
//! holds nothing about the viewer, so all viewers are served from it.
//!
//! What must stay true: an answer is the same, byte by byte, whether its document was on the shelf or not. On the shelf is
//! what has passed the limits and the rules.

mod weight;

use std::{
    any::TypeId,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, OperationDefinition},
};

use super::{
    complete::Outline,
    execute::operation,
    limits::{self, Excess, Gate},
    types::Types,
    validation::{Mistakes, Operations, Unchecked, Validator},
};
use crate::cache::Cache;

/// A document, and what is known of it.
#[derive(Debug)]
pub struct Prepared {
    text: Arc<str>,
    /// As it was read.
    pub document: ExecutableDocument,
    /// For the validator, until it has looked.
    unchecked: Mutex<Option<Unchecked>>,
    valid: OnceLock<Result<Operations, Arc<Mistakes>>>,
    /// Put on the shelf.
    is_kept: AtomicBool,
    /// Of each operation, in no order that means anything: an operation is found by its place in memory.
    outlines: Vec<OnceLock<Arc<Outline>>>,
}

/// A document, or what is wrong with its syntax.
pub type Read = Result<Arc<Prepared>, Arc<Mistakes>>;

impl Prepared {
    /// Reads a text.
    fn read(validator: &Validator, gate: &Gate, text: &str) -> Result<Read, Excess> {
        limits::check_text(text, &gate.bounds)?;
        let (unchecked, document) = match validator.read(text, gate.bounds.tokens)? {
            Ok(read) => read,
            Err(mistakes) => return Ok(Err(Arc::new(mistakes))),
        };
        let outlines = document.operations.iter().map(|_| OnceLock::new()).collect();
        Ok(Ok(Arc::new(Self {
            text: text.into(),
            document,
            unchecked: Mutex::new(Some(unchecked)),
            valid: OnceLock::new(),
            is_kept: AtomicBool::new(false),
            outlines,
        })))
    }

    /// What is known of its operations, if it obeys the rules. The document must be within its limits.
    pub fn validate(&self, validator: &Validator) -> Result<&Operations, Arc<Mistakes>> {
        let look = || {
            let mut unchecked = self.unchecked.lock().unwrap_or_else(PoisonError::into_inner);
            match unchecked.take() {
                Some(unchecked) => validator.validate(unchecked, &self.text).map_err(Arc::new),
                // A look that panicked: the request that comes again is not run either.
                None => Err(Arc::default()),
            }
        };
        self.valid.get_or_init(look).as_ref().map_err(Arc::clone)
    }

    /// Checks the variables of a request for this document, and brings them into the form in which they are read.
    pub fn coerce(&self, validator: &Validator, request: &mut Request) -> Result<(), Arc<Mistakes>> {
        let operations = self.validate(validator)?;
        let name = request.operation_name.as_deref();
        let coerced = validator.coerce(operations, name, &mut request.variables);
        coerced.map_err(Arc::new)
    }

    /// What is known of the answers to an operation; none when there is no such operation. The document must be within its
    /// limits.
    pub fn outline(&self, types: &Types, name: Option<&str>) -> Option<Arc<Outline>> {
        let chosen = operation(&self.document, name)?;
        let mut all = self.outlines(types);
        all.find(|(operation, _)| std::ptr::eq(chosen, *operation))
            .map(|(_, outline)| outline().clone())
    }

    /// Each operation, and what makes its outline when there is none yet.
    fn outlines<'a>(
        &'a self,
        types: &'a Types,
    ) -> impl Iterator<Item = (&'a OperationDefinition, impl FnOnce() -> &'a Arc<Outline>)> {
        let operations = self.document.operations.iter().zip(&self.outlines);
        operations.map(move |((_, operation), place)| {
            let operation = &operation.node;
            let make = move || Arc::new(Outline::of(types, &self.document, operation));
            (operation, move || place.get_or_init(make))
        })
    }
}

/// Documents that were asked for lately, and what prepares others.
#[derive(Debug)]
pub struct Preparer {
    cache: Cache<Arc<str>, Arc<Prepared>>,
    /// Reads and validates the others.
    pub validator: Validator,
}

/// The document of a request that is asked for more than once on its way, with its text.
struct ReadBefore(Option<(Arc<str>, Read)>);

impl Preparer {
    /// One whose shelf has room for so many bytes.
    pub fn new(room: usize, validator: Validator) -> Self {
        let cache = Cache::new(room, 8 << 10);
        Self { cache, validator }
    }

    /// The document of a request, from the shelf or from what was read before on the way of this request, or read now.
    pub fn read(&self, gate: &Gate, request: &mut Request) -> Result<Read, Excess> {
        if let Some(known) = self.cache.get(request.query.as_str()) {
            return Ok(Ok(known));
        }
        let before = request.data.get(&TypeId::of::<ReadBefore>());
        let before = before.and_then(|before| before.downcast_ref::<ReadBefore>());
        let before = before.and_then(|ReadBefore(before)| before.as_ref());
        if let Some((_, read)) = before.filter(|(text, _)| **text == *request.query) {
            return Ok(read.clone());
        }
        let read = Prepared::read(&self.validator, gate, &request.query)?;
        let text = match &read {
            Ok(prepared) => prepared.text.clone(),
            Err(_) => request.query.as_str().into(),
        };
        request.data.insert(ReadBefore(Some((text, read.clone()))));
        Ok(read)
    }

    /// A request is run from now on, and its document not asked for again.
    pub fn forget(request: &mut Request) {
        if request.data.contains_key(&TypeId::of::<ReadBefore>()) {
            request.data.insert(ReadBefore(None));
        }
    }

    /// Keeps a document that is within its limits and valid.
    pub fn keep(&self, types: &Types, prepared: &Arc<Prepared>) {
        // A short text is as many bytes as its document at least, so that one look at it saves the rest.
        if prepared.is_kept.load(Ordering::Relaxed) || !self.cache.takes(prepared.text.len()) {
            return;
        }
        // With every fragment in its place, which may be more by far than what is written.
        let fields = prepared
            .outlines(types)
            .map(|(_, outline)| outline().fields)
            .sum();
        let bytes = weight::of(prepared.text.len(), &prepared.document, fields);
        if self.cache.takes(bytes) {
            prepared.is_kept.store(true, Ordering::Relaxed);
            self.cache.put(prepared.text.clone(), prepared.clone(), bytes);
        }
    }
}

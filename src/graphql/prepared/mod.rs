//! Documents that are made ready once, and run often.
//!
//! Much of what is done with a request depends on the text of its document alone: reading it, the rules that the library
//! has for it, what its answers look like. [`Prepared`] is a document with all that; [`Preparer`] keeps those that were
//! asked for lately. It holds nothing of whoever asked, so everybody is served from it.
//!
//! What must stay true: an answer is the same, byte by byte, whether its document was on the shelf or not. On the shelf is
//! what has passed the limits and the library's rules. With its variables a document passes them again when each is
//! plainly of the type of its place ([`slots`]); in every other case the library is asked as if nothing were known.

mod slots;
mod weight;

use std::{
    any::TypeId,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_graphql::{
    Request, Response,
    parser::types::{ExecutableDocument, OperationDefinition},
};
use futures_util::FutureExt;

use self::slots::Slots;
use super::{
    Schema,
    complete::Outline,
    execute::operation,
    limits::{self, Excess, Gate},
    types::Types,
    validation::{Mistakes, Unchecked, Validator},
};
use crate::shelf::Shelf;

/// A document, and what is known of it.
#[derive(Debug)]
pub struct Prepared {
    text: Arc<str>,
    /// As it was read.
    pub document: ExecutableDocument,
    /// For the validator, until it has looked.
    unchecked: Mutex<Option<Unchecked>>,
    valid: OnceLock<Result<(), Arc<Mistakes>>>,
    /// Where its variables stand, once the library has found nothing wrong with it.
    slots: OnceLock<Slots>,
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
            slots: OnceLock::new(),
            outlines,
        })))
    }

    /// Whether it obeys the rules. The document must be within its limits.
    pub fn validate(&self, validator: &Validator) -> Result<(), Arc<Mistakes>> {
        let look = || {
            let mut unchecked = self.unchecked.lock().unwrap_or_else(PoisonError::into_inner);
            match unchecked.take() {
                Some(unchecked) => validator.validate(unchecked, &self.text).map_err(Arc::new),
                None => Ok(()),
            }
        };
        self.valid.get_or_init(look).clone()
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

    /// Whether the library will find nothing wrong with a request for this document.
    pub fn is_good_with(&self, types: &Types, request: &Request) -> bool {
        let name = request.operation_name.as_deref();
        let Some((slots, chosen)) = self.slots.get().zip(operation(&self.document, name)) else {
            return false;
        };
        let absent = super::document::absent(chosen, &request.variables);
        slots.fit(types, &request.variables, &absent)
    }
}

/// Documents that were asked for lately, and whoever judges others.
#[derive(Debug)]
pub struct Preparer {
    shelf: Shelf<Arc<str>, Arc<Prepared>>,
    /// Reads and validates the others.
    pub validator: Validator,
    judge: Judge,
}

/// The document of a request that is asked for more than once on its way, with its text.
struct ReadBefore(Option<(Arc<str>, Read)>);

/// The library with all its rules. It answers with what is wrong with a request, and runs none.
pub struct Judge(pub Schema);

impl Judge {
    /// What is wrong with a request; none when nothing is.
    pub async fn refusal(&self, request: Request) -> Option<Response> {
        let response = self.0.execute(request).await;
        (!response.errors.is_empty()).then_some(response)
    }
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Judge")
    }
}

impl Preparer {
    /// One whose shelf has room for so many bytes.
    pub fn new(room: usize, validator: Validator, judge: Judge) -> Self {
        Self {
            shelf: Shelf::new(room),
            validator,
            judge,
        }
    }

    /// What the library has to say against a request; none when nothing.
    pub async fn judge(&self, request: &mut Request) -> Option<Response> {
        let mut again = Request::new(request.query.as_str()).variables(request.variables.clone());
        again.operation_name.clone_from(&request.operation_name);
        if let Ok(document) = request.parsed_query() {
            again.set_parsed_query(document.clone());
        }
        self.judge.refusal(again).await
    }

    /// The document of a request, from the shelf or from what was read before on the way of this request, or read now.
    pub fn read(&self, gate: &Gate, request: &mut Request) -> Result<Read, Excess> {
        if let Some(known) = self.shelf.get(request.query.as_str()) {
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

    /// Keeps a document that is within its limits and valid, if the library finds nothing wrong with it.
    pub fn keep(&self, types: &Types, prepared: &Arc<Prepared>) {
        // A short text is as many bytes as its document at least, so that one look at it saves the rest.
        if prepared.slots.get().is_some() || !self.shelf.takes(prepared.text.len()) {
            return;
        }
        // With every fragment in its place, which may be more by far than what is written.
        let fields = prepared
            .outlines(types)
            .map(|(_, outline)| outline().fields)
            .sum();
        let bytes = weight::of(prepared.text.len(), &prepared.document, fields);
        if !self.shelf.takes(bytes) {
            return;
        }
        let Some(slots) = Slots::of(types, &prepared.document) else {
            return;
        };
        // Without variables, so that it is judged by its text alone, and with nothing taken out of it.
        let mut request = Request::new("");
        request.set_parsed_query(prepared.document.clone());
        // It waits for nothing.
        if let Some(None) = self.judge.refusal(request).now_or_never() {
            let _ = prepared.slots.set(slots);
            self.shelf.put(prepared.text.clone(), prepared.clone(), bytes);
        }
    }
}

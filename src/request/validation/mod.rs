//! Validation of documents: their syntax, and the rules of the specification.
//!
//! apollo-compiler reads and validates documents against the text of the schema; async-graphql runs valid documents,
//! and its own rules are not applied. A document is read and checked against the limits ([`Validator::read`]). Then it
//! is validated, its values are checked, and it is converted into the form that runs ([`Validator::validate`],
//! [`convert`]). This happens once for each cached document ([`documents`](super::documents)). The values of variables
//! are checked with each request ([`Validator::coerce`]), so every value of a request that runs can be read.

mod conflicts;
mod convert;
mod inputs;
mod literals;
mod mistakes;
mod numbers;
mod places;
mod single_root;
mod suggestions;
mod syntax;
mod variables;

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    parser::Parser,
    validation::{DiagnosticList, Valid, WithErrors},
};
use async_graphql::{Variables, parser::types};

use self::{convert::Converter, literals::Literals, places::Places, suggestions::Suggestions};
use super::{
    complete::{Outline, kind},
    definition::{Definition, Scalars},
    fields::Fields,
    limits::{BRACKETS_MAX, Bounds, Excess, Limit, Survey, survey},
};

pub use self::{mistakes::Mistakes, variables::Inputs};

/// Tokens of the parser for each token of the specification: the parser counts white space, commas and comments too.
const TOKENS_FOR_EACH: u64 = 4;
/// Nested calls of the parser for each bracket.
const CALLS_FOR_EACH: u64 = 4;

/// Reads and validates documents.
#[derive(Debug)]
pub struct Validator {
    schema: Valid<Schema>,
    scalars: Scalars,
    fields: Fields,
    /// Error messages may suggest names of the schema.
    suggests: bool,
}

/// A document that was read and is within the limits, but was not validated yet.
#[derive(Debug)]
pub struct Unchecked {
    document: ExecutableDocument,
    /// The errors of parts that the document does not contain, such as unknown fields.
    left_out: Option<DiagnosticList>,
}

/// A valid document in the form that runs.
#[derive(Debug)]
pub struct Checked {
    /// The document for async-graphql.
    pub run: types::ExecutableDocument,
    /// Its operations, in the order of the document.
    pub operations: Vec<Operation>,
}

/// An operation of a valid document.
#[derive(Debug)]
pub struct Operation {
    pub inputs: Inputs,
    pub outline: Arc<Outline>,
    /// The reason why the operation cannot run with any variables.
    pub refused: Option<&'static str>,
}

impl Unchecked {
    /// The name of each operation, with its kind, in the order of the document.
    pub fn operations(&self) -> impl Iterator<Item = (Option<&str>, types::OperationType)> {
        self.document.operations.iter().map(|operation| {
            let name = operation.name.as_ref().map(Name::as_str);
            (name, kind(operation.operation_type))
        })
    }
}

impl Validator {
    /// Creates a validator, which suggests names if `suggests` is set. A test checks that the schema is valid.
    pub fn new(definition: &Definition, suggests: bool) -> Self {
        let schema = schema(&definition.sdl).unwrap_or_else(|invalid| Valid::assume_valid(invalid.partial));
        Self {
            fields: Fields::of(&schema, definition),
            scalars: definition.scalars,
            schema,
            suggests,
        }
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Creates the suggestions for the mistakes of one document.
    fn suggestions(&self) -> Option<Suggestions<'_>> {
        self.suggests.then(|| Suggestions::from(&self.schema))
    }

    /// Reads a document, and checks it against the limits. The text must be within its limits already.
    pub fn read(&self, text: &str, bounds: &Bounds) -> Result<Result<(Unchecked, Survey), Mistakes>, Excess> {
        let tokens = bounds.tokens.saturating_mul(TOKENS_FOR_EACH);
        let mut parser = Parser::new()
            .token_limit(usize::try_from(tokens).unwrap_or(usize::MAX))
            .recursion_limit(usize::try_from(BRACKETS_MAX * CALLS_FOR_EACH).unwrap_or(usize::MAX));
        let parsed = parser.parse_ast(text, "");
        let reached = u64::try_from(parser.tokens_reached()).unwrap_or(u64::MAX);
        Excess::over(Limit::Tokens, reached, tokens)?;
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(broken) => return Ok(Err(Mistakes::of_syntax(&broken.errors, text))),
        };
        if let Some((at, why)) = syntax::fault(text) {
            let mut mistakes = Mistakes::default();
            mistakes.add(Some(Places::of(text).at(at)), || format!("Syntax error: {why}."));
            return Ok(Err(mistakes));
        }
        let (document, left_out) = match parsed.to_executable(&self.schema) {
            Ok(document) => (document, None),
            Err(wrong) => (wrong.partial, Some(wrong.errors)),
        };
        drop(parsed);
        let survey = survey(&self.fields, bounds, &document)?;
        Ok(Ok((Unchecked { document, left_out }, survey)))
    }

    /// Validates a document, and converts it into the form that runs.
    pub fn validate(&self, unchecked: Unchecked, text: &str) -> Result<Checked, Mistakes> {
        let Unchecked {
            mut document,
            left_out,
        } = unchecked;
        numbers::settle(&mut document, &self.schema);
        let suggestions = self.suggestions();
        let places = Places::of(text);
        let conflicts = conflicts::find(&self.schema, &document, &places);
        if !conflicts.is_empty() {
            return Err(match left_out {
                Some(left_out) => Mistakes::of_partial(&left_out, text, suggestions).and(conflicts),
                None => conflicts,
            });
        }
        match (left_out, document.validate(&self.schema)) {
            (None, Ok(document)) => self.check(&document, &places),
            (None, Err(wrong)) => match Mistakes::of(&wrong.errors, text, suggestions).into_result() {
                Ok(()) => self.check(&wrong.partial, &places),
                Err(mistakes) => Err(mistakes),
            },
            (Some(left_out), Ok(_)) => Err(Mistakes::of_partial(&left_out, text, suggestions)),
            (Some(mut left_out), Err(wrong)) => {
                left_out.merge(wrong.errors);
                Err(Mistakes::of_partial(&left_out, text, suggestions))
            }
        }
    }

    /// Checks the values of a document that is valid otherwise, and converts it into the form that runs.
    fn check(&self, document: &ExecutableDocument, places: &Places) -> Result<Checked, Mistakes> {
        let mut literals = Literals::of(&self.schema, self.scalars, document, places);
        let inputs: Vec<_> = document
            .operations
            .iter()
            .map(|operation| Inputs::of(operation, &literals.operation(operation), places))
            .collect();
        literals.mistakes.into_result()?;
        let operations = document.operations.iter().zip(inputs);
        let operations = operations.map(|(operation, inputs)| Operation {
            inputs,
            outline: Arc::new(Outline::of(&self.fields, document, operation)),
            refused: single_root::field(document, operation).err(),
        });
        Ok(Checked {
            operations: operations.collect(),
            run: Converter::new(document, places).document(),
        })
    }

    /// Checks and coerces the variables that a request sends for an operation.
    pub fn coerce(&self, inputs: &Inputs, sent: &mut Variables) -> Result<(), Mistakes> {
        inputs.coerce(&self.schema, self.scalars, sent)
    }
}

/// A field of introspection that async-graphql supports and apollo-compiler does not know yet.
const IS_ONE_OF: &str = "extend type __Type { isOneOf: Boolean }";

fn schema(sdl: &str) -> Result<Valid<Schema>, Box<WithErrors<Schema>>> {
    let schema = Schema::builder().parse(sdl, "").parse(IS_ONE_OF, "").build();
    Ok(schema.map_err(Box::new)?.validate()?)
}

/// Checks that a schema is valid and has a function for each of its scalars. The error names the first fault.
#[cfg(test)]
pub fn check(definition: &Definition) -> Result<(), String> {
    let schema = schema(&definition.sdl).map_err(|invalid| invalid.errors.to_string())?;
    let mut scalars = schema
        .types
        .values()
        .filter(|one| one.is_scalar() && !one.is_built_in());
    let is_read = |name: &str| definition.scalars.iter().any(|(known, _)| *known == name);
    match scalars.find(|one| !is_read(one.name())) {
        Some(unread) => Err(format!("no code reads the scalar {}", unread.name())),
        None => Ok(()),
    }
}

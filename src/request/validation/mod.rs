//! Validation of documents: their syntax, and the rules of the specification.
//!
//! apollo-compiler reads and validates, on the schema's own text; async-graphql runs valid documents, and its own rules are not
//! applied. A document is read and checked against the limits ([`Validator::read`]). Only then it is validated, its values are
//! checked, and it is converted into the form that is run ([`Validator::validate`], [`convert`]). This happens once for each
//! cached document ([`documents`](super::documents)). The values of variables are checked with each request
//! ([`Validator::coerce`]): a request that runs holds no value that cannot be read.

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

use self::{convert::Converting, literals::Literals, places::Places, suggestions::Suggestions};
use super::{
    complete::{Full, Outline, kind},
    definition::{Definition, Scalars},
    fields::Fields,
    limits::{BRACKETS_MAX, Bounds, Excess, Limit, Survey, survey},
};

pub use self::{mistakes::Mistakes, variables::Inputs};

/// The parser counts the white space, commas and comments between the tokens of the specification too.
const TOKENS_FOR_EACH: u64 = 4;
/// Calls of the parser in one another, for each bracket.
const CALLS_FOR_EACH: u64 = 4;

/// Reads and validates documents.
#[derive(Debug)]
pub struct Validator {
    schema: Valid<Schema>,
    scalars: Scalars,
    fields: Fields,
    /// Names of the schema may be told to who did not write them.
    suggests: bool,
}

/// A document that was read and is within the limits, and not validated yet.
#[derive(Debug)]
pub struct Unchecked {
    document: ExecutableDocument,
    /// What could not be put into the document, such as fields that do not exist.
    left_out: Option<DiagnosticList>,
}

/// A valid document, in the form that is run.
#[derive(Debug)]
pub struct Checked {
    /// The document of the library.
    pub run: types::ExecutableDocument,
    /// Its operations, in the order of the document.
    pub operations: Vec<Operation>,
}

/// What is known of an operation of a valid document.
#[derive(Debug)]
pub struct Operation {
    /// The values that it takes.
    pub inputs: Inputs,
    /// The form of its answers.
    pub outline: Arc<Outline>,
    /// Why it cannot run, whatever its variables are.
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
    /// One for a schema that suggests names or does not. The schema is ours, and valid; a test checks it.
    pub fn new(definition: &Definition, suggests: bool) -> Self {
        let schema = schema(&definition.sdl).unwrap_or_else(|invalid| Valid::assume_valid(invalid.partial));
        Self {
            fields: Fields::of(&schema, definition),
            scalars: definition.scalars,
            schema,
            suggests,
        }
    }

    /// The fields of the schema.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// For the mistakes of one document.
    fn suggestions(&self) -> Option<Suggestions<'_>> {
        self.suggests.then(|| Suggestions::from(&self.schema))
    }

    /// Reads a document, and checks it against the limits. Its text is within them.
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

    /// Whether a document obeys the rules; brings it into the form that is run.
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

    /// Checks the values of a document that is valid otherwise, and brings it into the form that is run.
    fn check(&self, document: &ExecutableDocument, places: &Places) -> Result<Checked, Mistakes> {
        let mut literals = Literals::of(&self.schema, self.scalars, document, places);
        let inputs: Vec<_> = document
            .operations
            .iter()
            .map(|operation| Inputs::of(operation, &literals.operation(operation), places))
            .collect();
        literals.mistakes.into_result()?;
        let full = Full::of(&self.schema, document);
        let operations = document.operations.iter().zip(inputs);
        let operations = operations.map(|(operation, inputs)| Operation {
            inputs,
            outline: Arc::new(Outline::of(&self.fields, &full, document, operation)),
            refused: single_root::field(document, operation).err(),
        });
        Ok(Checked {
            operations: operations.collect(),
            run: Converting::new(&full, places).document(document),
        })
    }

    /// Checks the variables that are sent for an operation, and brings them into the form in which they are read.
    pub fn coerce(&self, inputs: &Inputs, sent: &mut Variables) -> Result<(), Mistakes> {
        inputs.coerce(&self.schema, self.scalars, sent)
    }
}

/// A field of introspection that async-graphql answers, and apollo-compiler does not know yet.
const IS_ONE_OF: &str = "extend type __Type { isOneOf: Boolean }";

fn schema(sdl: &str) -> Result<Valid<Schema>, Box<WithErrors<Schema>>> {
    let schema = Schema::builder().parse(sdl, "").parse(IS_ONE_OF, "").build();
    Ok(schema.map_err(Box::new)?.validate()?)
}

/// Whether a schema is valid, and has code that reads each of its scalars; what it lacks, otherwise.
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

//! Checks a trusted document without running it.

use async_graphql::Variables;

use crate::request::{
    disclosure::{Disclosure, INTROSPECTION},
    documents::Documents,
    limits::{Bounds, Excess},
    validation::Mistakes,
};

/// The reason why a document is refused with any variables: an error message.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

impl From<Excess> for Unfit {
    fn from(excess: Excess) -> Self {
        Self(excess.message())
    }
}

impl Unfit {
    fn of(mistakes: &Mistakes) -> Self {
        let first = mistakes.first().map(|one| one.message.clone());
        Self(first.unwrap_or_default())
    }
}

/// Applies the checks of requests to documents.
pub struct Checker<'a> {
    /// Reads and validates the documents.
    pub documents: &'a Documents,
    pub bounds: Bounds,
    /// Whether documents may select introspection fields.
    pub disclosure: Disclosure,
}

impl Checker<'_> {
    /// Checks each operation of a document.
    pub fn check(&self, text: &str) -> Result<(), Unfit> {
        let read = self.documents.read(&self.bounds, text)?;
        let document = read.map_err(|mistakes| Unfit::of(&mistakes))?;
        for operation in 0..document.operations() {
            let variables = Variables::default();
            document
                .survey
                .cost(&self.bounds, Some(operation), &variables, 1)?;
        }
        if !self.disclosure.permits(&document.survey) {
            return Err(Unfit(INTROSPECTION.to_owned()));
        }
        let checked = document.checked(&self.documents.validator);
        let checked = checked.map_err(|mistakes| Unfit::of(&mistakes))?;
        let mut refused = checked
            .operations
            .iter()
            .filter_map(|operation| operation.refused);
        refused
            .next()
            .map_or(Ok(()), |reason| Err(Unfit(reason.to_owned())))
    }
}

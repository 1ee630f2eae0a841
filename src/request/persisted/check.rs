//! Whether a document could be run, without running it.

use async_graphql::{Name, Variables};

use crate::request::{
    disclosure::{Disclosure, INTROSPECTION},
    limits::{self, Excess, Gate},
    single_root,
    validation::{Mistakes, Validator},
};

/// Why a document could not be run, whatever its variables were: a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

/// Checks documents as requests are checked.
pub struct Checker<'a> {
    /// Knows the rules.
    pub validator: &'a Validator,
    /// The limits.
    pub gate: &'a Gate,
    /// Whether documents may ask about the schema.
    pub disclosure: Disclosure,
}

impl Checker<'_> {
    /// Whether each operation of a document could be run.
    pub fn check(&self, text: &str) -> Result<(), Unfit> {
        let excess = |excess: Excess| Unfit(excess.message());
        let wrong = |mistakes: Mistakes| {
            Unfit(
                mistakes
                    .first()
                    .map_or_else(String::new, |one| one.message.clone()),
            )
        };
        limits::check_text(text, &self.gate.bounds).map_err(excess)?;
        let read = self
            .validator
            .read(text, self.gate.bounds.tokens)
            .map_err(excess)?;
        let (unchecked, mut document) = read.map_err(wrong)?;
        let names = document.operations.iter();
        let names: Vec<Option<Name>> = names.map(|(name, _)| name.cloned()).collect();
        for name in &names {
            limits::measure(self.gate, &document, name.as_deref(), &Variables::default(), 1)
                .map_err(excess)?;
        }
        let permitted = self.disclosure.permit(&document);
        permitted.map_err(|_| Unfit(INTROSPECTION.to_owned()))?;
        let _ = self.validator.validate(unchecked, text).map_err(wrong)?;
        for name in names {
            let settled = single_root::settle(&mut document, name.as_deref());
            settled.map_err(|reason| Unfit(reason.to_owned()))?;
        }
        Ok(())
    }
}

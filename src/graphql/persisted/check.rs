//! Whether a document could be run, without running it.

use std::sync::Arc;

use async_graphql::{
    Name, Request, ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
    parser::{parse_query, types::ExecutableDocument},
};

use super::super::{
    disclosure::Disclosure,
    error::{finish, too_much},
    limits::{self, Gate},
    prepared::Judge,
    single_root,
};

/// Why a document could not be run, whatever its variables were: a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

/// Checks documents as requests are checked.
pub struct Checker<'a> {
    /// Knows what the library has to say.
    pub judge: &'a Judge,
    /// The limits.
    pub gate: &'a Gate,
    /// Whether documents may ask about the schema.
    pub disclosure: Disclosure,
}

impl Checker<'_> {
    /// Whether each operation of a document could be run.
    pub async fn check(&self, text: &str) -> Result<(), Unfit> {
        limits::check_text(text, &self.gate.bounds).map_err(|excess| Unfit(excess.message()))?;
        let mut request = Request::new(text);
        // Of one that is no document, the answer to the request says it better.
        if let Ok(mut document) = parse_query(text) {
            let names = document.operations.iter();
            let names: Vec<Option<Name>> = names.map(|(name, _)| name.cloned()).collect();
            for name in names {
                self.check_operation(&mut document, name.as_deref())?;
            }
            request.set_parsed_query(document);
        }
        let refusal = self.judge.refusal(request).await;
        refusal.map_or(Ok(()), |refusal| first(&finish(refusal, "").errors))
    }

    fn check_operation(&self, document: &mut ExecutableDocument, name: Option<&str>) -> Result<(), Unfit> {
        let mut request = Request::new("");
        request.operation_name = name.map(ToOwned::to_owned);
        if let Err(excess) = limits::measure(self.gate, document, &request, 1) {
            return first(&too_much(&excess).errors);
        }
        self.disclosure
            .permit(document)
            .and_then(|()| single_root::settle(document, name))
            .map_err(|reason| Unfit(reason.to_owned()))
    }
}

fn first(errors: &[ServerError]) -> Result<(), Unfit> {
    match errors.first() {
        Some(error) => Err(Unfit(error.message.clone())),
        None => Ok(()),
    }
}

/// Ends every request of a schema behind the library's own checks.
pub struct ChecksOnly;

impl ExtensionFactory for ChecksOnly {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ChecksOnly {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await?;
        // Nothing is wrong, and nothing goes on from here.
        Err(Vec::new())
    }
}

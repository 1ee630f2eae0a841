//! Whether a document could be run, without running it.

use std::sync::Arc;

use async_graphql::{
    Request, ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use super::super::{
    Schema,
    disclosure::Disclosure,
    error::{finish, too_much},
    limits::{self, Gate},
    single_root,
};

/// Why a document could not be run, whatever its variables were: a sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

/// Checks documents as requests are checked.
pub struct Checker<'a> {
    /// Answers with what is wrong with a document, and runs none.
    pub schema: Schema,
    /// The limits.
    pub gate: &'a Gate,
    /// Whether documents may ask about the schema.
    pub disclosure: Disclosure,
}

impl Checker<'_> {
    /// Whether each operation of a document could be run.
    pub async fn check(&self, text: &str) -> Result<(), Unfit> {
        let mut request = Request::new(text);
        limits::check_text(&request, &self.gate.bounds).map_err(|excess| Unfit(excess.message()))?;
        let names: Vec<Option<String>> = match request.parsed_query() {
            Ok(document) => {
                let names = document.operations.iter();
                names.map(|(name, _)| name.map(ToString::to_string)).collect()
            }
            // The answer to the request says it better.
            Err(_) => vec![None],
        };
        for name in &names {
            request.operation_name.clone_from(name);
            self.check_operation(&mut request)?;
        }
        request.operation_name = None;
        let answer = finish(self.schema.execute(request).await, "");
        first(&answer.errors)
    }

    fn check_operation(&self, request: &mut Request) -> Result<(), Unfit> {
        if let Err(excess) = limits::measure(self.gate, request, 1) {
            return first(&too_much(&excess).errors);
        }
        self.disclosure
            .permit(request)
            .and_then(|()| single_root::settle(request))
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

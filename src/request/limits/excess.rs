//! A request that exceeds a limit.

/// The maximum number of operations of one document. Clients that send a whole file of operations with each request use
/// some tens. It is not a setting.
pub const OPERATIONS_MAX: u64 = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Tokens of a document.
    Tokens,
    /// Nested brackets.
    Brackets,
    /// Operations of a document.
    Operations,
    /// Values in the operations of a document.
    Literals,
    /// Nested fields and fragments.
    Levels,
    /// Fragments that spread themselves.
    Circle,
    /// Selections of a document.
    Selections,
    /// Nested fields.
    Depth,
    /// Aliases of one field in one selection set.
    Aliases,
    /// Root fields of an operation.
    RootFields,
    /// Directives of a document.
    Directives,
    /// Cost of a request.
    Cost,
    /// Requests in one body.
    Batch,
    /// Values of a request's JSON.
    Values,
}

impl Limit {
    /// The name in `extensions.limit`, and the message of an excess.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Tokens => ("tokens", "The document has {found} tokens. The maximum is {max}."),
            Self::Brackets => (
                "brackets",
                "The brackets of the document are nested {found} deep. The maximum is {max}.",
            ),
            Self::Operations => (
                "operations",
                "The document has {found} operations. The maximum is {max}.",
            ),
            Self::Literals => (
                "literals",
                "The operations contain {found} values, counting each fragment at every spread. The maximum is {max}.",
            ),
            Self::Levels => (
                "levels",
                "Fields and fragments are nested {found} deep. The maximum is {max}.",
            ),
            Self::Circle => ("circle", "The fragment {name} spreads itself."),
            Self::Selections => (
                "selections",
                "The document has {found} selections, counting each fragment at every spread. The maximum is {max}.",
            ),
            Self::Depth => ("depth", "Fields are nested {found} deep. The maximum is {max}."),
            Self::Aliases => (
                "aliases",
                "One field has {found} aliases in one selection set. The maximum is {max}.",
            ),
            Self::RootFields => (
                "rootFields",
                "The operation has {found} root fields. The maximum is {max}.",
            ),
            Self::Directives => (
                "directives",
                "The document has {found} directives. The maximum is {max}.",
            ),
            Self::Cost => (
                "cost",
                "The request can cost {found}. The maximum is {max}. Request smaller pages.",
            ),
            Self::Batch => ("batch", "The batch has {found} requests. The maximum is {max}."),
            Self::Values => (
                "values",
                "The request has {found} JSON values. The maximum is {max}.",
            ),
        }
    }

    /// The name in `extensions.limit`.
    pub fn name(self) -> &'static str {
        self.texts().0
    }
}

/// A request that exceeds a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    pub limit: Limit,
    /// The figure of the request; none for a fragment that spreads itself.
    pub found: Option<u64>,
    pub max: u64,
    /// The name of the fragment that causes the excess, if any.
    name: Option<String>,
}

impl Excess {
    /// Refuses a figure over the bound.
    pub fn over(limit: Limit, found: u64, max: u64) -> Result<(), Self> {
        if found <= max {
            return Ok(());
        }
        Err(Self {
            limit,
            found: Some(found),
            max,
            name: None,
        })
    }

    /// The excess of a fragment that spreads itself.
    pub fn circle(fragment: &str) -> Self {
        Self {
            limit: Limit::Circle,
            found: None,
            max: 0,
            name: Some(fragment.to_string()),
        }
    }

    pub fn message(&self) -> String {
        let figures = [("{found}", self.found.unwrap_or_default()), ("{max}", self.max)];
        let message = self
            .limit
            .texts()
            .1
            .replace("{name}", self.name.as_deref().unwrap_or_default());
        figures.iter().fold(message, |message, (place, figure)| {
            message.replace(place, &figure.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_contain_the_figures_and_no_placeholder() {
        for limit in [
            Limit::Tokens,
            Limit::Brackets,
            Limit::Operations,
            Limit::Literals,
            Limit::Levels,
            Limit::Selections,
            Limit::Depth,
            Limit::Aliases,
            Limit::RootFields,
            Limit::Directives,
            Limit::Cost,
            Limit::Batch,
            Limit::Values,
        ] {
            let message = Excess::over(limit, 21, 20).expect_err("an excess").message();
            assert!(
                message.contains("21") && message.contains("The maximum is 20."),
                "{message}"
            );
            assert!(!message.contains(['{', '}']), "{message}");
        }
        assert_eq!(Excess::circle("A").message(), "The fragment A spreads itself.");
    }
}

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
    /// The name in `extensions.limit`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Brackets => "brackets",
            Self::Operations => "operations",
            Self::Literals => "literals",
            Self::Levels => "levels",
            Self::Circle => "circle",
            Self::Selections => "selections",
            Self::Depth => "depth",
            Self::Aliases => "aliases",
            Self::RootFields => "rootFields",
            Self::Directives => "directives",
            Self::Cost => "cost",
            Self::Batch => "batch",
            Self::Values => "values",
        }
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
        let (found, max) = (self.found.unwrap_or_default(), self.max);
        match self.limit {
            Limit::Tokens => format!("The document has {found} tokens. The maximum is {max}."),
            Limit::Brackets => {
                format!("The brackets of the document are nested {found} deep. The maximum is {max}.")
            }
            Limit::Operations => {
                format!("The document has {found} operations. The maximum is {max}.")
            }
            Limit::Literals => format!(
                "The operations contain {found} values, counting each fragment at every spread. The maximum is {max}."
            ),
            Limit::Levels => {
                format!("Fields and fragments are nested {found} deep. The maximum is {max}.")
            }
            Limit::Circle => {
                let name = self.name.as_deref().unwrap_or_default();
                format!("The fragment {name} spreads itself.")
            }
            Limit::Selections => format!(
                "The document has {found} selections, counting each fragment at every spread. The maximum is {max}."
            ),
            Limit::Depth => format!("Fields are nested {found} deep. The maximum is {max}."),
            Limit::Aliases => {
                format!("One field has {found} aliases in one selection set. The maximum is {max}.")
            }
            Limit::RootFields => {
                format!("The operation has {found} root fields. The maximum is {max}.")
            }
            Limit::Directives => format!("The document has {found} directives. The maximum is {max}."),
            Limit::Cost => {
                format!("The request can cost {found}. The maximum is {max}. Request smaller pages.")
            }
            Limit::Batch => format!("The batch has {found} requests. The maximum is {max}."),
            Limit::Values => format!("The request has {found} JSON values. The maximum is {max}."),
        }
    }
}

//! A request that exceeds a limit.

/// The number of operations of one document. A client that always sends a whole file of operations has some tens. It is not a setting.
pub const OPERATIONS_MAX: u64 = 50;

/// The limits.
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
    /// The limit.
    pub limit: Limit,
    /// The figure of the request; none when it has no end.
    pub found: Option<u64>,
    /// The bound.
    pub max: u64,
    /// The name of the fragment that causes it, if there is one.
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

    /// A fragment that spreads itself.
    pub fn circle(fragment: &str) -> Self {
        Self {
            limit: Limit::Circle,
            found: None,
            max: 0,
            name: Some(fragment.to_string()),
        }
    }

    /// The error message.
    pub fn message(&self) -> String {
        let (found, max) = (self.found.unwrap_or_default(), self.max);
        match self.limit {
            Limit::Tokens => format!("The document has {found} tokens; at most {max} are read."),
            Limit::Brackets => {
                format!("The brackets of the document are {found} deep; at most {max} may be.")
            }
            Limit::Operations => {
                format!("The document has {found} operations; at most {max} may be.")
            }
            Limit::Literals => format!(
                "The operations hold {found} values, fragments counted wherever they are spread; at most {max} are read."
            ),
            Limit::Levels => {
                format!("Fields and fragments lie {found} deep in one another; at most {max} may be.")
            }
            Limit::Circle => {
                let name = self.name.as_deref().unwrap_or_default();
                format!("The fragment {name} spreads itself.")
            }
            Limit::Selections => format!(
                "The document selects {found} things, fragments counted wherever they are spread; at most {max} may be."
            ),
            Limit::Depth => format!("The document is {found} fields deep; at most {max} may be."),
            Limit::Aliases => {
                format!("One field stands under {found} aliases in one place; at most {max} may be.")
            }
            Limit::RootFields => {
                format!("The operation has {found} fields at its root; at most {max} may be.")
            }
            Limit::Directives => format!("The document has {found} directives; at most {max} may be."),
            Limit::Cost => {
                format!("The request may cost {found}; at most {max} is done. Ask for smaller pages.")
            }
            Limit::Batch => format!("The batch holds {found} requests; at most {max} may be."),
            Limit::Values => format!("The request holds {found} values; at most {max} are read."),
        }
    }
}

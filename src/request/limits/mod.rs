//! Limits on the size of requests, checked before a request runs.
//!
//! There are three checks: of the text ([`text`]), before the parser allocates memory; of the document
//! ([`survey`](mod@survey)), before its fragments are expanded; and of the caller's quota ([`rate`]). Each
//! limit that needs more than a sum has a file that defines what counts; docs/limits.md describes the limits for callers.

mod aliases;
mod batch;
mod cost;
mod depth;
mod errors;
mod excess;
mod rate;
mod sizes;
mod survey;
mod text;
mod values;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::config::Settings;

pub use batch::check as check_batch;
pub use cost::{LEAST, check as check_cost};
pub use errors::{add_left_out, cut as cut_errors};
pub use excess::{Excess, Limit, OPERATIONS_MAX};
pub use rate::{Rate, Wait};
pub use sizes::whole;
pub use survey::{Survey, survey};
pub use text::{BRACKETS_MAX, check as check_text, tokens};
pub use values::{TooLong, check as check_values, check_numbers};

/// The bounds of requests.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Tokens of a document.
    pub tokens: u64,
    /// Selections of a document.
    pub selections: u64,
    /// Nested fields.
    pub depth: u64,
    /// Aliases of one field in one selection set.
    pub aliases: u64,
    /// Root fields of an operation.
    pub root_fields: u64,
    /// Directives of a document.
    pub directives: u64,
    /// Cost of a request.
    pub cost: u64,
    /// Values of a request's JSON.
    pub values: u64,
    /// Requests in one body; 0 if the server accepts no batches.
    pub batch: u64,
    /// Errors of a response.
    pub errors: u64,
    /// The largest page.
    pub page: u32,
    /// The size of a page without `first` and `last`.
    pub page_default: u32,
}

impl Bounds {
    pub fn of(settings: &Settings, page_default: u32) -> Self {
        Self {
            tokens: settings.query_tokens_max.into(),
            selections: settings.query_selections_max.into(),
            depth: settings.query_depth_max.into(),
            aliases: settings.query_aliases_max.into(),
            root_fields: settings.query_root_fields_max.into(),
            directives: settings.query_directives_max.into(),
            cost: settings.query_cost_max.into(),
            values: settings.query_values_max.into(),
            batch: settings.batch_max.into(),
            errors: settings.errors_max.into(),
            page: settings.page_size_max,
            page_default,
        }
    }
}

#[cfg(test)]
impl Bounds {
    /// A bound of tokens, without other bounds on documents.
    pub fn of_tokens(tokens: u64) -> Self {
        Self {
            tokens,
            selections: u64::MAX,
            depth: u64::MAX,
            aliases: u64::MAX,
            root_fields: u64::MAX,
            directives: u64::MAX,
            ..Self::default()
        }
    }
}

#[cfg(test)]
impl Default for Bounds {
    fn default() -> Self {
        Self::of(&Settings::default(), 20)
    }
}

/// The limits of a server process.
#[derive(Debug)]
pub struct Gate {
    pub bounds: Bounds,
    /// The quotas of callers; none if there is no rate limit.
    pub rate: Option<Rate>,
    /// The timeout of a query or a mutation.
    pub time: Duration,
}

#[cfg(test)]
mod toy {
    //! A small schema for the tests of limits.

    use async_graphql::Request;

    use super::*;
    use crate::request::{count::Count, definition::Definition, validation::Validator};

    const SDL: &str = "
        type Query { toys(first: Int, last: Int): ToyConnection!  toy: Toy  n: Int  nodes(ids: [ID!]!): [Toy]!  viewer: Viewer!  groups(first: Int): Groups! }
        type Groups { nodes: [Toy!]!  total: Toy! }
        type Viewer { workspaces: [Toy!]! }
        type Mutation { make: Toy }
        type ToyConnection { nodes: [Toy!]!  edges: [ToyEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
        type ToyEdge { node: Toy!  cursor: String! }
        type PageInfo { hasNextPage: Boolean! }
        type Toy { n: Int  m: Int  toy: Toy  parts: [Toy!]!  toys(first: Int, last: Int): ToyConnection! }";

    fn count(parent: &str, field: &str) -> Option<Count> {
        match (parent, field) {
            ("Query", "nodes") => Some(Count::Ids),
            ("Query", "groups") => Some(Count::Groups),
            ("Groups", "nodes") => Some(Count::Items),
            ("Viewer", "workspaces") => Some(Count::Tenants),
            _ => None,
        }
    }

    /// The cost of a document, or its excess.
    pub fn measure(query: &str, bounds: Bounds) -> Result<u64, Excess> {
        measure_with(&Request::new(query), bounds)
    }

    /// The cost of a request, or its excess.
    pub fn measure_with(request: &Request, bounds: Bounds) -> Result<u64, Excess> {
        let definition = Definition {
            count,
            ..Definition::of(SDL)
        };
        check_text(&request.query, &bounds)?;
        let read = Validator::new(&definition, false).read(&request.query, &bounds)?;
        read.map_or(Ok(LEAST), |(unchecked, survey)| {
            let mut names = unchecked.operations().map(|(name, _)| name);
            let name = request.operation_name.as_deref();
            let operation = names.position(|known| name.is_none() || known == name);
            survey.cost(&bounds, operation, &request.variables, 2)
        })
    }

    /// A request with variables.
    pub fn request(query: &str, variables: serde_json::Value) -> Request {
        Request::new(query).variables(async_graphql::Variables::from_json(variables))
    }

    /// The limit that a document exceeds, with the figure and the bound.
    pub fn excess(query: &str, bounds: Bounds) -> (Limit, Option<u64>, u64) {
        let Err(excess) = measure(query, bounds) else {
            panic!("within all limits: {query}")
        };
        (excess.limit, excess.found, excess.max)
    }
}

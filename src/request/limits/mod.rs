//! Limits: what a request may ask for, decided before any of it runs.
//!
//! Three checks, each of what the one before has let through: of the text ([`text`]), before the parser takes memory for it;
//! of the document ([`survey`](mod@survey)), before anything puts its fragments in their places; and of what the caller has left
//! ([`rate`]). Each limit has a file that says what is counted; docs/limits.md describes them for callers.

mod aliases;
mod batch;
mod cost;
mod depth;
mod directives;
mod errors;
mod excess;
mod rate;
mod root_fields;
mod selections;
mod sizes;
mod survey;
mod text;
mod values;

use std::time::Duration;

use crate::config::Settings;

pub use batch::check as check_batch;
pub use cost::{LEAST, check as check_cost};
pub use errors::{add_left_out, cut as cut_errors};
pub use excess::{Excess, Limit, OPERATIONS_MAX};
pub use rate::{Rate, Wait};
pub use survey::{Survey, survey};
pub use text::{BRACKETS_MAX, check as check_text, tokens};
pub use values::{TooLong, check as check_values, check_numbers};

/// How much a request may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Tokens of a document.
    pub tokens: u64,
    /// Selections of a document.
    pub selections: u64,
    /// Fields in one another.
    pub depth: u64,
    /// Other names of one field of one object.
    pub aliases: u64,
    /// Fields of an operation's root.
    pub root_fields: u64,
    /// Directives of a document.
    pub directives: u64,
    /// Cost of a request.
    pub cost: u64,
    /// Values of a request's JSON.
    pub values: u64,
    /// Requests in one body; none when bodies hold one that is in no list.
    pub batch: u64,
    /// Errors of an answer.
    pub errors: u64,
    /// Largest page.
    pub page: u32,
    /// A page whose size is not given.
    pub page_default: u32,
}

impl Bounds {
    /// From the settings.
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
    /// So many tokens, and any number of everything else.
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

/// What a schema keeps to answer within its limits.
#[derive(Debug)]
pub struct Gate {
    /// The bounds.
    pub bounds: Bounds,
    /// What callers have left; none when nobody counts.
    pub rate: Option<Rate>,
    /// How long a query or a mutation may take.
    pub time: Duration,
}

#[cfg(test)]
mod toy {
    //! A schema to try limits on.

    use async_graphql::Request;

    use super::*;
    use crate::request::{definition::Definition, fields::Count, validation::Validator};

    const SDL: &str = "
        type Query { toys(first: Int, last: Int): ToyConnection!  toy: Toy  n: Int  nodes(ids: [ID!]!): [Toy]!  viewer: Viewer! }
        type Viewer { workspaces: [Toy!]! }
        type Mutation { make: Toy }
        type ToyConnection { nodes: [Toy!]!  edges: [ToyEdge!]!  pageInfo: PageInfo!  totalCount: Int! }
        type ToyEdge { node: Toy!  cursor: String! }
        type PageInfo { hasNextPage: Boolean! }
        type Toy { n: Int  m: Int  toy: Toy  parts: [Toy!]!  toys(first: Int, last: Int): ToyConnection! }";

    fn count(parent: &str, field: &str) -> Option<Count> {
        match (parent, field) {
            ("Query", "nodes") => Some(Count::Ids),
            ("Viewer", "workspaces") => Some(Count::Tenants),
            _ => None,
        }
    }

    /// The cost of a document, or how it is too much.
    pub fn measure(query: &str, bounds: Bounds) -> Result<u64, Excess> {
        measure_with(&Request::new(query), bounds)
    }

    /// That of a request.
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

    /// Which limit a document breaks, with the figure and the bound.
    pub fn excess(query: &str, bounds: Bounds) -> (Limit, Option<u64>, u64) {
        let Err(excess) = measure(query, bounds) else {
            panic!("within all limits: {query}")
        };
        (excess.limit, excess.found, excess.max)
    }
}

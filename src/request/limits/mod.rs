//! Cost before work: what a request may ask for, decided before any of it is done.
//!
//! Three looks, each at what the one before has let through: at the text ([`text`]), before the parser takes memory for
//! it; at the document ([`walk`]), before the library goes through it, which it does more than once and with every
//! fragment put in its place; and at what the caller has left ([`rate`]). The walk is one pass: a fragment is looked at
//! once, and what it comes to is added wherever it is spread, so that it takes as long as the document is long,
//! whatever it would grow to. Each limit has a file that says what is counted; docs/limits.md tells the callers.

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
mod text;
mod values;
mod walk;

use std::time::Duration;

use async_graphql::{Variables, parser::types::ExecutableDocument};

use super::types::Types;
use crate::config::Settings;

pub use batch::check as check_batch;
pub use cost::{LEAST, check as check_cost};
pub use errors::{add_left_out, cut as cut_errors};
pub use excess::{Excess, Limit, OPERATIONS_MAX};
pub use rate::{Rate, Wait};
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
    /// What the fields come to.
    pub types: Types,
    /// What callers have left; none when nobody counts.
    pub rate: Option<Rate>,
    /// How long a query or a mutation may take.
    pub time: Duration,
}

/// What a request costs whose viewer has so many tenants; how it is too much otherwise. Its text is within the limits.
pub fn measure(
    gate: &Gate,
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
    tenants: usize,
) -> Result<u64, Excess> {
    let chosen = super::document::operation(document, operation);
    let sizes = sizes::Sizes::new(chosen, variables, &gate.bounds, tenants);
    walk::measure(&gate.types, &gate.bounds, document, chosen, sizes)
}

#[cfg(test)]
mod toy {
    //! A schema to try limits on.

    use async_graphql::Request;

    use super::*;
    use crate::request::{definition::Definition, types::Count, validation::Validator};

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
        let gate = Gate {
            bounds,
            types: Types::read(&definition),
            rate: None,
            time: Duration::from_secs(1),
        };
        check_text(&request.query, &gate.bounds)?;
        let read = Validator::new(&definition, false).read(&request.query, bounds.tokens)?;
        read.map_or(Ok(LEAST), |(_, document)| {
            let name = request.operation_name.as_deref();
            super::measure(&gate, &document, name, &request.variables, 2)
        })
    }

    /// A request with variables.
    pub fn request(query: &str, variables: serde_json::Value) -> Request {
        Request::new(query).variables(Variables::from_json(variables))
    }

    /// Which limit a document breaks, with the figure and the bound.
    pub fn excess(query: &str, bounds: Bounds) -> (Limit, Option<u64>, u64) {
        let Err(excess) = measure(query, bounds) else {
            panic!("within all limits: {query}")
        };
        (excess.limit, excess.found, excess.max)
    }
}

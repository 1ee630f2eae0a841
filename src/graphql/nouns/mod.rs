//! The nouns of the schema: for each its type, its inputs, and its fields of the three roots.
//!
//! The modules use each other, because the types of the nouns return each other. Of the other
//! modules, only `schema` and `stats` use them.

pub mod actor;
pub mod agent;
pub mod api_key;
pub mod change;
pub mod conversation;
pub mod customer;
mod external_reference;
pub mod message;
pub mod node;
pub mod queue;
pub mod rate_limit;
pub mod team;
pub mod ticket;
pub mod viewer;
pub mod workspace;

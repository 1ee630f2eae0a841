//! The GraphQL schema, without business logic.
//!
//! Floor 6. A field reads its arguments, queries the store through a loader or calls a use case, and wraps the result.
//! There is one folder for each noun: the type, its inputs, its part of the three roots. [`pagination`] is the one way in
//! which lists are shown, [`relations`] say which fields show other nouns, [`loaders`] are the one way in which rows are
//! read, [`error`] is the one way in which failures become answers. A [`Graph`] is the schema behind the
//! [`Gateway`](crate::request::Gateway), which admits requests. The server passes a request and its viewer to [`execute()`],
//! and those of connections that stay open to [`subscriptions`].

mod agent;
mod api_key;
mod change;
mod columns;
mod context;
mod conversation;
mod customer;
pub mod error;
mod execute;
mod execution_slots;
mod external_reference;
mod filters;
mod follow;
#[doc(hidden)]
pub mod fuzzing;
mod group;
mod id;
mod input;
mod loaders;
mod message;
mod mutate;
mod node;
mod order;
mod outcome;
pub mod output;
mod pagination;
mod payload;
mod queue;
mod rate_limit;
mod relations;
pub mod retry_hint;
mod scalars;
mod schema;
mod subscriptions;
mod team;
mod ticket;
mod viewer;
mod workspace;

pub use error::refused;
pub use execute::{Asked, RequestId, execute, execute_batch};
pub use schema::{Graph, Schema, build, sdl};
pub use subscriptions::{
    EncodedResponse, Outbox, OutboxContent, OutboxItem, RunningOperation, Subscriptions,
};

//! The GraphQL schema, without business logic.
//!
//! Layer 6. A field reads its arguments, queries the store through a loader or calls a use case, and wraps the result.
//! The [`nouns`] contain the types, their inputs, and their parts of the three roots. All lists use [`pagination`], all
//! fields that lead to other nouns use [`relations`], all rows are read by [`loaders`], and all failures become
//! responses in [`error`]. A [`Graph`] is the schema with its [`Gateway`](crate::request::Gateway), which admits
//! requests. [`execute()`] runs a query or a mutation for a viewer. `subscriptions` runs the requests of persistent
//! connections: it executes a [`ReadyRequest`] for a part of the log, its [`SubscriptionRun`].

mod columns;
mod context;
pub mod error;
mod execute;
mod execution_slots;
mod filters;
mod follow;
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod input;
mod listed;
mod loaders;
mod mutate;
mod nouns;
mod order;
mod outcome;
pub mod output;
mod pagination;
mod payload;
mod relations;
pub mod retry_hint;
mod scalars;
mod schema;
mod stats;

pub use error::refused;
pub use execute::{IncomingRequest, ReadyRequest, RequestId, admit, execute, execute_batch};
pub use execution_slots::ExecutionSlots;
pub use follow::{LogPart, SubscriptionRun};
pub use loaders::SharedLoaders;
pub use schema::{Graph, Schema, build, gateway, sdl};

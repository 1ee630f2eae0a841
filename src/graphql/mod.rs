//! The GraphQL schema, without business logic.
//!
//! Layer 6. A field reads its arguments, reads rows through a loader or calls a use case, and converts the result.
//! Each noun has a module with its type, its inputs and its fields of the three roots. [`pagination`] implements
//! lists, [`relations`] fields that return related rows, [`loaders`] the reads of rows, [`error`] the conversion of
//! errors, and [`limits`] the checks before execution. The server passes a request and its viewer to [`execute()`],
//! and operations of persistent connections to [`subscriptions`].

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

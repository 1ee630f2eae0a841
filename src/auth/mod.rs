//! Who asks, and what they may.
//!
//! Layer 2. Pure: no database, no HTTP, no GraphQL. A request's credential becomes a [`Viewer`]; a viewer has
//! [`Grants`] (what it may do) and a [`Scope`] (which rows it may see). [`policy`] is the one place that answers
//! "may they?"; `store::scope` is the one place that turns a scope into SQL.

pub mod api_key;
pub mod grant;
pub mod jwt;
pub mod policy;
mod share;
mod viewer;

pub use grant::{Grant, Grants};
pub use share::{Share, Shares};
pub use viewer::{Identity, Scope, Sight, Viewer};

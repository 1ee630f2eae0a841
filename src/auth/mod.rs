//! Identity and permissions of callers.
//!
//! Layer 2. Pure: no database, no HTTP, no GraphQL. The credential of a request becomes a [`Viewer`]. A
//! viewer has [`Grants`] (the actions that it may perform) and a [`Scope`] (the rows that it may see). Only
//! [`policy`] decides whether an action is allowed, and only `store::scope` turns a scope into SQL.

pub mod api_key;
mod caller_limit;
pub mod grant;
pub mod jwt;
pub mod policy;
mod viewer;

pub use caller_limit::CallerLimits;
pub use grant::{Grant, Grants};
pub use viewer::{Identity, Scope, Viewer, Visibility};

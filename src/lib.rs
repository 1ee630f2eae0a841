//! A GraphQL gateway over helpdesk data.
//!
//! The modules by layer. A module uses only modules on lower layers; `tests/architecture.rs` checks it.
//!
//! | Layer | Modules |
//! |---|---|
//! | 10 | [`cli`] |
//! | 9 | [`app`] |
//! | 8 | [`server`] |
//! | 7 | [`subscriptions`] |
//! | 6 | [`graphql`], [`export`], [`import`] |
//! | 5 | [`service`] |
//! | 4 | [`events`] |
//! | 3 | [`store`], [`keyring`], [`request`] |
//! | 2 | [`auth`], [`telemetry`], [`http_client`] |
//! | 1 | [`budget`], [`cache`], [`clock`], [`config`], [`words`] |
//! | 0 | the crates `entity` and `migration` |
//!
//! A read goes server → graphql → store and back; a write goes server → graphql → service → store and events; a
//! subscription goes server → subscriptions → graphql and is fed by events. See `docs/architecture.md`.

pub mod app;
pub mod auth;
pub mod budget;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod config;
pub mod events;
pub mod export;
pub mod graphql;
pub mod http_client;
pub mod import;
pub mod keyring;
pub mod request;
pub mod server;
pub mod service;
pub mod store;
pub mod subscriptions;
pub mod telemetry;
pub mod words;

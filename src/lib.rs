//! A GraphQL gateway over helpdesk data.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod events;
pub mod graphql;
pub mod import;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;

//! A GraphQL gateway over helpdesk data.

pub mod auth;
pub mod clock;
pub mod config;
pub mod events;
pub mod graphql;
pub mod service;
pub mod store;
pub mod telemetry;

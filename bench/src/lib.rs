//! Tests and measures the real gateway from the outside.
//!
//! The code of the gateway is not linked. The modules start its binary, use it over HTTP, WebSocket and event
//! streams as clients do, and read its database as an operator can. Errors are sentences.

pub mod chaos;
pub mod client;
pub mod cursor;
pub mod database;
pub mod failure;
pub mod helpdesk;
pub mod hostile;
pub mod instant;
pub mod limit;
pub mod listeners;
pub mod machine;
pub mod needed;
pub mod node;
pub mod postgres;
pub mod process;
pub mod programs;
pub mod side_by_side;
pub mod under_test;

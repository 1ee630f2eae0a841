//! The API over HTTP, as a viewer, on real databases. The modules follow the schema.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "tests are told of their database by the environment and run the node themselves"
)]

mod support;

mod access;
mod bounds;
mod change;
mod commands;
mod export;
mod faults;
mod fuzz;
mod golden;
mod import;
mod limits;
mod log;
mod network;
mod one_process;
mod operations;
mod prepared;
mod production;
mod reads;
mod request;
mod restore;
mod subscription;
mod viewer;
mod writes;

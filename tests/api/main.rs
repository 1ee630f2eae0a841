//! The API over HTTP, as a viewer, on real databases. The tree mirrors the schema.

#![expect(
    clippy::expect_used,
    reason = "a test ends where something is not as it should be"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the server to test on is told in the environment, and a test's tasks end with it"
)]

mod support;

mod access;
mod import;
mod log;
mod operations;
mod viewer;
mod writes;

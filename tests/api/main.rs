//! The API over HTTP, as a viewer, on real databases. The tree mirrors the schema.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on says why, and its surroundings come from outside"
)]

mod support;

mod reads;
mod subscription;
mod viewer;

//! The API over HTTP, as a viewer, on real databases. The tree mirrors the schema.

mod support;

mod access;
mod log;

mod viewer;
mod writes;

//! The API over HTTP, as a viewer, on real databases. The tree mirrors the schema.

mod support;

mod reads;
mod viewer;

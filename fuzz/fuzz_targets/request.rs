//! See `deskgraph::graphql::fuzzing::request`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| deskgraph::graphql::fuzzing::request(data));

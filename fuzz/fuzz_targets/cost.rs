//! See `deskgraph::graphql::fuzzing::cost`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| deskgraph::graphql::fuzzing::cost(data));

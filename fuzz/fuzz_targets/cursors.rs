//! See `deskgraph::graphql::fuzzing::cursors`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| deskgraph::graphql::fuzzing::cursors(data));

//! Tests that are ignored although nothing is missing any more, or that are not ignored although something is.

use std::fs;

use deskgraph_bench::needed;

/// The tests are built with a decision about what to ignore, which a program installed since then does not change.
#[test]
fn ignored_programs_are_still_missing() {
    let ignored: &[&str] = needs::left_out!();
    for need in &needed::ALL {
        if need.is_left_out() != ignored.contains(&need.name) {
            // The next build decides again.
            fs::remove_file(needs::decision!()).ok();
            let was = if need.is_left_out() { "found" } else { "missing" };
            panic!(
                "{} was {was} when the tests were built, and is not now: run the command again",
                need.name
            );
        }
    }
}

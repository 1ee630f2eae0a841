//! Tests decoders of untrusted bytes with the inputs in `fuzz/corpus` and thousands of mutations of them. The same
//! functions are fuzzed with coverage, as `fuzz/README.md` describes. These tests use the same inputs in every run.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "how many inputs are tried is told by the environment"
)]

use std::{fs, panic, path::Path};

use deskgraph::graphql::fuzzing;

/// Default number of mutated inputs.
const DESCENDANTS: u64 = 4_000;
/// Maximum length of an input.
const BYTES_MAX: usize = 4_096;

/// Texts that random mutations would hardly ever create.
const PIECES: [&str; 44] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "$",
    "@",
    "...",
    ":",
    "=",
    "|",
    "#",
    "\"",
    "\"\"\"",
    "\\u",
    "\\",
    "\0",
    ",",
    " on ",
    "query",
    "mutation",
    "subscription",
    "fragment f on Query",
    "...f",
    "$v",
    "$v: Int",
    "first: 100",
    "last: -1",
    "9223372036854775808",
    "1e400",
    "null",
    "true",
    "__typename",
    "__schema",
    "@skip(if: $v)",
    "tickets",
    "nodes",
    "changes",
    "after",
    "filter",
    "é☃",
    "\u{feff}",
];

/// A generator of random numbers with a fixed seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a number");
        usize::try_from(self.next() % bound).expect("a number")
    }

    /// Returns a random range of an input.
    fn part(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let length = self.below(bytes.len() - from + 1).min(64);
        from..from + length
    }
}

/// Returns a mutated input. The changes break or repeat structures.
fn descendant(parents: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = parents[chance.below(parents.len())].clone();
    for _ in 0..=chance.below(6) {
        let part = chance.part(&bytes);
        match chance.below(6) {
            0 => drop(bytes.drain(part)),
            1 => {
                let copy = bytes[part.clone()].repeat(1 + chance.below(8));
                bytes.splice(part.end..part.end, copy);
            }
            2 => {
                let piece = PIECES[chance.below(PIECES.len())].bytes();
                bytes.splice(part, piece);
            }
            3 => {
                let piece = PIECES[chance.below(PIECES.len())].bytes();
                bytes.splice(part.start..part.start, piece);
            }
            4 => {
                let other = &parents[chance.below(parents.len())];
                let from = chance.part(other);
                bytes.splice(part, other[from].iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(part.start) {
                    *byte = chance.next().to_le_bytes()[0];
                }
            }
        }
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn number(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |said| said.parse().expect("a number"))
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// Tests a function and reports the input that makes it fail.
fn try_all(target: &str, try_one: fn(&[u8])) {
    let parents = corpus(target);
    assert!(parents.len() >= 4, "{target}: too few inputs");
    let mut chance = Chance(number("FUZZ_SEED", 7));
    let descendants = (0..number("FUZZ_EXECUTIONS", DESCENDANTS)).map(|_| descendant(&parents, &mut chance));
    for input in parents.iter().cloned().chain(descendants) {
        let tried = panic::catch_unwind(|| try_one(&input));
        assert!(
            tried.is_ok(),
            "{target} fails with {:?}",
            String::from_utf8_lossy(&input)
        );
    }
}

#[test]
fn the_cost_walk_ends_for_any_input() {
    try_all("cost", fuzzing::cost);
}

#[test]
fn cursors_are_refused_or_have_one_position() {
    try_all("cursors", fuzzing::cursors);
}

#[test]
fn every_body_gets_errors_with_codes() {
    try_all("request", fuzzing::request);
}

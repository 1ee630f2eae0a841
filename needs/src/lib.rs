//! The attribute of tests that need a program or folder which some machines lack.
//!
//! `#[needs(postgres, nats)]` above `#[test]` ignores the test when one of the two is missing. `cargo test` then prints
//! the reason and counts the test as ignored. `bench/src/needed.rs` lists the names and `build.rs` decides.

use proc_macro::{Literal, TokenStream, TokenTree};

/// Each need, with the reason why its tests are ignored.
const DECISION: &[(&str, Option<&str>)] = include!(concat!(env!("OUT_DIR"), "/decision.rs"));

/// Ignores a test that needs something which is missing.
#[proc_macro_attribute]
pub fn needs(names: TokenStream, test: TokenStream) -> TokenStream {
    let mut reasons = Vec::new();
    for token in names {
        let name = token.to_string();
        match DECISION.iter().find(|(known, _)| *known == name) {
            Some((_, reason)) => reasons.extend(*reason),
            None if name == "," => {}
            None => return error(&format!("bench/src/needed.rs does not list {name}")),
        }
    }
    if reasons.is_empty() {
        return test;
    }
    let mut ignored = parsed(&format!("#[ignore = {:?}]", reasons.join("; ")));
    ignored.extend(test);
    ignored
}

/// The names of what is missing, as a slice of texts.
#[proc_macro]
pub fn left_out(_: TokenStream) -> TokenStream {
    let names: Vec<&str> = DECISION
        .iter()
        .filter_map(|(name, reason)| reason.and(Some(*name)))
        .collect();
    parsed(&format!("&{names:?}"))
}

/// The path of the file with the decision. Once it is removed, the next build decides again.
#[proc_macro]
pub fn decision(_: TokenStream) -> TokenStream {
    TokenTree::from(Literal::string(concat!(env!("OUT_DIR"), "/decision.rs"))).into()
}

fn error(sentence: &str) -> TokenStream {
    parsed(&format!("compile_error!({sentence:?});"))
}

fn parsed(code: &str) -> TokenStream {
    code.parse().unwrap_or_default()
}

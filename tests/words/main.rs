//! The language of texts that users read: every string of the code, and every description of the schema.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod code;
mod descriptions;

use std::{
    fs,
    path::{Path, PathBuf},
};

use code::texts;

/// Words that no text contains.
const WORDS: [&str; 6] = [
    "whoever",
    "nobody",
    "somebody",
    "whatever",
    "whichever",
    "one may",
];

/// The first of the words that a text contains.
fn unwanted(text: &str) -> Option<&'static str> {
    let text = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    WORDS.into_iter().find(|word| {
        text.match_indices(word).any(|(start, _)| {
            let before = text[..start].chars().next_back();
            let behind = text[start + word.len()..].chars().next();
            [before, behind]
                .iter()
                .flatten()
                .all(|next| !next.is_alphabetic())
        })
    })
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn strings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "entity/src"] {
        sources(&root.join(folder), &mut files);
    }
    let mut count = 0;
    let mut wrong = Vec::new();
    for file in files {
        for (line, text) in texts(&fs::read_to_string(&file).expect("a text")) {
            count += 1;
            if let Some(word) = unwanted(&text) {
                let file = file.strip_prefix(root).expect("inside").display();
                wrong.push(format!("{file}:{line}: {word:?} in {text:?}"));
            }
        }
    }
    assert!(count > 1_000, "only {count} strings were found");
    assert!(wrong.is_empty(), "use plain words:\n{}", wrong.join("\n"));
}

//! Checks the layers of modules, comments of modules, and sizes of files.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each module with its layer. A module may use `crate::x` only if `x` is on a lower layer.
const LAYERS: [(&str, u8); 20] = [
    ("cli", 10),
    ("app", 9),
    ("server", 8),
    ("subscriptions", 7),
    ("graphql", 6),
    ("export", 6),
    ("import", 6),
    ("service", 5),
    ("events", 4),
    ("store", 3),
    ("keyring", 3),
    ("request", 3),
    ("auth", 2),
    ("telemetry", 2),
    ("http_client", 2),
    ("budget", 1),
    ("clock", 1),
    ("config", 1),
    ("cache", 1),
    ("words", 1),
];

/// Libraries that only some modules may use.
const LIBRARIES: [(&str, &[&str]); 23] = [
    ("apollo_compiler", &["request"]),
    ("async_nats", &["events"]),
    ("sea_orm", &["store"]),
    ("sea_query_sqlx", &["store"]),
    ("migration", &["store"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("hyper_util", &["server"]),
    ("tokio_io_timeout", &["server"]),
    ("tower_http", &["server"]),
    ("tungstenite", &["server"]),
    ("flate2", &["server"]),
    ("mediatype", &["server"]),
    ("rlimit", &["server"]),
    (
        "async_graphql",
        &["graphql", "request", "server", "subscriptions"],
    ),
    ("clap", &["cli", "config"]),
    ("encoding_rs", &["import"]),
    ("icu_casemap", &["words"]),
    ("icu_normalizer", &["words"]),
    ("icu_properties", &["words"]),
    ("quick_cache", &["cache"]),
    ("reqwest", &["import", "keyring", "http_client"]),
    ("rustls", &["http_client"]),
];

/// The folder of the HTTP client in the module `import`. Imports from files must not depend on it.
const CLIENT_FOLDER: &str = "import/remote";

/// Folders with code.
const FOLDERS: [&str; 9] = [
    "src",
    "benches",
    "bench/src",
    "entity/derive/src",
    "entity/src",
    "migration/src",
    "needs",
    "tests",
    "examples",
];

/// Maximum number of lines of a file.
const LINES_MAX: usize = 600;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Returns the module, the path, and the text without comments of each file in `src`.
fn modules() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |path: PathBuf| {
        let inside = path.strip_prefix(&root).expect("in src");
        let module = inside
            .iter()
            .next()
            .expect("a name")
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        let text = fs::read_to_string(&path).expect("a text");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        (module, path, code)
    };
    sources(&root)
        .into_iter()
        .map(read)
        .filter(|(module, ..)| !matches!(module.as_str(), "lib" | "main"))
        .collect()
}

/// Returns the modules in a text, as `crate::module` or in `use crate::{…}`.
fn named(code: &str) -> Vec<String> {
    named_in(code, "crate::")
}

/// The names behind a path, single or in a list.
fn named_in(code: &str, path: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(path) {
        let rest = &code[at + path.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for character in list.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(character),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    names
        .iter()
        .map(|name| name.trim().split("::").next().unwrap_or_default().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}

#[test]
fn a_module_uses_only_lower_layers() {
    let layers: BTreeMap<_, _> = LAYERS.into_iter().collect();
    let mut broken = Vec::new();
    for (module, path, code) in modules() {
        let layer = layers
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{module} has no layer"));
        for other in named(&code) {
            let other_layer = layers
                .get(other.as_str())
                .unwrap_or_else(|| panic!("{}: there is no module {other}", path.display()));
            if other != module && other_layer >= layer {
                broken.push(format!(
                    "{}: {module} (layer {layer}) uses {other} (layer {other_layer})",
                    path.display()
                ));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "a module uses only lower layers:\n{}",
        broken.join("\n")
    );
}

/// The names that a module exports from the modules inside it, each with its module.
fn exported(outer: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(outer.join("mod.rs")).expect("a text");
    let mut found = BTreeMap::new();
    for export in text.split("pub use ").skip(1) {
        let (module, _) = export.split_once("::").expect("a path");
        let names = named_in(
            export.split(';').next().expect("a statement"),
            &format!("{module}::"),
        );
        found.extend(names.into_iter().map(|name| (name, module.to_owned())));
    }
    found
}

/// The modules inside a module, each with those that it uses outside of tests.
fn inside(outer: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(outer);
    let exported = exported(&root);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, path, code) in modules().into_iter().filter(|(module, ..)| module == outer) {
        let inside = path.strip_prefix(&root).expect("in the module");
        let module = inside.iter().next().expect("a name").to_string_lossy();
        let module = module.trim_end_matches(".rs").to_owned();
        let (code, _) = code.split_once("#[cfg(test)]\nmod ").unwrap_or((&code, ""));
        let mut used = named_in(code, &format!("crate::{outer}::"));
        used.extend(named_in(code, &format!(" {outer}::")));
        used.extend(named_in(code, &format!("{{{outer}::")));
        let depth = inside.iter().count() - usize::from(path.ends_with("mod.rs"));
        if depth > 0 {
            used.extend(named_in(code, &"super::".repeat(depth)));
        }
        let used = used
            .into_iter()
            .map(|name| exported.get(&name).cloned().unwrap_or(name));
        found.entry(module).or_default().extend(used);
    }
    found.remove("mod");
    let names: BTreeSet<_> = found.keys().cloned().collect();
    for (module, used) in &mut found {
        used.retain(|name| name != module && names.contains(name));
    }
    found
}

#[test]
fn the_modules_inside_a_module_form_no_circle() {
    for outer in ["request", "graphql"] {
        let mut rest = inside(outer);
        assert!(rest.len() > 8, "{rest:?}");
        loop {
            let names: BTreeSet<_> = rest.keys().cloned().collect();
            let lowest = rest.iter().find(|(_, used)| used.is_disjoint(&names));
            match lowest.map(|(name, _)| name.clone()) {
                Some(name) => rest.remove(&name),
                None => break,
            };
        }
        assert!(
            rest.is_empty(),
            "{outer}: these use each other in a circle: {rest:?}"
        );
    }
}

#[test]
fn a_library_is_named_only_in_its_modules() {
    let mut broken = Vec::new();
    for (module, path, code) in modules() {
        for (library, allowed) in LIBRARIES {
            let names_it = code.contains(&format!("{library}::")) || code.contains(&format!("use {library}"));
            if names_it && !allowed.contains(&module.as_str()) {
                broken.push(format!("{}: {library} belongs to {allowed:?}", path.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "a library is named only in its modules:\n{}",
        broken.join("\n")
    );
}

#[test]
fn only_one_folder_of_imports_uses_the_network() {
    let others: Vec<_> = modules()
        .into_iter()
        .filter(|(module, path, code)| {
            let inside = path.to_string_lossy().contains(CLIENT_FOLDER);
            module == "import" && code.contains("reqwest") && !inside
        })
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(others.is_empty(), "only {CLIENT_FOLDER} uses reqwest: {others:?}");
}

#[test]
fn only_one_file_distinguishes_the_databases() {
    let words = ["DbBackend", "get_database_backend"];
    let knows = |code: &str| words.iter().any(|word| code.contains(word));
    // `connections.rs` implements a trait of the library with the method `get_database_backend`.
    let files = ["store/dialect.rs", "store/connect/connections.rs"];
    let others: Vec<_> = modules()
        .into_iter()
        .filter(|(_, path, code)| knows(code) && !files.iter().any(|file| path.ends_with(file)))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(
        others.is_empty(),
        "only store/dialect.rs checks which database it is: {others:?}"
    );
}

#[test]
fn every_file_has_a_module_comment() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let missing: Vec<_> = FOLDERS
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .filter(|path| !fs::read_to_string(path).expect("a text").starts_with("//!"))
        .map(|path| path.display().to_string())
        .collect();
    assert!(
        missing.is_empty(),
        "every file begins with //! and states its purpose: {missing:?}"
    );
}

/// CI fails if a test was ignored without a missing program, and examples in comments count as tests.
#[test]
fn no_example_in_a_comment_is_ignored() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fence = format!("```{}", "ignore");
    let ignored: Vec<_> = FOLDERS
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
        .filter(|path| fs::read_to_string(path).expect("a text").contains(&fence))
        .map(|path| path.display().to_string())
        .collect();
    assert!(
        ignored.is_empty(),
        "mark examples that are not compiled as text: {ignored:?}"
    );
}

#[test]
fn no_file_is_too_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in FOLDERS {
        for path in sources(&root.join(folder)) {
            let lines = fs::read_to_string(&path).expect("a text").lines().count();
            assert!(
                lines <= LINES_MAX,
                "{} has {lines} lines: split it",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_is_declared_by_its_parent_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut strays = Vec::new();
    for path in sources(&root) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let folder = path.parent().expect("a folder");
        let is_folder = name == "mod";
        if ["lib", "main"].contains(&name.as_str()) {
            continue;
        }
        // The file of a folder is declared by the parent module of the folder.
        let (name, folder) = if is_folder {
            let above = folder.parent().expect("a folder above");
            (
                folder.file_name().expect("a name").to_string_lossy().into_owned(),
                above,
            )
        } else {
            (name, folder)
        };
        let beside = folder.with_extension("rs");
        let above = ["lib.rs", "mod.rs"].map(|file| folder.join(file));
        let declared = above.iter().chain([&beside]).any(|file| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines()
                .any(|line| line.trim_end().ends_with(&format!("mod {name};")))
        });
        if !declared {
            strays.push(path);
        }
    }
    assert!(strays.is_empty(), "no module names these: {strays:#?}");
}

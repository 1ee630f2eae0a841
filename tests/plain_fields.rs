//! Checks that the lists of plain fields are complete.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Resolvers that need only the object, but return objects without a list of plain fields.
const RETURN_OBJECTS: [(&str, &str); 3] = [
    ("Customer", "emails"),
    ("Customer", "phones"),
    ("Message", "attachments"),
];

/// Appends the code of all files in a folder, without comments.
fn read(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, code);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.for_each(|line| code.extend([line, "\n"]));
    }
}

/// Returns the type and the resolvers of each list of plain fields.
fn plain_fields(code: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let lists = code.split("\nplain_fields!(").skip(1).map(|rest| {
        let (list, _) = rest.split_once(");").expect("an end");
        let (of, fields) = list.split_once(": ").or(list.split_once(":\n")).expect("a colon");
        let object = of.split(',').next().unwrap_or_default().trim();
        (object, fields.split(',').map(str::trim).collect())
    });
    lists.collect()
}

/// Returns the resolvers of an object that need only the object and the viewer: without arguments, and without waiting.
fn resolvers_of_the_object<'a>(code: &'a str, object: &str) -> BTreeSet<&'a str> {
    let head = format!("#[Object]\nimpl {object} {{\n");
    let (_, rest) = code.split_once(&head).expect("an object");
    let (body, _) = rest.split_once("\n}\n").expect("an end");
    let functions = body.split("\n\n").filter_map(|function| {
        let (head, rest) = function.split_once("async fn ")?;
        let (name, rest) = rest.split_once('(')?;
        let (arguments, body) = rest.split_once(") -> ")?;
        let has_none = ["&self", "&self, ctx: &Context<'_>"].contains(&arguments);
        (has_none && !head.contains("flatten") && !body.contains(".await")).then_some(name)
    });
    functions.collect()
}

/// The compiler does not report a missing entry: the field is only slower.
#[test]
fn plain_fields_lists_each_resolver_that_needs_only_the_object() {
    let mut code = String::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graphql"),
        &mut code,
    );
    let lists = plain_fields(&code);
    assert!(lists.len() >= 9, "{lists:?}");
    for (object, listed) in lists {
        let found = resolvers_of_the_object(&code, object);
        assert!(found.contains("id"), "{object}: {found:?}");
        let others = RETURN_OBJECTS.iter().filter(|(of, _)| *of == object);
        let others: BTreeSet<_> = others.map(|(_, resolver)| *resolver).collect();
        assert!(
            others.is_subset(&found),
            "{object} no longer has one of {others:?}"
        );
        let missing: Vec<_> = found
            .difference(&listed)
            .filter(|name| !others.contains(*name))
            .collect();
        assert!(
            missing.is_empty(),
            "{object}: add these to `plain_fields!`: {missing:?}"
        );
    }
}

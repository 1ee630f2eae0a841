//! Descriptions of the schema.

use std::{collections::BTreeSet, fs, path::Path};

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
    },
};

use super::unwanted;

fn schema() -> ServiceDocument {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    parse_schema(fs::read_to_string(path).expect("schema.graphql")).expect("a schema")
}

/// Every type, and every description with its place.
fn described(document: &ServiceDocument) -> (Vec<&TypeDefinition>, Vec<(String, String)>) {
    let (mut types, mut all) = (Vec::new(), Vec::new());
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            // The directives are those of the specification.
            continue;
        };
        let (ty, name) = (&ty.node, ty.node.name.node.as_str());
        types.push(ty);
        let mut note = |place: String, text: &Option<Positioned<String>>| {
            all.extend(text.as_ref().map(|text| (place, text.node.clone())));
        };
        note(name.to_owned(), &ty.description);
        let fields = match &ty.kind {
            TypeKind::Object(object) => object.fields.as_slice(),
            TypeKind::Interface(interface) => interface.fields.as_slice(),
            TypeKind::Enum(choice) => {
                for value in &choice.values {
                    note(
                        format!("{name}.{}", value.node.value.node),
                        &value.node.description,
                    );
                }
                continue;
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    note(
                        format!("{name}.{}", field.node.name.node),
                        &field.node.description,
                    );
                }
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        for field in fields {
            let place = format!("{name}.{}", field.node.name.node);
            for argument in &field.node.arguments {
                let place = format!("{place}({})", argument.node.name.node);
                note(place, &argument.node.description);
            }
            note(place, &field.node.description);
        }
    }
    (types, all)
}

/// The codes of user errors, and those of errors outside of payloads.
fn codes(types: &[&TypeDefinition]) -> BTreeSet<String> {
    let of_errors = include_str!("../../docs/errors.md")
        .split("## Codes in `errors`")
        .nth(1)
        .and_then(|section| section.split("\n## ").next())
        .expect("a section");
    let of_errors = of_errors.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut codes: BTreeSet<String> = of_errors
        .filter_map(|row| row.split('`').next().map(str::to_owned))
        .collect();
    let user_errors = types.iter().find(|ty| ty.name.node == "UserErrorCode");
    let Some(TypeKind::Enum(choice)) = user_errors.map(|ty| &ty.kind) else {
        panic!("no UserErrorCode")
    };
    codes.extend(
        choice
            .values
            .iter()
            .map(|value| value.node.value.node.to_string()),
    );
    codes
}

/// What is wrong with the description of a mutation.
fn fault(description: &str, codes: &BTreeSet<String>) -> Option<String> {
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    if !description.contains("Returns ") {
        return Some("does not say what it returns".to_owned());
    }
    let Some((_, errors)) = description.split_once("Errors: ") else {
        return Some("does not list its codes after \"Errors:\"".to_owned());
    };
    let mut named = errors.split('`').skip(1).step_by(2).filter(|name| {
        name.chars()
            .all(|letter| letter.is_ascii_uppercase() || letter == '_')
    });
    let first = named.next();
    match first.into_iter().chain(named).find(|name| !codes.contains(*name)) {
        Some(unknown) => Some(format!("names the code {unknown}, which does not exist")),
        None if first.is_none() => Some("names no code after \"Errors:\"".to_owned()),
        None => None,
    }
}

#[test]
fn descriptions() {
    let document = schema();
    let (types, all) = described(&document);
    let codes = codes(&types);
    let mut wrong = Vec::new();
    for (place, text) in &all {
        if let Some(word) = unwanted(text) {
            wrong.push(format!("{place}: {word:?} in {text:?}"));
        }
        if !text.trim_end_matches(['`', '"']).ends_with('.') {
            wrong.push(format!("{place} does not end with a full stop: {text:?}"));
        }
        let is_mutation = place.starts_with("Mutation.") && !place.contains('(');
        if let Some(fault) = fault(text, &codes).filter(|_| is_mutation) {
            wrong.push(format!("{place} {fault}: {text:?}"));
        }
    }
    assert!(all.len() > 500, "only {} descriptions were found", all.len());
    assert!(
        wrong.is_empty(),
        "write plain descriptions:\n{}",
        wrong.join("\n")
    );
}

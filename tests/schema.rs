//! Checks that the schema is checked in, complete and documented.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

fn checked_in() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    fs::read_to_string(&path).expect("schema.graphql")
}

#[test]
fn the_checked_in_schema_matches_the_code() {
    assert!(
        checked_in() == deskgraph::graphql::sdl(),
        "schema.graphql is out of date: cargo run -- schema --write schema.graphql"
    );
}

#[test]
fn every_custom_scalar_has_a_specification() {
    let sdl = deskgraph::graphql::sdl();
    let scalars: Vec<&str> = sdl.lines().filter(|line| line.starts_with("scalar ")).collect();
    assert!(!scalars.is_empty());
    for scalar in scalars {
        assert!(scalar.contains(r#" @specifiedBy(url: "https://"#), "{scalar}");
    }
}

#[test]
fn enum_values_are_in_the_order_of_their_meaning() {
    let sdl = deskgraph::graphql::sdl();
    let values = |name: &str| -> Vec<String> {
        parse_schema(&sdl)
            .expect("a schema")
            .definitions
            .into_iter()
            .find_map(|definition| match definition {
                TypeSystemDefinition::Type(of) if of.node.name.node == name => match of.node.kind {
                    TypeKind::Enum(of) => Some(of.values),
                    _ => None,
                },
                _ => None,
            })
            .expect("an enum")
            .into_iter()
            .map(|value| value.node.value.node.to_string())
            .collect()
    };
    assert_eq!(values("Priority"), ["LOW", "MEDIUM", "HIGH", "URGENT"]);
    assert_eq!(values("AgentRole"), ["AGENT", "ADMIN"]);
    assert_eq!(values("OrderDirection"), ["ASC", "DESC"]);
}

#[test]
fn everything_has_a_description() {
    let mut bare = Vec::new();
    for definition in parse_schema(deskgraph::graphql::sdl())
        .expect("a schema")
        .definitions
    {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let definition = definition.node;
        let name = definition.name.node.to_string();
        let mut note = |described: bool, what: String| {
            if !described {
                bare.push(what);
            }
        };
        note(definition.description.is_some(), name.clone());
        let fields = match definition.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Enum(values) => {
                for value in values.values {
                    note(
                        value.node.description.is_some(),
                        format!("{name}.{}", value.node.value.node),
                    );
                }
                continue;
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    note(
                        field.node.description.is_some(),
                        format!("{name}.{}", field.node.name.node),
                    );
                }
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        for field in fields {
            let field = field.node;
            note(field.description.is_some(), format!("{name}.{}", field.name.node));
            for argument in field.arguments {
                let argument = argument.node;
                note(
                    argument.description.is_some(),
                    format!("{name}.{}({})", field.name.node, argument.name.node),
                );
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

/// Returns every field, argument, input field and enum value of the required contract, as `Type.field` and
/// `Type.field(argument): Type`.
fn members(sdl: &str) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for definition in parse_schema(sdl).expect("a schema").definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let definition = definition.node;
        let name = definition.name.node.to_string();
        match definition.kind {
            TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
            | TypeKind::Interface(async_graphql::parser::types::InterfaceType { fields, .. }) => {
                for field in fields {
                    let field = field.node;
                    members.insert(format!("{name}.{}: {}", field.name.node, field.ty.node));
                    for argument in field.arguments {
                        let argument = argument.node;
                        members.insert(format!(
                            "{name}.{}({}: {})",
                            field.name.node, argument.name.node, argument.ty.node
                        ));
                    }
                }
            }
            TypeKind::Enum(values) => {
                members.extend(
                    values
                        .values
                        .into_iter()
                        .map(|value| format!("{name}.{}", value.node.value.node)),
                );
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    let field = field.node;
                    let default = field
                        .default_value
                        .map(|value| format!(" = {}", value.node))
                        .unwrap_or_default();
                    members.insert(format!("{name}.{}: {}{default}", field.name.node, field.ty.node));
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {
                members.insert(name);
            }
        }
    }
    members
}

#[test]
fn every_list_has_the_same_arguments() {
    let mut lists = 0;
    for definition in parse_schema(deskgraph::graphql::sdl())
        .expect("a schema")
        .definitions
    {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        let TypeKind::Object(object) = definition.node.kind else {
            continue;
        };
        for field in object.fields {
            let field = field.node;
            if !field.ty.node.to_string().ends_with("Connection!") {
                continue;
            }
            let place = format!("{name}.{}", field.name.node);
            let arguments: BTreeSet<_> = field
                .arguments
                .iter()
                .map(|argument| argument.node.name.node.as_str())
                .collect();
            for argument in ["first", "after", "last", "before", "filter", "orderBy"] {
                assert!(arguments.contains(argument), "{place} without {argument}");
            }
            assert_eq!(arguments.contains("offset"), name == "Query", "{place}");
            let other = ["search", "workspaceId"];
            let other = other.iter().filter(|name| arguments.contains(*name)).count();
            assert!(name == "Query" || other == 0, "{place}");
            lists += 1;
        }
    }
    assert!(lists > 15, "{lists}");
}

#[test]
fn every_mutation_has_idempotency_key_and_version_arguments() {
    let held = members(&deskgraph::graphql::sdl());
    let of_mutations = held.iter().filter_map(|member| member.strip_prefix("Mutation."));
    let arguments: Vec<&str> = of_mutations.filter(|member| member.contains('(')).collect();
    let mutations: BTreeSet<&str> = arguments
        .iter()
        .filter_map(|member| member.split('(').next())
        .collect();
    assert!(!mutations.is_empty());
    let missing =
        |argument: &str, mutation: &&&str| !arguments.contains(&format!("{mutation}({argument})").as_str());
    let bare: Vec<_> = mutations
        .iter()
        .filter(|mutation| missing("idempotencyKey: String", mutation))
        .collect();
    assert!(bare.is_empty(), "without idempotencyKey: {bare:?}");
    // Each of these three types has a version.
    let changes = mutations.iter().filter(|mutation| {
        let noun = ["customer", "ticket", "conversation"].map(|noun| mutation.strip_prefix(noun));
        noun.into_iter()
            .flatten()
            .any(|verb| verb == "Update" || verb == "Delete")
    });
    let bare: Vec<_> = changes
        .filter(|mutation| missing("ifVersion: Int", mutation))
        .collect();
    assert!(bare.is_empty(), "without ifVersion: {bare:?}");
}

/// `contract_missing.txt` lists the members of the contract that the schema does not have yet. The list only shrinks.
#[test]
fn the_schema_contains_every_member_of_the_contract() {
    let promised = members(include_str!("contract.graphql"));
    let held = members(&deskgraph::graphql::sdl());
    let missing: BTreeSet<_> = promised.difference(&held).map(String::as_str).collect();
    let listed: BTreeSet<_> = include_str!("contract_missing.txt").lines().collect();
    let lost: Vec<_> = missing.difference(&listed).collect();
    assert!(lost.is_empty(), "missing members of the contract: {lost:#?}");
    let reached: Vec<_> = listed.difference(&missing).collect();
    assert!(
        reached.is_empty(),
        "delete these members from contract_missing.txt: {reached:#?}"
    );
}

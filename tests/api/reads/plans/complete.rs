//! Every list of the schema is in the tables of this test.

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

use super::tables::{CHILDREN, OTHERS, ROOTS};

/// Lists without a plan to check: a workspace has few agents, teams and queues.
const SHORT: [(&str, &str); 6] = [
    ("Query", "agents"),
    ("Query", "teams"),
    ("Query", "queues"),
    ("Workspace", "agents"),
    ("Workspace", "teams"),
    ("Workspace", "queues"),
];

/// Whether the tables contain a list of an object.
fn is_read(object: &str, list: &str) -> bool {
    if object == "Query" {
        return ROOTS.iter().any(|(root, _)| *root == list);
    }
    let objects = format!("{}s", object.to_lowercase());
    let nested = format!("{{ {list}");
    let children = CHILDREN.iter().map(|(query, ..)| *query);
    children
        .chain(OTHERS.iter().map(|(query, _)| *query))
        .map(|query| query.trim_start_matches("{ "))
        .any(|query| query.starts_with(&objects) && query.contains(&nested))
}

#[test]
fn every_list_of_the_schema_has_its_plan_checked() {
    let schema = parse_schema(deskgraph::graphql::sdl()).expect("a schema");
    let mut missing = Vec::new();
    let mut count = 0;
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        let TypeKind::Object(object) = definition.node.kind else {
            continue;
        };
        for field in object.fields {
            let list = field.node.name.node.to_string();
            if !field.node.ty.node.to_string().ends_with("Connection!") {
                continue;
            }
            count += 1;
            if !SHORT.contains(&(&name, &list)) && !is_read(&name, &list) {
                missing.push(format!("{name}.{list}"));
            }
        }
    }
    assert!(count > SHORT.len(), "the schema has lists");
    assert!(missing.is_empty(), "add these lists to tables.rs: {missing:?}");
}

//! Checks the tables in `docs/rest-equivalents/`: their content is correct, and they contain everything that a REST
//! API documents.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod against;
mod reference;
mod rows;
mod sample;
mod types;
mod usage;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use rows::{Row, VENDORS, read, root};
use types::Types;
use usage::Usage;

fn types() -> Types {
    Types::new(&read(&root().join("schema.graphql")))
}

/// Returns the names of a vendor's documents.
fn documents(vendor: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("operations").join(vendor)).expect("a folder of documents");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter_map(|name| Some(name.strip_suffix(".graphql")?.to_owned()))
        .collect()
}

/// Returns every row of a vendor that breaks a rule, with the error.
fn rows_against(vendor: &str, rule: impl Fn(&Row) -> Result<(), String>) -> Vec<String> {
    let rows = rows::of(vendor);
    let broken = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.place, rule(row).err()?)));
    broken.collect()
}

fn assert_rule(rule: impl Fn(&str, &Row) -> Result<(), String>) {
    let wrong: Vec<String> = VENDORS
        .iter()
        .flat_map(|vendor| rows_against(vendor, |row| rule(vendor, row)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Checks a row `HTTP …` about the protocol: a header that the text mentions, or a status in errors.md with its code.
fn is_protocol(path: &str) -> Result<(), String> {
    let errors = read(&root().join("docs/errors.md"));
    let mut words = path.split(' ').skip(1);
    let first = words.next().unwrap_or_default();
    let there = if first.parse::<u16>().is_err() {
        [rows::index(), errors]
            .iter()
            .any(|text| text.contains(&format!("`{first}")))
    } else {
        let code = words.next().map(|code| format!("`{code}` |")).unwrap_or_default();
        errors.contains(&format!("| {first} | {code}"))
    };
    there.then_some(()).ok_or(format!("{path}: nowhere told of"))
}

#[test]
fn every_path_exists_in_the_schema() {
    let types = types();
    assert_rule(|_, row| match row.path.as_deref() {
        None => Ok(()),
        Some(path) if path.starts_with("HTTP ") => is_protocol(path),
        Some(path) => types.route(path).map(|_| ()),
    });
}

#[test]
fn every_named_document_uses_the_path_of_its_row() {
    let types = types();
    for vendor in VENDORS {
        let used = |name: &String| (name.clone(), Usage::of(&format!("{vendor}/{name}"), &types));
        let used: BTreeMap<_, _> = documents(vendor).iter().map(used).collect();
        let wrong = rows_against(vendor, |row| {
            let (Some(name), Some(path)) = (&row.operation, &row.path) else {
                return Ok(());
            };
            let usage = used.get(name).ok_or(format!("there is no document {name}"))?;
            let follows = usage.follows(&types.route(path)?);
            follows.then_some(()).ok_or(format!("{name} does not use {path}"))
        });
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn every_row_has_a_document_or_a_reason() {
    assert_rule(|_, row| match (&row.path, &row.operation) {
        (None, None) if row.notes.is_empty() => Err("no reason".to_owned()),
        (None, Some(_)) => Err("a document of nothing".to_owned()),
        (Some(path), None) if !path.starts_with("HTTP ") => Err("no document".to_owned()),
        _ => Ok(()),
    });
}

#[test]
fn every_shipped_document_is_named_by_a_row() {
    for vendor in VENDORS {
        let named = rows::of(vendor).into_iter().filter_map(|row| row.operation);
        assert_eq!(named.collect::<BTreeSet<_>>(), documents(vendor), "{vendor}");
    }
}

#[test]
fn no_item_has_two_rows() {
    for vendor in VENDORS {
        let mut items = BTreeSet::new();
        // Documents without a REST equivalent are excluded, because several of them can replace the same call.
        let named = rows::of(vendor).into_iter().filter(|row| row.column().is_some());
        let twice: Vec<_> = named.filter(|row| !items.insert(row.item.clone())).collect();
        assert!(twice.is_empty(), "{twice:#?}");
    }
}

#[test]
fn words_in_capitals_are_enum_values_or_error_codes() {
    let types = types();
    let errors = read(&root().join("docs/errors.md"));
    assert_rule(|_, row| {
        let words = row.notes.split('`').skip(1).step_by(2);
        let mut capitals = words
            .flat_map(|words| words.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_'))
            .filter(|word| {
                word.len() > 2
                    && word
                        .chars()
                        .all(|letter| letter.is_ascii_uppercase() || letter == '_')
            });
        let unknown = capitals.find(|word| !types.has_value(word) && !errors.contains(&format!("`{word}`")));
        unknown.map_or(Ok(()), |word| Err(format!("nothing is called {word}")))
    });
}

#[test]
fn the_stated_counts_match_the_rows() {
    for vendor in VENDORS {
        let counted = rows::counts(&rows::of(vendor));
        let counted: BTreeMap<String, _> = counted
            .into_iter()
            .map(|(key, count)| (key.to_owned(), count))
            .collect();
        assert_eq!(rows::stated(vendor), counted, "{vendor}");
    }
}

#[test]
fn an_unknown_path_is_reported() {
    let types = types();
    for path in [
        "Nothing",
        "Customer.emailx",
        "Customer.email.address",
        "Customer.email(first)",
        "Query.customers(filter.statusx)",
        "CustomerInput.emailx",
        "TicketStatus.OPENED",
        "Query.customers(first",
    ] {
        assert!(types.route(path).is_err(), "{path}");
    }
    for path in [
        "TicketStatus.OPEN",
        "Customer.__typename",
        "Query.tickets(filter.customer.email.eq)",
    ] {
        assert!(types.route(path).is_ok(), "{path}");
    }
}

#[test]
fn a_document_uses_only_its_selected_fields() {
    let types = types();
    let uses = |name: &str, path: &str| {
        let route = types.route(path).expect("a path");
        Usage::of(name, &types).follows(&route)
    };
    assert!(uses("keva/08-get-ticket", "Query.ticket(id)"));
    assert!(uses("keva/08-get-ticket", "Ticket.subject"));
    assert!(!uses("keva/08-get-ticket", "Ticket.messages"));
    assert!(uses("keva/21-ticket-with-thread", "Ticket.messages.nodes.body"));
    assert!(!uses(
        "keva/21-ticket-with-thread",
        "Customer.messages.nodes.body"
    ));
    assert!(uses("keva/06-list-tickets", "Query.tickets(filter.status)"));
    assert!(!uses("keva/06-list-tickets", "Query.tickets(filter.priority)"));
    assert!(uses("keva/09-update-ticket", "TicketUpdateInput.status"));
    assert!(!uses("keva/09-update-ticket", "TicketUpdateInput.subject"));
}

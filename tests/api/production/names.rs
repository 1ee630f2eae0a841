//! Invalid documents while introspection is off: errors contain no name of the schema that is not in the request.

use std::collections::BTreeSet;

use deskgraph::config::Settings;
use serde_json::{Value, json};

use super::everywhere;
use crate::support::{TestApp, on_each_database};

fn off(settings: &mut Settings) {
    settings.introspection = false;
}

/// Names that are known without the schema.
const KNOWN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| character != '_' && !character.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Returns every name of the schema: types, fields, arguments, enum values.
fn names() -> BTreeSet<String> {
    let sdl = deskgraph::graphql::sdl();
    let mut code = String::new();
    // Descriptions are omitted.
    for (n, part) in sdl.split("\"\"\"").enumerate() {
        if n % 2 == 0 {
            code.push_str(part);
        }
    }
    let mut names = words(&code);
    names.retain(|name| !name.starts_with(|first: char| first.is_ascii_digit()));
    names
}

/// Documents with every kind of error that the library reports, with their variables.
fn invalid_documents() -> Vec<(&'static str, Value)> {
    let none = || json!({});
    vec![
        ("{ ticke { id } }", none()),
        ("{ viewer { kin } }", none()),
        ("{ viewer { kind workspace } }", none()),
        ("{ viewer }", none()),
        ("{ viewer { kind { id } } }", none()),
        ("{ tickets(frist: 3) { totalCount } }", none()),
        ("{ tickets(first: \"3\") { totalCount } }", none()),
        ("{ tickets(filter: { statu: OPEN }) { totalCount } }", none()),
        ("{ tickets(filter: { status: OPE }) { totalCount } }", none()),
        ("{ tickets(filter: { status: 3 }) { totalCount } }", none()),
        ("{ tickets(filter: 3) { totalCount } }", none()),
        ("{ tickets(orderBy: { field: CREATE }) { totalCount } }", none()),
        ("{ tickets(orderBy: {}) { totalCount } }", none()),
        ("{ ticket { id } }", none()),
        ("{ nodes { id } }", none()),
        ("{ node(id: \"x\") { subject } }", none()),
        ("{ node(id: \"x\") { ... on Tickt { subject } } }", none()),
        ("{ node(id: \"x\") { ... on Viewer { kind } } }", none()),
        ("{ ...f } fragment f on Ticket { id }", none()),
        ("{ ...f } fragment f on ID { id }", none()),
        ("{ ...f } fragment f on TicketFilte { id }", none()),
        ("{ ...g }", none()),
        (
            "{ viewer { kind } } fragment f on Query { viewer { kind } }",
            none(),
        ),
        ("{ viewer @skp(if: true) { kind } }", none()),
        ("{ viewer @skip { kind } }", none()),
        ("{ viewer @skip(i: true) { kind } }", none()),
        ("query @skip(if: true) { viewer { kind } }", none()),
        ("{ viewer { kind } viewer: tickets { totalCount } }", none()),
        (
            "{ a: tickets(first: 1) { totalCount } a: tickets(first: 2) { totalCount } }",
            none(),
        ),
        ("query($x: Tickt) { ticket(id: $x) { id } }", json!({ "x": "1" })),
        ("query($x: Ticket) { ticket(id: $x) { id } }", json!({ "x": "1" })),
        (
            "query($x: Int) { tickets(filter: $x) { totalCount } }",
            json!({ "x": 1 }),
        ),
        ("query($x: String) { ticket(id: $x) { id } }", json!({ "x": "1" })),
        ("query($x: ID!) { viewer { kind } }", json!({ "x": "1" })),
        ("{ ticket(id: $x) { id } }", none()),
        (
            "query($x: TicketFilter) { tickets(filter: $x) { totalCount } }",
            json!({ "x": { "statu": "OPEN" } }),
        ),
        (
            "query($x: TicketFilter) { tickets(filter: $x) { totalCount } }",
            json!({ "x": { "status": "OPE" } }),
        ),
        (
            "query($x: TicketFilter) { tickets(filter: $x) { totalCount } }",
            json!({ "x": 3 }),
        ),
        (
            "query($x: Int = \"a\") { tickets(first: $x) { totalCount } }",
            none(),
        ),
        ("mutation { ticketCreate(input: {}) { ticket { id } } }", none()),
        ("mutation { ticketCreate { ticket { id } } }", none()),
        ("mutation { ticketUpdat(id: \"x\") { ticket { id } } }", none()),
        (
            "mutation { messageAdd(input: { target: {} , body: \"\" }) { message { id } } }",
            none(),
        ),
        (
            "mutation { messageAdd(input: { target: { ticketId: \"a\", conversationId: \"b\" }, body: \"\" }) { changeCursor } }",
            none(),
        ),
        (
            "mutation { customerUpsert(identifier: {}, input: {}) { customer { id } } }",
            none(),
        ),
        ("subscription { messageAdd { id } }", none()),
        ("subscription { changes(after: 3) { changeCursor } }", none()),
        (
            "subscription { changes(after: \"rubbish\") { changeCursor } }",
            none(),
        ),
        ("query A { viewer { kind } } query B { viewer { kind } }", none()),
        ("{ viewer { kind }", none()),
        ("{ tickets(first: 1, first: 2) { totalCount } }", none()),
        ("{ search(a: 1) { id } }", none()),
    ]
}

async fn errors_contain_no_names_absent_from_the_request(app: TestApp) {
    let (_, admin) = app.admin().await;
    let names = names();
    assert!(names.len() > 300, "{}", names.len());
    let mut told = 0;
    for (query, variables) in invalid_documents() {
        let mut written = words(query);
        written.append(&mut words(&variables.to_string()));
        written.extend(KNOWN.map(str::to_owned));
        let request = json!({ "query": query, "variables": variables });
        for (n, answer) in everywhere(&app, &admin, &request).await.iter().enumerate() {
            // Mutations are not allowed by GET.
            let errors = answer["errors"].as_array();
            let errors = errors.unwrap_or_else(|| panic!("no error for {query}: {answer}"));
            for error in errors {
                told += 1;
                let message = error["message"].as_str().expect("a message");
                assert!(!message.contains("Did you mean"), "{message}");
                let quoted: BTreeSet<_> = words(message)
                    .into_iter()
                    .filter(|word| names.contains(word) && !written.contains(word))
                    .filter(|word| !is_english(word))
                    .collect();
                assert!(quoted.is_empty(), "{n}: {query}: {message}: {quoted:?}");
                // Includes English words in quotation marks.
                let marked = message.split('"').skip(1).step_by(2).flat_map(words);
                let marked: Vec<_> = marked
                    .filter(|word| names.contains(word) && !written.contains(word))
                    .collect();
                assert!(marked.is_empty(), "{n}: {query}: {message}: {marked:?}");
            }
        }
    }
    assert!(told > 150, "{told}");
}

/// Returns true for words in error messages that are also names of the schema.
fn is_english(word: &str) -> bool {
    let english = [
        "at",
        "field",
        "fields",
        "type",
        "types",
        "value",
        "values",
        "name",
        "query",
        "mutation",
        "input",
        "of",
        "on",
        "only",
        "object",
        "objects",
        "directive",
        "enum",
        "query",
        "is",
        "not",
        "in",
        "must",
        "and",
        "or",
        "a",
        "to",
        "subscription",
        "one",
        "if",
        "fragment",
        "document",
        "operation",
        "cursor",
        "over",
        "use",
        "position",
        "this",
    ];
    english.contains(&word)
}

on_each_database!(with super::off; errors_contain_no_names_absent_from_the_request);

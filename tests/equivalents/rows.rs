//! The rows of the tables in `docs/rest-equivalents/`: items of a REST API and their GraphQL equivalents.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Header of every table with rows.
const HEAD: &str = "| Kind | REST name | Operation | GraphQL path | Notes |";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Kinds of rows, and the column of the counts that each belongs to. `beyond` is for documents without a REST
/// equivalent.
const KINDS: [(&str, Option<&str>); 10] = [
    ("endpoint", Some("Endpoints")),
    ("path", Some("Parameters")),
    ("query", Some("Parameters")),
    ("body", Some("Fields")),
    ("response", Some("Fields")),
    ("field", Some("Fields")),
    ("header", Some("Headers, statuses, events")),
    ("status", Some("Headers, statuses, events")),
    ("event", Some("Headers, statuses, events")),
    ("beyond", None),
];

pub const VENDORS: [&str; 3] = ["cstar", "keva", "kustomer"];

/// An item of a REST API: its endpoint (empty for none), its kind and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub endpoint: String,
    pub kind: &'static str,
    pub name: String,
}

impl Item {
    pub fn new(endpoint: &str, kind: &str, name: &str) -> Self {
        let known = KINDS.iter().find(|(known, _)| *known == kind);
        let (kind, _) = known.unwrap_or_else(|| panic!("there is no kind {kind}"));
        Self {
            endpoint: endpoint.to_owned(),
            kind,
            name: name.to_owned(),
        }
    }
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    /// File and line, for messages.
    pub place: String,
    pub item: Item,
    /// Name of a document of the vendor.
    pub operation: Option<String>,
    /// The GraphQL equivalent. `None` if there is none.
    pub path: Option<String>,
    pub notes: String,
}

impl Row {
    /// Returns the column of the counts.
    pub fn column(&self) -> Option<&'static str> {
        let (_, column) = KINDS.iter().find(|(kind, _)| *kind == self.item.kind)?;
        *column
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the page with the links to the tables and the counts.
pub fn index() -> String {
    read(&root().join("docs/rest-equivalents.md"))
}

fn page(vendor: &str) -> PathBuf {
    root().join(format!("docs/rest-equivalents/{vendor}.md"))
}

/// Returns all rows of a vendor's page.
pub fn of(vendor: &str) -> Vec<Row> {
    let text = read(&page(vendor));
    let (mut rows, mut endpoint, mut inside) = (Vec::new(), String::new(), false);
    for (number, line) in text.lines().enumerate() {
        let place = format!("{vendor}.md:{}", number + 1);
        if line.starts_with('#') {
            endpoint = heading(line);
        }
        if !line.starts_with('|') {
            inside = false;
        } else if line == HEAD {
            inside = true;
        } else if inside && !line.starts_with("|---") {
            rows.push(row(place, &endpoint, line));
        }
    }
    rows
}

/// Returns the endpoint in a heading, or an empty text.
fn heading(line: &str) -> String {
    let quoted = line.split('`').nth(1).unwrap_or_default();
    let is_endpoint = quoted
        .split_once(' ')
        .is_some_and(|(method, _)| METHODS.contains(&method));
    if is_endpoint {
        quoted.to_owned()
    } else {
        String::new()
    }
}

fn row(place: String, endpoint: &str, line: &str) -> Row {
    let cells = line.trim_start_matches('|').trim_end_matches('|').split('|');
    let cells: Vec<&str> = cells.map(str::trim).collect();
    let [kind, name, operation, path, notes] = cells[..] else {
        panic!("{place}: not five cells: {line}")
    };
    let quoted = |cell: &str| {
        let inner = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        inner.map(str::to_owned)
    };
    let or_none = |cell: &str| match quoted(cell) {
        None => {
            assert_eq!(cell, "—", "{place}: neither `…` nor —");
            None
        }
        some => some,
    };
    let name = if kind == "beyond" {
        name.to_owned()
    } else {
        quoted(name).unwrap_or_else(|| panic!("{place}: the REST name is not in `…`"))
    };
    Row {
        item: Item::new(endpoint, kind, &name),
        operation: or_none(operation),
        path: or_none(path),
        notes: notes.to_owned(),
        place,
    }
}

/// Returns the numbers of covered and of all rows, by column.
pub fn counts(rows: &[Row]) -> BTreeMap<&'static str, (usize, usize)> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let Some(column) = row.column() else { continue };
        let (covered, all) = counts.entry(column).or_insert((0, 0));
        *covered += usize::from(row.path.is_some());
        *all += 1;
    }
    counts
}

/// Returns the counts on the index page, such as `10 of 11`, or nothing if a vendor documents none.
pub fn stated(vendor: &str) -> BTreeMap<String, (usize, usize)> {
    let index = index();
    let mut lines = index.lines().skip_while(|line| !line.starts_with("| API |"));
    let head = lines.next().expect("the table of counts");
    let link = format!("(rest-equivalents/{vendor}.md)");
    let line = lines.find(|line| line.contains(&link)).expect("a row of counts");
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let cells = head.split('|').map(str::trim).zip(line.split('|').map(str::trim));
    let counted = cells.filter_map(|(column, cell)| {
        let (covered, all) = cell.split_once(" of ")?;
        Some((column.to_owned(), (number(covered), number(all))))
    });
    counted.collect()
}

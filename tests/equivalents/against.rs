//! The rows against the references themselves: `../shared/reference`, which only CI and those who develop Deskgraph
//! have next to their checkout. Without it the tests are ignored.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use needs::needs;

use crate::{
    reference,
    rows::{self, Item, VENDORS, read, root},
};

/// The texts by vendor, which is the first word of a file's name. The folder also has Markdown files about the vendors.
fn texts() -> BTreeMap<String, Vec<(String, String)>> {
    let folder = root().join("../shared/reference");
    let entries = fs::read_dir(&folder).expect("a test with the references says #[needs(reference)]");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut texts: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let vendor = name.split('-').next().unwrap_or_default().to_owned();
        texts.entry(vendor).or_default().push((name, read(&path)));
    }
    texts
}

fn documented(texts: &[(String, String)]) -> BTreeSet<Item> {
    texts
        .iter()
        .flat_map(|(_, text)| reference::items(text))
        .collect()
}

#[needs(reference)]
#[test]
fn rows_and_reference_items_match() {
    let texts = texts();
    let vendors: Vec<&String> = texts.keys().collect();
    assert_eq!(vendors, VENDORS, "each vendor has texts and a page");
    for (vendor, texts) in &texts {
        let documented = documented(texts);
        let rows = rows::of(vendor).into_iter().filter(|row| row.column().is_some());
        let rows: BTreeSet<Item> = rows.map(|row| row.item).collect();
        let missing: Vec<_> = documented.difference(&rows).collect();
        assert!(
            missing.is_empty(),
            "documented by {vendor} without a row: {missing:#?}"
        );
        let invented: Vec<_> = rows.difference(&documented).collect();
        assert!(
            invented.is_empty(),
            "rows that {vendor} does not document: {invented:#?}"
        );
    }
}

#[needs(reference)]
#[test]
fn new_parts_of_the_reference_are_detected() {
    for (name, text) in texts().values().flatten() {
        let count = noticed(name, text);
        assert!(count > 0, "{name}: no place for additions");
    }
}

/// Adds a new item at each possible place, one at a time, and panics if it is not detected. Returns the number of
/// places.
pub fn noticed(name: &str, text: &str) -> usize {
    let before = reference::items(text);
    let changed = additions(text);
    for (line, added) in &changed {
        let after = reference::items(added);
        let is_new = |item: &&Item| format!("{item:?}").contains("brandNew");
        assert!(
            after.difference(&before).any(|item| is_new(&item)),
            "{name}: the addition at line {line} is not detected"
        );
        let lost: Vec<_> = before.difference(&after).collect();
        assert!(
            lost.is_empty(),
            "{name}: the addition at line {line} hides {lost:?}"
        );
    }
    changed.len()
}

/// Returns the text with a new item, for every place where one can be added.
fn additions(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let api = lines.iter().position(|line| line.starts_with("openapi: "));
    let changed = lines.iter().enumerate().filter_map(|(at, line)| {
        let above = at.checked_sub(1).map_or("", |above| lines[above]);
        let new = if api.is_some_and(|api| at > api) {
            added_to_api(line)?
        } else {
            added_to_page(above, line)?
        };
        let (before, after) = (&lines[..at], &lines[at + 1..]);
        let all = [before, &new.iter().map(String::as_str).collect::<Vec<_>>(), after].concat();
        Some((at + 1, all.join("\n")))
    });
    changed.collect()
}

/// Returns the lines that replace one line of an `OpenAPI` file.
fn added_to_api(line: &str) -> Option<Vec<String>> {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let new = match text {
        "properties:" => vec!["  brandNew:", "    type: string"],
        "paths:" => vec!["  /v1/brandNew:", "    get:", "      summary: Something"],
        "responses:" => vec!["  brandNew:", "    description: Something"],
        _ if text.starts_with("operationId:") => vec!["parameters:", "  - name: brandNew", "    in: query"],
        _ => return None,
    };
    let new = new.into_iter().map(|new| format!("{indent}{new}"));
    Some(std::iter::once(line.to_owned()).chain(new).collect())
}

/// Returns the lines that replace one line of a page.
fn added_to_page(above: &str, line: &str) -> Option<Vec<String>> {
    let text = line.trim_start();
    let both = |one: &str, other: &str| Some(vec![one.to_owned(), other.to_owned()]);
    if text.starts_with("|---") {
        let columns = line.matches("---").count();
        let cells = if above.starts_with("| Method |") {
            format!("| GET | /brandNew |{}", " x |".repeat(columns - 2))
        } else {
            format!("brandNew |{}", " x |".repeat(columns - 1))
        };
        both(line, &cells)
    } else if text.starts_with(['"', '“']) && text.contains(':') {
        both("\"brandNew\": 1,", line)
    } else if ["GET /", "POST /", "PATCH /", "DELETE /"]
        .iter()
        .any(|method| text.starts_with(method))
    {
        both("GET /api/brandNew?x=1", line)
    } else if text.starts_with("curl ") {
        both("curl https://example.com/api/brandNew", line)
    } else if above.ends_with("red Fields") || above.ends_with("nal Fields") {
        Some(vec![format!("{line}brandNew: Something")])
    } else if text.contains(".created- ") {
        Some(vec![format!("{line}customer.brandNew- Something")])
    } else if text.contains("the same endpoint") {
        Some(vec![format!(
            "{line} A DELETE request to https://example.com/v1/brandNew is new."
        )])
    } else {
        None
    }
}

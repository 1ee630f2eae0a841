//! The rows that filters match.

mod conversations;
mod customers;
mod logic;
mod messages;
mod nulls;
mod ranges;
mod search;
mod staff;
mod tickets;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{each, names_in};
use crate::support::{Person, TestApp};

/// A list to filter: its path in the response, and the field that identifies its rows.
#[derive(Clone, Copy)]
struct List<'a> {
    app: &'a TestApp,
    person: &'a Person,
    /// `tickets`, or a path such as `customer(id: "…")/messages`.
    path: &'a str,
    label: &'a str,
}

impl List<'_> {
    /// Returns the labels of the matching rows in alphabetical order. The rows and the count must agree.
    async fn finds(&self, arguments: &str) -> String {
        let (around, list) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        let selection = format!("{list}({arguments}) {{ totalCount nodes {{ {} }} }}", self.label);
        let (query, pointer) = if around.is_empty() {
            (format!("{{ {selection} }}"), format!("/{list}"))
        } else {
            (
                format!("{{ around: {around} {{ {selection} }} }}"),
                format!("/around/{list}"),
            )
        };
        let found = self.app.ask(self.person, &query, json!({})).await.at(&pointer);
        let mut labels = each(&found["nodes"], self.label);
        assert_eq!(found["totalCount"], labels.len(), "{arguments}");
        labels.sort();
        labels.join(" ")
    }

    async fn fitting(&self, filter: &str) -> String {
        self.finds(&format!("filter: {{{filter}}}")).await
    }

    /// Each case is a condition and the matching labels. Every field of the filter needs a case that matches some
    /// rows but not all.
    async fn check(&self, filter_type: &str, cases: &[(&str, &str)]) {
        let all = self.fitting("").await;
        let mut tried = BTreeSet::new();
        for (condition, expected) in cases {
            assert_eq!(self.fitting(condition).await, *expected, "{condition}");
            if !expected.is_empty() && *expected != all {
                let (field, _) = condition.split_once(':').unwrap();
                tried.insert(field.to_owned());
            }
        }
        let fields: BTreeSet<_> = names_in(self.app, self.person, filter_type)
            .await
            .into_iter()
            .collect();
        assert_eq!(tried, fields, "tested fields of {filter_type}");
    }
}

/// Returns the id of the row of a list with this label.
async fn id_of(list: List<'_>, label: &str) -> String {
    let List {
        path, label: field, ..
    } = list;
    let query = format!("{{ {path}(first: 100) {{ nodes {{ id {field} }} }} }}");
    let found = list.app.ask(list.person, &query, json!({})).await;
    let nodes: Value = found.at(&format!("/{path}/nodes"));
    let mut nodes = nodes.as_array().unwrap().iter();
    let node = nodes.find(|node| node[field] == label).expect("such a thing");
    node["id"].as_str().unwrap().to_owned()
}

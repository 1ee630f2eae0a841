//! Extracts the content of a REST API reference: endpoints, parameters, fields, headers, statuses and events. It
//! knows the forms of such texts (tables, examples in JSON and curl, lists of fields, `OpenAPI`) but not their
//! content, so that additions are found. It panics on an unknown form.

mod openapi;
mod text;
mod yaml;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rows::Item;

/// A method with a path, and whether the text declares it or only shows a use of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Endpoint {
    method: String,
    path: String,
}

/// The items found so far.
#[derive(Debug, Default)]
struct Found {
    /// Declared endpoints, as written.
    declared: BTreeSet<Endpoint>,
    /// Endpoints from the table, whose paths may lack the common base.
    tabled: BTreeSet<Endpoint>,
    /// Endpoints of examples and links, with real ids in their paths.
    used: BTreeSet<Endpoint>,
    /// All other items, with the endpoint as written.
    items: BTreeSet<(Option<Endpoint>, &'static str, String)>,
    /// Lists `name: meaning` without line breaks.
    lists: Vec<(Endpoint, String)>,
    /// Lines with events, also without line breaks.
    events: Vec<String>,
}

/// Returns everything that a text documents.
pub fn items(text: &str) -> BTreeSet<Item> {
    let mut found = Found::default();
    text::scan(text, &mut found);
    found.finish()
}

impl Endpoint {
    fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
        }
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter(|segment| !segment.is_empty())
    }

    /// Returns the number of equal segments, if `used` is a use of this endpoint.
    fn matches(&self, used: &Self) -> Option<usize> {
        if self.method != used.method || self.segments().count() != used.segments().count() {
            return None;
        }
        let pairs: Vec<_> = self.segments().zip(used.segments()).collect();
        let fits = pairs
            .iter()
            .all(|(mine, theirs)| mine == theirs || is_parameter(mine));
        fits.then(|| pairs.iter().filter(|(mine, theirs)| mine == theirs).count())
    }

    /// Replaces ids in the path by a parameter.
    fn general(&self) -> Self {
        let segments = self.segments().map(|segment| {
            let is_id = segment.len() >= 8 && segment.contains(|letter: char| letter.is_ascii_digit());
            if is_id { "{id}" } else { segment }
        });
        let path: String = segments.map(|segment| format!("/{segment}")).collect();
        Self::new(&self.method, &path)
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with(':') || (segment.starts_with('{') && segment.ends_with('}'))
}

impl Found {
    fn item(&mut self, endpoint: Option<&Endpoint>, kind: &'static str, name: &str) {
        self.items.insert((endpoint.cloned(), kind, name.to_owned()));
    }

    /// Adds the fields of an example at all depths: `emails[].email`, `pagination.total`.
    fn fields(&mut self, endpoint: Option<&Endpoint>, kind: &'static str, prefix: &str, value: &Value) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let objects = value
                .as_array()
                .map(|items| items.iter().filter(|item| item.is_object()));
            let mut objects = objects.into_iter().flatten().peekable();
            let name = format!(
                "{prefix}{key}{}",
                if objects.peek().is_some() { "[]" } else { "" }
            );
            self.item(endpoint, kind, &name);
            for object in objects.chain(value.is_object().then_some(value)) {
                self.fields(endpoint, kind, &format!("{name}."), object);
            }
            if let Some(path) = value.as_str().filter(|text| text.starts_with('/')) {
                self.used.insert(Endpoint::new("GET", path).general());
            }
        }
    }

    /// Adds the base to the paths of the table, as used elsewhere in the text.
    fn complete_tabled(&mut self) {
        let base = self.tabled.iter().find_map(|tabled| {
            let same = self.declared.iter().find(|one| {
                one.method == tabled.method && one.path != tabled.path && one.path.ends_with(&tabled.path)
            });
            same?.path.strip_suffix(&tabled.path).map(str::to_owned)
        });
        for tabled in std::mem::take(&mut self.tabled) {
            let path = match &base {
                Some(base) if !tabled.path.starts_with(base) => format!("{base}{}", tabled.path),
                _ => tabled.path,
            };
            self.declared.insert(Endpoint::new(&tabled.method, &path));
        }
    }

    /// Returns the declared endpoint that this is a use of, or the endpoint itself.
    fn canonical(&self, used: &Endpoint) -> Endpoint {
        let known = self
            .declared
            .iter()
            .filter_map(|one| Some((one.matches(used)?, one)));
        known.max().map_or_else(|| used.clone(), |(_, one)| one.clone())
    }

    fn finish(mut self) -> BTreeSet<Item> {
        self.complete_tabled();
        let known = self.names();
        let mut listed = BTreeSet::new();
        for (endpoint, line) in std::mem::take(&mut self.lists) {
            let is_free = |name: &&String| !listed.contains(&(endpoint.clone(), (*name).clone()));
            // Lists of one endpoint do not repeat names.
            let free = known.iter().filter(is_free).cloned().collect();
            for name in text::unglued(&line, &free) {
                self.item(Some(&endpoint), "body", &name);
                listed.insert((endpoint.clone(), name));
            }
        }
        for line in std::mem::take(&mut self.events) {
            for name in text::events(&line) {
                self.item(None, "event", &name);
            }
        }
        let mut endpoints: BTreeSet<Endpoint> = self.used.iter().map(|used| self.canonical(used)).collect();
        endpoints.extend(self.declared.iter().cloned());
        let mut items = BTreeSet::new();
        for (endpoint, kind, name) in &self.items {
            let endpoint = endpoint.as_ref().map(|endpoint| self.canonical(endpoint));
            let title = endpoint.as_ref().map(Endpoint::to_string).unwrap_or_default();
            items.insert(Item::new(&title, kind, name));
            endpoints.extend(endpoint);
        }
        for endpoint in endpoints {
            let title = endpoint.to_string();
            items.insert(Item::new(&title, "endpoint", &title));
            for segment in endpoint.segments().filter(|segment| is_parameter(segment)) {
                items.insert(Item::new(&title, "path", segment));
            }
        }
        items
    }

    /// Returns the last parts of all names that are certain.
    fn names(&self) -> BTreeSet<String> {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().replace("[]", "");
        self.items.iter().map(|(_, _, name)| last(name)).collect()
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

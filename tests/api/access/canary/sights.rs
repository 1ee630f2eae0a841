//! Everything that can be read: each root field with what it needs, and everything below it, some things deep; every
//! other value of every argument that decides on order, size and choice.

use deskgraph::events::ChangeCursor;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use crate::support::{
    Person, TestApp,
    schema::{Document, Field, Kind, Place, Root, Schema, Things},
};

/// Things in one another below a root field.
const DEEP: usize = 2;
/// More than there is of anything.
const PAGE: u32 = 100;
/// Fields asked for at once where each answers little.
const AT_ONCE: usize = 20;

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The headers, but for those that are of one answer only.
    pub headers: String,
    /// The body.
    pub body: String,
    /// What it took, statements and rows, as the answer tells on request: work beside it does not count.
    pub cost: String,
}

impl Told {
    /// The same without its cost: where one thing is asked for in several places, how many statements it takes is decided
    /// by which answer of the database comes first.
    pub fn without_cost(&self) -> Self {
        Self {
            cost: String::new(),
            ..self.clone()
        }
    }

    /// The same without how far the change log goes: it has a place for every change, seen or not.
    pub fn without_ends(&self) -> Self {
        let mut parts = self.body.split("\"endCursor\":\"");
        let mut body = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (cursor, rest) = part.split_once('"').expect("the end of a text");
            let is_position = cursor.parse::<ChangeCursor>().is_ok();
            let cursor = if is_position { "a position" } else { cursor };
            for part in ["\"endCursor\":\"", cursor, "\"", rest] {
                body.push_str(part);
            }
        }
        Self { body, ..self.clone() }
    }

    /// Where two answers begin to differ, and what they took.
    pub fn differs_from(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let same = self
            .body
            .bytes()
            .zip(other.body.bytes())
            .take_while(|(one, two)| one == two)
            .count();
        let part = |told: &Self| {
            let bytes = told.body.as_bytes();
            let end = bytes.len().min(same + 80);
            let part = String::from_utf8_lossy(&bytes[same.saturating_sub(80).min(end)..end]);
            format!("\n  {} {}: …{part}…", told.status, told.cost)
        };
        Some(format!("{}{}", part(self), part(other)))
    }
}

impl TestApp {
    /// Sends a request as it is, and tells everything about the answer.
    pub async fn tell(&self, person: &Person, request: &str) -> Told {
        let asked = request.strip_suffix('}').expect("an object");
        let request = format!("{asked},\"extensions\":{{\"cost\":true}}}}");
        let response = self.post(Some(&person.credential), &request).await;
        let status = response.status().as_u16();
        let headers = told_in(response.headers());
        let body = response.text().await.expect("a body");
        let (body, cost) = apart(&body);
        Told {
            status,
            headers,
            body,
            cost,
        }
    }
}

/// An answer, and what it says that it took.
fn apart(body: &str) -> (String, String) {
    const HEAD: &str = ",\"extensions\":{\"cost\":";
    let Some((before, rest)) = body.rsplit_once(HEAD) else {
        return (body.to_owned(), String::new());
    };
    let (cost, after) = rest.split_once("}}").expect("the end of the cost");
    (format!("{before}{after}"), format!("{cost}}}"))
}

fn told_in(headers: &HeaderMap) -> String {
    let of_one = ["date", "content-length", "x-request-id"];
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !of_one.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// A field with arguments, and whose it is: of the root, or of a thing.
pub struct Asked<'a> {
    /// The thing's type.
    pub of: Option<&'a str>,
    /// The field.
    pub field: &'a Field,
}

impl Asked<'_> {
    /// Every field of the root, and every field of a thing that takes arguments.
    pub fn all(schema: &Schema) -> Vec<Asked<'_>> {
        let roots = schema.root(Root::Query).iter();
        let mut all: Vec<Asked<'_>> = roots.map(|field| Asked { of: None, field }).collect();
        for (name, known) in schema.types() {
            let is_root = Root::ALL
                .iter()
                .any(|root| std::ptr::eq(schema.root(*root), known.fields.as_slice()));
            let with = known.fields.iter().filter(|field| !field.arguments.is_empty());
            for field in with.filter(|_| !is_root && known.kind == Kind::Object) {
                assert!(
                    schema.is_noun(name),
                    "{name}.{} takes arguments, and {name} has no id: say how it is reached",
                    field.name
                );
                all.push(Asked {
                    of: Some(name),
                    field,
                });
            }
        }
        all
    }

    /// Adds it to a document.
    pub fn add_to(
        &self,
        document: &mut Document,
        things: &Things,
        arguments: &Map<String, Value>,
        selection: &str,
    ) {
        match self.of {
            Some(noun) => document.add_of(noun, things.id(noun), self.field, arguments, selection),
            None => document.add(self.field, arguments, selection),
        }
    }
}

/// Requests for everything that can be seen from what somebody has, and how many ways through the schema they go.
pub fn everything(schema: &Schema, things: &Things) -> (Vec<String>, usize) {
    let mut ways = 0;
    let mut requests = Vec::new();
    for field in schema.root(Root::Query) {
        let of_anything = field.arguments.iter().any(|one| one.of.name == "ID")
            && schema.get(&field.of.name).kind == Kind::Abstract;
        // Where anything may be asked for, each kind is.
        let nouns: Vec<&str> = if of_anything {
            schema.nouns().collect()
        } else {
            vec!["Customer"]
        };
        for noun in nouns {
            let value = &mut |place: &Place| match place.name() {
                "first" => json!(PAGE),
                _ if of_anything => json!(things.id(noun)),
                _ => things.value(schema, field, place),
            };
            let page = ["first".to_owned()];
            let arguments = schema.arguments_to(&field.arguments, &page, value);
            let mut document = Document::new(Root::Query);
            let of = if of_anything { noun } else { &field.of.name };
            let selection = schema.selection(of, DEEP);
            let selected = if of_anything {
                format!(" {{ __typename ... on {noun}{} }}", selection.text)
            } else {
                selection.text
            };
            document.add(field, &arguments, &selected);
            ways += selection.paths.len().max(1);
            requests.push(document.request().to_string());
        }
    }
    (requests, ways)
}

/// Every value of the arguments that hold nothing of anybody: orders, sizes, choices, times.
pub fn choices(schema: &Schema, things: &Things) -> (Vec<String>, usize) {
    let mut requests = Vec::new();
    let mut document = Document::new(Root::Query);
    let mut places = 0;
    for asked in Asked::all(schema) {
        let selection = schema.selection(&asked.field.of.name, 0);
        for leaf in schema.leaves(&asked.field.arguments) {
            for chosen in values(schema, &leaf) {
                places += 1;
                let value = &mut |place: &Place| {
                    if place.path == leaf.path {
                        chosen.clone()
                    } else {
                        things.value(schema, asked.field, place)
                    }
                };
                let arguments = schema.arguments_to(&asked.field.arguments, &leaf.path, value);
                asked.add_to(&mut document, things, &arguments, &selection.text);
                if document.len() == AT_ONCE {
                    requests.push(document.request().to_string());
                    document = Document::new(Root::Query);
                }
            }
        }
    }
    requests.push(document.request().to_string());
    (requests, places)
}

/// The values of a place that hold nothing of anybody.
fn values(schema: &Schema, leaf: &Place) -> Vec<Value> {
    match leaf.of.as_str() {
        "ID" | "String" | "JSON" | "JSONObject" | "ChangeCursor" => Vec::new(),
        "Int" => vec![json!(1), json!(3)],
        "Float" => vec![json!(0.5)],
        "Boolean" => vec![json!(true), json!(false)],
        "DateTime" => vec![
            json!("2026-01-01T12:00:00.000Z"),
            json!("2027-01-01T00:00:00.000Z"),
        ],
        other if schema.get(other).kind == Kind::Enum => {
            let values = &schema.get(other).values;
            values.iter().map(|value| json!(value)).collect()
        }
        other => panic!("{}: a scalar that nobody knows: {other}", leaf.dotted()),
    }
}

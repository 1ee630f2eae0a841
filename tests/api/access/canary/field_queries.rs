//! All queries: each root field with its required arguments and its selection to some depth, and every other value of
//! each argument for order, size and choice.

use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use crate::support::{
    Person, TestApp,
    schema::{Document, Field, Kind, Root, Schema, Things, ValuePath},
};

/// Depth of nested objects below a root field.
const DEEP: usize = 2;
/// Larger than the number of objects of any type.
const PAGE: u32 = 100;
/// Number of fields per request, for fields with small results.
const AT_ONCE: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldAnswer {
    pub status: u16,
    /// Headers, except for those that differ in each response.
    pub headers: String,
    pub body: String,
    /// Cost that the response reports, as statements and rows. Background work is not included.
    pub cost: String,
}

impl FieldAnswer {
    /// Returns the response without its cost. When an object is requested in several places, the number of statements
    /// depends on the order of the database's responses.
    pub fn without_cost(&self) -> Self {
        Self {
            cost: String::new(),
            ..self.clone()
        }
    }

    /// Returns the response without the end of the change log, which counts hidden changes too.
    pub fn without_ends(&self) -> Self {
        let mut parts = self.body.split("\"changeCursor\":\"");
        let mut body = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (cursor, rest) = part.split_once('"').expect("the end of a text");
            // The helpers select fields in the order of their names, so the end of a page precedes `hasNextPage`.
            let is_end = rest.starts_with(",\"hasNextPage\"");
            let cursor = if is_end { "a position" } else { cursor };
            for part in ["\"changeCursor\":\"", cursor, "\"", rest] {
                body.push_str(part);
            }
        }
        Self { body, ..self.clone() }
    }

    /// Returns the first difference between two responses, and their costs.
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
    /// Sends a request and returns the whole response.
    pub async fn tell(&self, person: &Person, request: &str) -> FieldAnswer {
        let asked = request.strip_suffix('}').expect("an object");
        let request = format!("{asked},\"extensions\":{{\"cost\":true}}}}");
        let response = self.post(Some(&person.credential), &request).await;
        let status = response.status().as_u16();
        let headers = header_lines(response.headers());
        let body = response.text().await.expect("a body");
        let (body, cost) = split_cost(&body);
        FieldAnswer {
            status,
            headers,
            body,
            cost,
        }
    }
}

/// Splits a body into the response and its reported cost.
fn split_cost(body: &str) -> (String, String) {
    const HEAD: &str = ",\"extensions\":{\"cost\":";
    let Some((before, rest)) = body.rsplit_once(HEAD) else {
        return (body.to_owned(), String::new());
    };
    let (cost, after) = rest.split_once("}}").expect("the end of the cost");
    (format!("{before}{after}"), format!("{cost}}}"))
}

fn header_lines(headers: &HeaderMap) -> String {
    let of_one = ["date", "content-length", "x-request-id"];
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !of_one.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// A field with arguments, of the root or of an object.
pub struct FieldQuery<'a> {
    /// Type of the object. `None` for root fields.
    pub of: Option<&'a str>,
    pub field: &'a Field,
}

impl FieldQuery<'_> {
    /// Returns all root fields, and all fields of objects with arguments.
    pub fn all(schema: &Schema) -> Vec<FieldQuery<'_>> {
        let roots = schema.root(Root::Query).iter();
        let mut all: Vec<FieldQuery<'_>> = roots.map(|field| FieldQuery { of: None, field }).collect();
        for (name, known) in schema.types() {
            let is_root = Root::ALL
                .iter()
                .any(|root| std::ptr::eq(schema.root(*root), known.fields.as_slice()));
            let with = known.fields.iter().filter(|field| !field.arguments.is_empty());
            for field in with.filter(|_| !is_root && known.kind == Kind::Object) {
                assert!(
                    schema.is_noun(name),
                    "{name}.{} has arguments, and {name} has no id: add a way to request it",
                    field.name
                );
                all.push(FieldQuery {
                    of: Some(name),
                    field,
                });
            }
        }
        all
    }

    /// Adds the field to a document.
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

/// Returns requests for all visible data, starting from some objects, and the number of paths through the schema that
/// they cover.
pub fn everything(schema: &Schema, things: &Things) -> (Vec<String>, usize) {
    let mut ways = 0;
    let mut requests = Vec::new();
    for field in schema.root(Root::Query) {
        let of_anything = field.arguments.iter().any(|one| one.of.name == "ID")
            && schema.get(&field.of.name).kind == Kind::Abstract;
        // If an argument accepts ids of any type, each type is used.
        let nouns: Vec<&str> = if of_anything {
            schema.nouns().collect()
        } else {
            vec!["Customer"]
        };
        for noun in nouns {
            let value = &mut |place: &ValuePath| match place.name() {
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

/// Returns requests with every value of the arguments that contain no user data: order, size, choice and time.
pub fn choices(schema: &Schema, things: &Things) -> (Vec<String>, usize) {
    let mut requests = Vec::new();
    let mut document = Document::new(Root::Query);
    let mut places = 0;
    for asked in FieldQuery::all(schema) {
        let selection = schema.selection(&asked.field.of.name, 0);
        for leaf in schema.leaves(&asked.field.arguments) {
            for chosen in values(schema, &leaf) {
                places += 1;
                let value = &mut |place: &ValuePath| {
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

/// Returns the values of an argument without user data.
fn values(schema: &Schema, leaf: &ValuePath) -> Vec<Value> {
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
        other => panic!("{}: unknown scalar: {other}", leaf.dotted()),
    }
}

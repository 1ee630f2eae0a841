//! Generates random documents.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::value::Values;
use crate::support::schema::{Field, Kind, Root, Schema, Things};

/// Maximum depth of fields.
const DEEP: usize = 6;

/// Generates one document.
pub struct Maker<'a> {
    values: Values<'a>,
    head: Vec<String>,
    fragments: Vec<String>,
    variables: Map<String, Value>,
}

impl<'a> Maker<'a> {
    pub fn new(seed: u64, schema: &'a Schema, things: &'a Things) -> Self {
        Self {
            values: Values {
                rng: Rng::with_seed(seed),
                schema,
                things,
            },
            head: Vec::new(),
            fragments: Vec::new(),
            variables: Map::new(),
        }
    }

    fn once_in(&mut self, times: u32) -> bool {
        self.values.once_in(times)
    }

    /// Returns the whole request.
    pub fn request(mut self) -> Value {
        let root = match self.values.rng.u32(0..10) {
            0 => Root::Subscription,
            1..4 => Root::Mutation,
            _ => Root::Query,
        };
        let fields = self.values.schema.root(root);
        let count = self.values.rng.usize(1..4);
        let body: String = (0..count)
            .map(|at| {
                let field = &fields[self.values.rng.usize(0..fields.len())];
                self.field(field, DEEP, Some(at))
            })
            .collect();
        let head = if self.head.is_empty() {
            String::new()
        } else {
            format!("({})", self.head.join(", "))
        };
        let directive = self.directive();
        let mut query = format!(
            "{} It{head}{directive} {{{body} }} {}",
            root.word(),
            self.fragments.join(" ")
        );
        if self.once_in(25) {
            query = self.broken(&query);
        }
        let mut request = json!({ "query": query, "variables": self.variables });
        match self.values.rng.u32(0..40) {
            0 => request["operationName"] = json!("Nobody"),
            1 => request["operationName"] = self.values.nasty(),
            2 => request["variables"] = self.values.nasty(),
            3 => request["extensions"] = self.values.nasty(),
            4 => request["extensions"] = json!({ "cost": true }),
            _ => {}
        }
        request
    }

    /// Inserts or removes characters.
    fn broken(&mut self, query: &str) -> String {
        let mut letters: Vec<char> = query.chars().collect();
        let at = self.values.rng.usize(0..letters.len());
        if self.values.rng.bool() {
            let other = ['{', '}', '(', '"', '\0', '$', '@', '.', '!', '☃', '#', '\u{feff}'];
            letters.insert(at, self.values.rng.choice(other).expect("one"));
        } else {
            let end = (at + self.values.rng.usize(1..9)).min(letters.len());
            letters.drain(at..end);
        }
        letters.into_iter().collect()
    }

    fn field(&mut self, field: &Field, deep: usize, at: Option<usize>) -> String {
        let alias = match at {
            Some(at) => format!("f{at}: "),
            None if self.once_in(3) => format!("a{}: ", self.values.rng.u32(0..1000)),
            None => String::new(),
        };
        let mut given = Vec::new();
        for input in &field.arguments {
            if (!input.optional || self.once_in(3)) != self.once_in(120) {
                let value = self.values.argument(field, input);
                let value = self.written(&input.of.text, &input.of.name, value);
                given.push(format!("{}: {value}", input.name));
            }
        }
        if self.once_in(150) {
            given.push("nowhere: 1".to_owned());
        }
        let given = if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        };
        let name = if self.once_in(200) { "nowhere" } else { &field.name };
        let directive = self.directive();
        let inner = self.inner(&field.of.name, deep);
        format!(" {alias}{name}{given}{directive}{inner}")
    }

    fn directive(&mut self) -> String {
        if !self.once_in(25) {
            return String::new();
        }
        let value = if self.once_in(5) {
            self.values.nasty()
        } else {
            json!(true)
        };
        let value = self.written("Boolean!", "Boolean", value);
        let name = self
            .values
            .rng
            .choice(["skip", "include", "skip", "include", "nowhere"]);
        format!(" @{}(if: {value})", name.expect("one"))
    }

    /// Returns a value as a literal, or as a variable that contains it.
    fn written(&mut self, text: &str, name: &str, value: Value) -> String {
        if self.values.rng.bool() {
            let is_enum = self
                .values
                .schema
                .types()
                .any(|(known, one)| known == name && one.kind == Kind::Enum);
            return literal(&value, is_enum, self.values.schema);
        }
        let variable = format!("v{}", self.head.len());
        let of = match self.values.rng.u32(0..60) {
            0 => "String",
            1 => "[Int!]",
            2 => "Nowhere",
            _ => text,
        };
        let default = if self.once_in(60) { " = null" } else { "" };
        self.head.push(format!("${variable}: {of}{default}"));
        if !self.once_in(40) {
            self.variables.insert(variable.clone(), value);
        }
        format!("${variable}")
    }

    fn inner(&mut self, of: &str, deep: usize) -> String {
        let known = self.values.schema.get(of);
        match known.kind {
            Kind::Scalar | Kind::Enum if self.once_in(400) => " { id }".to_owned(),
            Kind::Scalar | Kind::Enum => String::new(),
            _ if self.once_in(400) => String::new(),
            _ if deep == 0 => " { __typename }".to_owned(),
            Kind::Abstract => {
                let one = self.values.rng.choice(&known.possible).expect("one");
                format!(" {{ __typename ... on {one}{} }}", self.inner(one, deep - 1))
            }
            _ => {
                let count = self.values.rng.usize(1..5);
                let body: String = (0..count)
                    .map(|_| {
                        let field = &known.fields[self.values.rng.usize(0..known.fields.len())];
                        self.field(field, deep - 1, None)
                    })
                    .collect();
                self.in_fragment(of, &body)
            }
        }
    }

    /// Puts some selections into fragments.
    fn in_fragment(&mut self, of: &str, body: &str) -> String {
        match self.values.rng.u32(0..12) {
            0 => format!(" {{ ... on {of} {{{body} }} }}"),
            1 => format!(" {{ ... {{{body} }} __typename }}"),
            2 => {
                let name = format!("part{}", self.fragments.len());
                let on = if self.once_in(20) { "Query" } else { of };
                let again = if self.once_in(20) {
                    format!(" ...{name}")
                } else {
                    String::new()
                };
                self.fragments
                    .push(format!("fragment {name} on {on} {{{body}{again} }}"));
                format!(" {{ ...{name} ...{name} }}")
            }
            3 if self.once_in(5) => " { ...nowhere }".to_owned(),
            _ => format!(" {{{body} }}"),
        }
    }
}

/// Returns a literal. Strings that are enum values are written without quotation marks where an enum is possible.
fn literal(value: &Value, is_enum: bool, schema: &Schema) -> String {
    match value {
        Value::String(text) if is_enum || is_value(schema, text) => text.clone(),
        Value::Array(items) => {
            let items = items.iter().map(|item| literal(item, is_enum, schema));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", literal(value, is_enum, schema)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn is_value(schema: &Schema, text: &str) -> bool {
    schema
        .types()
        .any(|(_, known)| known.values.iter().any(|value| value == text))
}

//! Generates random values, valid and invalid.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::support::schema::{Field, Input, Kind, Ref, Schema, Things, ValuePath};

/// Maximum length of a text.
const LONG: usize = 70_000;
/// Maximum depth of input objects.
const DEEP: usize = 6;

/// Generates values.
pub struct Values<'a> {
    pub rng: Rng,
    pub schema: &'a Schema,
    pub things: &'a Things,
}

impl Values<'_> {
    /// Returns true with a probability of 1 in `times`.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(0..times) == 0
    }

    pub fn argument(&mut self, field: &Field, input: &Input) -> Value {
        self.value(field, &input.of, None, &mut vec![input.name.clone()])
    }

    fn value(&mut self, field: &Field, of: &Ref, owner: Option<&str>, path: &mut Vec<String>) -> Value {
        if self.once_in(30) {
            return self.nasty();
        }
        if of.list && !self.once_in(20) {
            // Lists refuse most pairs of sort keys.
            let is_order = path.last().is_some_and(|name| name == "orderBy");
            let most = if is_order && !self.once_in(10) { 2 } else { 4 };
            let count = self.rng.usize(0..most);
            return (0..count).map(|_| self.single(field, of, owner, path)).collect();
        }
        self.single(field, of, owner, path)
    }

    fn single(&mut self, field: &Field, of: &Ref, owner: Option<&str>, path: &mut Vec<String>) -> Value {
        let known = self.schema.get(&of.name);
        match known.kind {
            Kind::Input if path.len() > DEEP => json!({}),
            Kind::Input => {
                let mut made = Map::new();
                let chosen = self.rng.usize(0..known.inputs.len());
                for (at, input) in known.inputs.iter().enumerate() {
                    let wanted = if known.one_of {
                        at == chosen
                    } else {
                        !input.optional || self.once_in(5)
                    };
                    if wanted != self.once_in(120) {
                        path.push(input.name.clone());
                        let value = self.value(field, &input.of, Some(&of.name), path);
                        made.insert(input.name.clone(), value);
                        path.pop();
                    }
                }
                if self.once_in(120) {
                    made.insert("nowhere".to_owned(), self.nasty());
                }
                Value::Object(made)
            }
            Kind::Enum => json!(self.rng.choice(&known.values)),
            _ => {
                let place = ValuePath {
                    path: path.clone(),
                    owner: owner.map(str::to_owned),
                    of: of.name.clone(),
                };
                match of.name.as_str() {
                    "Int" => json!(self.rng.i32(0..20)),
                    "Boolean" => json!(self.rng.bool()),
                    "String" if self.once_in(4) => self.text(),
                    "JSON" => self.nasty(),
                    // The viewer and the objects of the test must not be deleted, because later documents need them.
                    "ID" if field.destroys() => json!(self.things.id("Workspace")),
                    _ => self.things.value(self.schema, field, &place),
                }
            }
        }
    }

    fn text(&mut self) -> Value {
        let texts = [
            "",
            " ",
            "\0",
            "a\0b",
            "%",
            "_",
            "\\",
            "'; DROP TABLE ticket; --",
            "\"}{",
            "søren ñandú ＡＢＣ",
            "👩‍👩‍👧",
            "\u{202e}right to left",
            "\u{feff}",
            "\u{1}\u{7f}\u{85}\u{2028}",
            "AQQAAZt5bdYAcACAAAAAAhYABwAAAAGbeW3WAA",
            "AQ",
            "not a cursor",
            "cust_7zzzzzzzzzzzzzzzzzzzzzzzzz",
            "2026-13-45T99:00:00Z",
            "9999-12-31T23:59:59.999Z",
        ];
        if self.once_in(30) {
            return json!("x".repeat(self.rng.usize(0..LONG)));
        }
        json!(self.rng.choice(texts))
    }

    /// Returns a value that is invalid in most places.
    pub fn nasty(&mut self) -> Value {
        match self.rng.u32(0..12) {
            0 => Value::Null,
            1 => json!(i64::MAX),
            2 => json!(u64::MAX),
            3 => json!(i64::from(i32::MIN) - 1),
            4 => json!(1e308),
            5 => json!(-0.0),
            6 => json!(true),
            7 => (0..self.rng.usize(1..40)).fold(json!(1), |inner, _| json!([inner])),
            8 => (0..self.rng.usize(1..40)).fold(json!(1), |inner, _| json!({ "not": inner })),
            9 => json!("NOT_AN_ENUM_VALUE"),
            10 => json!({}),
            _ => self.text(),
        }
    }
}

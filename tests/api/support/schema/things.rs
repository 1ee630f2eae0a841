//! Valid values: ids of existing objects, and addresses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Field, Kind, Schema, ValuePath};
use crate::support::{Person, TestApp, text};

/// Mutations that remove or replace the object in their arguments. They do not get objects that other requests need.
const DESTROYERS: [&str; 3] = ["Delete", "Revoke", "Rotate"];

/// Existing objects.
#[derive(Clone, Debug, Default)]
pub struct Things {
    /// Ids by type.
    pub ids: BTreeMap<String, Vec<String>>,
    /// The address of the first customer.
    pub email: String,
    /// A cursor of the change log.
    pub cursor: String,
}

impl Field {
    /// Returns true if the mutation removes the object in its arguments.
    pub fn destroys(&self) -> bool {
        DESTROYERS.iter().any(|end| self.name.ends_with(end))
    }
}

impl Schema {
    /// Returns the type of the ids at a place. `None` if all types are allowed. Panics if the type is unknown.
    pub fn noun_at(&self, field: &Field, place: &ValuePath) -> Option<String> {
        let name = place.name();
        if ["id", "ids"].contains(&name) {
            let Some(owner) = &place.owner else {
                return self.noun_of_answer(field);
            };
            let ends = ["Filter", "Identifier", "Input"];
            let noun = ends.iter().find_map(|end| owner.strip_suffix(end));
            let noun = noun.filter(|noun| self.is_noun(noun));
            return Some(
                noun.unwrap_or_else(|| panic!("unknown type of the id {}", place.dotted()))
                    .to_owned(),
            );
        }
        if name.starts_with("assigne") || name.starts_with("assignedTo") || name == "inboxOf" {
            return Some("Agent".to_owned());
        }
        let noun = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id"));
        let noun = noun.map(|noun| format!("{}{}", noun[..1].to_uppercase(), &noun[1..]));
        let noun = noun.filter(|noun| self.is_noun(noun));
        Some(noun.unwrap_or_else(|| panic!("unknown type of the id {} of {}", place.dotted(), field.name)))
    }

    /// Returns the type of the result, or of the object in a payload.
    fn noun_of_answer(&self, field: &Field) -> Option<String> {
        if self.is_noun(&field.of.name) {
            return Some(field.of.name.clone());
        }
        let answer = self.get(&field.of.name);
        if answer.kind == Kind::Abstract {
            return None;
        }
        let noun = answer
            .fields
            .iter()
            .map(|one| &one.of.name)
            .find(|name| self.is_noun(name));
        Some(
            noun.unwrap_or_else(|| panic!("unknown type of the id in {}", field.name))
                .clone(),
        )
    }
}

impl Things {
    /// Returns the first id of a type.
    pub fn id(&self, noun: &str) -> &str {
        let ids = self
            .ids
            .get(noun)
            .unwrap_or_else(|| panic!("there is no {noun}: the test must create one"));
        &ids[0]
    }

    pub fn add(&mut self, noun: &str, id: &str) {
        let known = self.ids.entry(noun.to_owned()).or_default();
        if !known.iter().any(|other| other == id) {
            known.push(id.to_owned());
        }
    }

    /// Returns a valid value for a place.
    pub fn value(&self, schema: &Schema, field: &Field, place: &ValuePath) -> Value {
        let name = place.name().to_lowercase();
        match place.of.as_str() {
            "ID" => {
                let noun = schema.noun_at(field, place);
                json!(self.id(noun.as_deref().unwrap_or("Customer")))
            }
            "String" if name.contains("email") => json!(self.email),
            "String" if name == "timezone" => json!("Europe/Berlin"),
            "String" | "JSON" => json!("word"),
            "Int" => json!(5),
            "Float" => json!(0.5),
            "Boolean" => json!(true),
            "DateTime" => json!("2027-01-01T00:00:00.000Z"),
            "JSONObject" => json!({ "word": "word" }),
            "ChangeCursor" => json!(self.cursor),
            other if schema.get(other).kind == Kind::Enum => json!(schema.get(other).values[0]),
            other => panic!("{}: unknown scalar: {other}", place.dotted()),
        }
    }

    /// Reads the start of the change log and the current address, as a viewer.
    pub async fn look(&mut self, app: &TestApp, person: &Person) {
        let query = "query($id: ID!, $ws: ID!) { customer(id: $id) { email } changes(first: 1, workspaceId: $ws) { changeCursor } }";
        let variables = json!({ "id": self.id("Customer"), "ws": self.id("Workspace") });
        let data = app.ask(person, query, variables).await.data();
        text(&data["customer"]["email"]).clone_into(&mut self.email);
        text(&data["changes"]["changeCursor"]).clone_into(&mut self.cursor);
    }
}

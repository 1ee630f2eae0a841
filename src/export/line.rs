//! A line of an export: a JSON object that keeps the order of its fields.

use entity::{
    AgentId, ConversationId, CustomFields, CustomerId, MessageId, TeamId, TicketId, WorkspaceId, agent,
    change,
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    events::{ChangeCursor, Recorded, recorded, recorded_as_word},
    service::sentiment,
};

/// A JSON object with a type.
#[derive(Clone, Debug)]
pub struct Line(Vec<(&'static str, Value)>);

impl Line {
    /// An object with only its type.
    pub fn of(kind: &'static str) -> Self {
        Self(vec![("type", Value::from(kind))])
    }

    /// Adds a field in the form of the API.
    pub fn with(self, name: &'static str, value: &impl Recorded) -> Self {
        self.with_json(name, value.recorded())
    }

    /// Adds a field with a JSON value.
    pub fn with_json(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// Adds the data that only a copy needs, if any.
    pub fn with_copy(self, copy: Option<Value>) -> Self {
        match copy {
            Some(copy) => self.with_json("copy", copy),
            None => self,
        }
    }

    /// Adds the references to other systems.
    pub fn with_references(self, references: Option<&Vec<(String, String)>>) -> Self {
        let one = |(system, id): &(String, String)| json!({ "system": system, "id": id });
        let all = references.into_iter().flatten().map(one).collect();
        self.with_json("externalReferences", all)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

recorded!(
    WorkspaceId, CustomerId, ConversationId, TicketId, MessageId, ChangeCursor => |id| id.to_string()
);
recorded!(i32 => |number| *number);
recorded!(CustomFields => |fields| fields.0.clone());
recorded_as_word!(change::Name, sentiment::Overall, sentiment::Trend);

pub fn agents(rows: Option<&Vec<agent::Model>>) -> Vec<AgentId> {
    rows.into_iter().flatten().map(|row| row.id).collect()
}

pub fn teams(rows: Option<&Vec<entity::team::Model>>) -> Vec<TeamId> {
    rows.into_iter().flatten().map(|row| row.id).collect()
}

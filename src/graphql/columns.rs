//! The columns and referenced rows that an operation reads from each noun.
//!
//! A field is read from the column of the same name, unless the noun declares other columns. A field without either
//! requires the whole row.

use async_graphql::parser::types::OperationType;

use super::{
    listed::Listed,
    loaders::{RowSelection, nouns},
    output::is_named,
};
use crate::{
    request::{Fields, Outline},
    store::Columns,
};

macro_rules! sources {
    ($($noun:ident = $tag:literal: $rows:ident, $by_id:ident;)+) => {
        impl Sources {
            /// Those of a schema.
            pub fn of(fields: &Fields) -> Self {
                let mut sources = Self(vec![Vec::new(); fields.count()]);
                $(sources.note::<entity::$noun::Entity>(fields);)+
                sources
            }
        }
    };
}

nouns!(sources);

/// Columns and pointer that a field is read from.
#[derive(Clone, Copy, Debug)]
struct Source {
    /// Index of the noun in tables.
    noun: usize,
    columns: Columns,
    pointer: u8,
}

/// Columns from which each field of the schema is read, by the number of the field. A field of an interface is read from
/// the columns of each noun that implements it.
#[derive(Debug)]
pub struct Sources(Vec<Vec<Source>>);

impl Sources {
    /// Returns the columns and pointers that an operation reads.
    pub fn asked(&self, outline: &Outline) -> RowSelection {
        if outline.kind == OperationType::Subscription {
            // A subscription checks who may see a row, regardless of the selected fields.
            return RowSelection::ALL;
        }
        let mut asked = RowSelection::default();
        let sources = outline
            .selected
            .iter()
            .filter_map(|id| self.0.get(id.index()))
            .flatten();
        sources.for_each(|source| asked.add(source.noun, source.columns, source.pointer));
        match outline.kind {
            OperationType::Mutation => asked.one_by_one(),
            _ => asked,
        }
    }

    /// Notes of each field of a noun what it is read from.
    fn note<N: Listed>(&mut self, fields: &Fields) {
        const { assert!(N::POINTERS.len() <= 8, "each pointer needs a bit") };
        for (name, field) in fields.of_type(N::NAME) {
            let pointer = N::POINTERS.iter().position(|pointer| pointer.field() == name);
            let columns = if let Some(place) = pointer {
                Columns::named(N::FIELDS, &[N::POINTERS[place].column()])
            } else if let Some(names) = N::computed(name) {
                Columns::named(N::FIELDS, names)
            } else if let Some(column) = N::FIELDS.iter().find(|column| is_named(name, column)) {
                Columns::named(N::FIELDS, &[column])
            } else if field.has_fields {
                // What is neither of these is found by the row's own id, which is always read.
                let id = format!("{name}Id");
                let id = N::FIELDS.iter().find(|column| is_named(&id, column));
                id.map_or(Columns::ID, |column| Columns::named(N::FIELDS, &[column]))
            } else {
                Columns::ALL
            };
            let source = Source {
                noun: N::INDEX,
                columns,
                pointer: pointer.map_or(0, |place| 1 << place),
            };
            for id in fields.of_interfaces(N::NAME, name).chain([field.id]) {
                if let Some(sources) = self.0.get_mut(id.index()) {
                    sources.push(source);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
    use entity::{Fields as _, PartialRow, TeamId, Timestamp, WorkspaceId, team};
    use serde_json::{Value, json};

    use super::*;
    use crate::graphql::{
        error,
        output::{Compiled, Json, Selections, write_answer},
    };

    type Team = <team::Entity as Listed>::Node;

    struct Root(PartialRow<team::Model>);

    #[Object]
    impl Root {
        async fn team(&self) -> Option<Compiled<Team>> {
            Some(Compiled(self.0.clone().into()))
        }
    }

    /// Queries the name of a team of which only these columns were read.
    async fn queried(columns: Columns, request: Request) -> Value {
        let row = team::Model {
            id: TeamId(uuid::Uuid::nil()),
            workspace_id: WorkspaceId(uuid::Uuid::nil()),
            name: String::new(),
            created_at: Timestamp(0),
        };
        let root = Root(PartialRow::of(row, columns));
        let schema = Schema::new(root, EmptyMutation, EmptySubscription);
        let response = error::finish(schema.execute(request).await, "r1");
        let mut json = Json::free();
        write_answer(&response, false, &mut json);
        serde_json::from_str(json.as_str()).expect("JSON")
    }

    #[tokio::test]
    async fn a_field_without_its_column_is_an_internal_error_and_not_the_default() {
        let by_library = || Request::new("{ team { id name } }");
        let compiled = || by_library().data(Selections::default());
        let name = Columns::named(team::Model::FIELDS, &["name"]);
        for request in [by_library(), compiled()] {
            let answer = queried(name, request).await;
            assert_eq!(answer.pointer("/data/team/name"), Some(&json!("")), "{answer}");
        }
        for request in [by_library(), compiled()] {
            let answer = queried(Columns::ID, request).await;
            let error = answer.pointer("/errors/0").expect("an error");
            assert_eq!(error["path"], json!(["team", "name"]), "{answer}");
            assert_eq!(
                error["extensions"],
                json!({"code": "INTERNAL", "requestId": "r1"})
            );
            assert_eq!(answer.pointer("/data/team/name"), None, "{answer}");
            let message = error["message"].as_str().expect("a message");
            assert!(message.starts_with("An internal error occurred."), "{message}");
        }
    }
}

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
    ($($noun:ident = $tag:literal: $slots:ident;)+) => {
        impl Sources {
            /// Those of a schema.
            pub fn of(fields: &Fields) -> Self {
                let mut sources = Self(vec![None; fields.count()]);
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

/// What each field of the schema is read from, by its number.
#[derive(Debug)]
pub struct Sources(Vec<Option<Source>>);

impl Sources {
    /// Returns the columns and pointers that an operation reads.
    pub fn asked(&self, outline: &Outline) -> RowSelection {
        if outline.kind == OperationType::Subscription {
            // A subscription checks who may see a row, regardless of the selected fields.
            return RowSelection::ALL;
        }
        let mut asked = RowSelection::default();
        let sources = outline.selected.iter().filter_map(|id| *self.0.get(id.index())?);
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
                id.map_or(Columns::NONE, |column| Columns::named(N::FIELDS, &[column]))
            } else {
                Columns::ALL
            };
            if let Some(source) = self.0.get_mut(field.id.index()) {
                *source = Some(Source {
                    noun: N::INDEX,
                    columns,
                    pointer: pointer.map_or(0, |place| 1 << place),
                });
            }
        }
    }
}

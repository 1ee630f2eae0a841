//! The columns and referenced rows that an operation reads from each noun.
//!
//! A field is read from the column of the same name, unless the noun declares other columns. A field without either
//! requires the whole row.

use async_graphql::parser::types::OperationType;

use super::{
    listed::{Listed, Pointer},
    output::is_named,
};
use crate::{
    request::{Fields, Outline},
    store::Columns,
};

/// Declares the nouns of the schema. Tables with an entry for each noun follow this order.
macro_rules! nouns {
    ($($noun:ident),+ $(,)?) => {
        /// Tags of the nouns.
        const TAGS: &[u8] = &[$(<entity::$noun::Entity as Listed>::TAG),+];

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

nouns!(agent, conversation, customer, message, queue, team, ticket);

/// Number of nouns.
const NOUNS: usize = TAGS.len();

/// Index of a noun in tables, computed at compile time. A noun that is not declared does not compile, and neither do
/// two nouns with the same tag.
const fn index_of(tag: u8) -> usize {
    let (mut found, mut index) = (None, 0);
    while index < NOUNS {
        if TAGS[index] == tag {
            assert!(found.is_none(), "two nouns have the same tag");
            found = Some(index);
        }
        index += 1;
    }
    match found {
        Some(index) => index,
        None => panic!("the noun is not in the list of nouns"),
    }
}

/// The columns and pointers that an operation reads, for each noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSelection {
    columns: [Columns; NOUNS],
    /// For each noun, a bit for each of its [`Listed::POINTERS`].
    pointers: [u8; NOUNS],
}

impl Default for RowSelection {
    fn default() -> Self {
        Self {
            columns: [Columns::NONE; NOUNS],
            pointers: [0; NOUNS],
        }
    }
}

impl RowSelection {
    /// All columns and no pointers, for loaders that several operations share.
    pub const ALL: Self = Self {
        columns: [Columns::ALL; NOUNS],
        pointers: [0; NOUNS],
    };

    /// Returns the columns of one noun.
    pub fn columns<N: Listed>(&self) -> Columns {
        self.columns[const { index_of(N::TAG) }]
    }

    /// Returns the pointers of one noun.
    pub fn pointers<N: Listed>(&self) -> impl Iterator<Item = &'static dyn Pointer<N>> {
        let asked = self.pointers[const { index_of(N::TAG) }];
        let all = N::POINTERS.iter().enumerate();
        all.filter(move |(place, _)| asked >> place & 1 == 1)
            .map(|(_, pointer)| *pointer)
    }

    /// Adds the columns and the pointer of a field.
    fn add(&mut self, source: Source) {
        self.columns[source.noun] = self.columns[source.noun].and(source.columns);
        self.pointers[source.noun] |= source.pointer;
    }

    /// Removes all pointers: rows are then read when a field requires them. A row that was read earlier would miss
    /// writes in between.
    #[must_use]
    fn one_by_one(self) -> Self {
        Self {
            pointers: [0; NOUNS],
            ..self
        }
    }
}

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
        sources.for_each(|source| asked.add(source));
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
                    noun: const { index_of(N::TAG) },
                    columns,
                    pointer: pointer.map_or(0, |place| 1 << place),
                });
            }
        }
    }
}

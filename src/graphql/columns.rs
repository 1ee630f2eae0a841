//! The columns and referenced rows that an operation reads from each noun.
//!
//! A field is read from the column of the same name, unless the noun declares other columns. A field without either
//! requires the whole row.

use super::{output::is_named, pagination::Listed, relations::Pointer, types::Types};
use crate::store::Columns;

/// Upper bound of the tags of nouns. Tags are smaller than this number.
const NOUNS: usize = 8;

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
        self.columns[usize::from(N::TAG)]
    }

    /// Returns the pointers of one noun.
    pub fn pointers<N: Listed>(&self) -> impl Iterator<Item = &'static Pointer<N>> {
        let asked = self.pointers[usize::from(N::TAG)];
        let all = N::POINTERS.iter().enumerate();
        all.filter(move |(place, _)| asked >> place & 1 == 1)
            .map(|(_, pointer)| pointer)
    }

    /// Adds the columns and the pointer of a field.
    pub fn add(&mut self, source: Source) {
        let noun = usize::from(source.noun);
        self.columns[noun] = self.columns[noun].and(source.columns);
        self.pointers[noun] |= source.pointer;
    }

    /// Removes all pointers: rows are then read when a field requires them. A row that was read earlier would miss
    /// writes in between.
    #[must_use]
    pub fn one_by_one(self) -> Self {
        Self {
            pointers: [0; NOUNS],
            ..self
        }
    }
}

/// Columns and pointer that a field is read from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    noun: u8,
    columns: Columns,
    pointer: u8,
}

/// Records for each field of a noun the columns that it is read from.
pub fn note<N: Listed>(types: &mut Types) {
    let things = types.names();
    for (name, field) in types.fields_mut(N::NAME) {
        let pointer = N::POINTERS.iter().position(|pointer| pointer.field == name);
        let columns = if let Some(place) = pointer {
            Columns::named(N::FIELDS, &[N::POINTERS[place].column()])
        } else if let Some(names) = N::computed(name) {
            Columns::named(N::FIELDS, names)
        } else if let Some(column) = N::FIELDS.iter().find(|column| is_named(name, column)) {
            Columns::named(N::FIELDS, &[column])
        } else if things.contains(&field.name) {
            // Other fields that return an object are found by the id of the row, which is always read.
            let id = format!("{name}Id");
            let id = N::FIELDS.iter().find(|column| is_named(&id, column));
            id.map_or(Columns::NONE, |column| Columns::named(N::FIELDS, &[column]))
        } else {
            Columns::ALL
        };
        field.source = Some(Source {
            noun: N::TAG,
            columns,
            pointer: pointer.map_or(0, |place| 1 << place),
        });
    }
}

//! Which columns an operation asks of each noun's rows, and which rows that they point to.
//!
//! A field of a noun is read from the column of its name, unless the noun says otherwise. What is known of neither reads
//! the whole row.

use super::{output::is_named, pagination::Listed, relations::Pointer, types::Types};
use crate::store::Columns;

/// More than there are nouns: their tags are small.
const NOUNS: usize = 8;

/// What an operation asks of the rows of every noun, wherever they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedRows {
    columns: [Columns; NOUNS],
    /// Of each noun, which of its [`Listed::POINTERS`]: a bit for each.
    pointers: [u8; NOUNS],
}

impl Default for AskedRows {
    fn default() -> Self {
        Self {
            columns: [Columns::NONE; NOUNS],
            pointers: [0; NOUNS],
        }
    }
}

impl AskedRows {
    /// Every column: for those who share what they read.
    pub const ALL: Self = Self {
        columns: [Columns::ALL; NOUNS],
        pointers: [0; NOUNS],
    };

    /// The columns of one noun.
    pub fn columns<N: Listed>(&self) -> Columns {
        self.columns[usize::from(N::TAG)]
    }

    /// What one noun points to.
    pub fn pointers<N: Listed>(&self) -> impl Iterator<Item = &'static Pointer<N>> {
        let asked = self.pointers[usize::from(N::TAG)];
        let all = N::POINTERS.iter().enumerate();
        all.filter(move |(place, _)| asked >> place & 1 == 1)
            .map(|(_, pointer)| pointer)
    }

    /// A field is asked for.
    pub fn add(&mut self, source: Source) {
        let noun = usize::from(source.noun);
        self.columns[noun] = self.columns[noun].and(source.columns);
        self.pointers[noun] |= source.pointer;
    }

    /// The same, but nothing is read before it is asked for: what is written in between would not be seen.
    #[must_use]
    pub fn one_by_one(self) -> Self {
        Self {
            pointers: [0; NOUNS],
            ..self
        }
    }
}

/// What a field is read from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    noun: u8,
    columns: Columns,
    pointer: u8,
}

/// Notes of each field of a noun what it is read from.
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
            // What is neither of these is found by the row's own id, which is always read.
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

//! Which columns an operation asks of each noun's rows.
//!
//! A field of a noun is read from the column of its name, unless the noun says otherwise. What is known of neither reads
//! the whole row.

use super::{output::is_named, pagination::Listed, types::Types};
use crate::store::Columns;

/// More than there are nouns: their tags are small.
const NOUNS: usize = 8;

/// What an operation asks of the rows of every noun, wherever they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedColumns([Columns; NOUNS]);

impl Default for AskedColumns {
    fn default() -> Self {
        Self([Columns::NONE; NOUNS])
    }
}

impl AskedColumns {
    /// Every column: for those who share what they read.
    pub const ALL: Self = Self([Columns::ALL; NOUNS]);

    /// Of one noun.
    pub fn of<N: Listed>(&self) -> Columns {
        self.0[usize::from(N::TAG)]
    }

    /// A field is asked for.
    pub fn add(&mut self, Source { noun, columns }: Source) {
        let all = &mut self.0[usize::from(noun)];
        *all = all.and(columns);
    }
}

/// What a field is read from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    noun: u8,
    columns: Columns,
}

/// Notes of each field of a noun what it is read from.
pub fn note<N: Listed>(types: &mut Types) {
    let things = types.names();
    for (name, field) in types.fields_mut(N::NAME) {
        let columns = if let Some(names) = N::computed(name) {
            Columns::named(N::FIELDS, names)
        } else if let Some(column) = N::FIELDS.iter().find(|column| is_named(name, column)) {
            Columns::named(N::FIELDS, &[column])
        } else if things.contains(&field.name) {
            // Another thing is found by an id, and ids are always read.
            Columns::NONE
        } else {
            Columns::ALL
        };
        field.source = Some(Source {
            noun: N::TAG,
            columns,
        });
    }
}

//! The nouns of the schema, and the rows of them that an operation reads.

use entity::PartialRow;

use super::{LoaderKey, Loaders, Reader, RowSlots, by_id};
use crate::store::{Columns, JoinedRow, Noun, joined::JoinedRows};

/// Calls a macro with the nouns of the schema: for each the module of its entity, its number, the name of its rows,
/// and the loader key of one row. A number never changes, because cursors contain it.
macro_rules! nouns {
    ($then:ident) => {
        $then! {
            customer = 1: customers, CustomerById;
            ticket = 2: tickets, TicketById;
            conversation = 3: conversations, ConversationById;
            message = 4: messages, MessageById;
            agent = 5: agents, AgentById;
            team = 6: teams, TeamById;
            queue = 7: queues, QueueById;
        }
    };
}

pub(in crate::graphql) use nouns;

macro_rules! loadable {
    ($($noun:ident = $tag:literal: $rows:ident, $by_id:ident;)+) => {
        /// Two nouns with the same number do not compile.
        #[expect(non_camel_case_types, reason = "the variants are named after the modules of entities")]
        enum Tag {
            $($noun = $tag),+
        }

        /// Number of nouns.
        const NOUNS: usize = [$(Tag::$noun),+].len();

        /// The loaders of the rows of each noun.
        #[derive(Default)]
        pub struct NounSlots {
            $($rows: RowSlots<entity::$noun::Entity>),+
        }

        /// Rows that were read together with the rows that point to them.
        ///
        /// A noun declares which of its fields return a row that it points to. When an operation selects such a field, a
        /// query for a single row of the noun also reads that row. The field then finds it here. Other rows are loaded as
        /// usual.
        #[derive(Debug, Default)]
        pub struct Prefetched {
            $($rows: JoinedRows<entity::$noun::Entity>),+
        }

        $(impl Loadable for entity::$noun::Entity {
            type ById = by_id::$by_id;
            const TAG: u8 = Tag::$noun as u8;

            fn slots(loaders: &Loaders) -> &RowSlots<Self> {
                &loaders.nouns.$rows
            }

            fn found(prefetched: &Prefetched) -> &JoinedRows<Self> {
                &prefetched.$rows
            }
        })+
    };
}

nouns!(loadable);

/// A noun whose rows are loaded in pages.
pub trait Loadable: Noun {
    /// Loader key of one row.
    type ById: LoaderKey<Answer = PartialRow<Self::Row>> + From<Self::Id>;
    /// Number of the noun, from 1. It is part of cursors and never changes.
    const TAG: u8;
    /// Index of the noun in tables with an entry for each noun.
    const INDEX: usize = {
        let index = Self::TAG as usize - 1;
        assert!(index < NOUNS, "the numbers of nouns have a gap");
        index
    };

    /// Returns the slots of the loaders of this noun.
    fn slots(loaders: &Loaders) -> &RowSlots<Self>;

    /// Returns the rows of this noun that were read ahead.
    fn found(prefetched: &Prefetched) -> &JoinedRows<Self>;
}

/// A noun with rows that point to rows of other nouns.
pub trait Joinable: Loadable {
    /// Returns the read of the row that a pointer leads to, together with a row of this noun. `None` if one statement
    /// cannot read both.
    fn beside(pointer: usize, reader: &Reader) -> Option<Box<dyn JoinedRow<Self> + '_>>;
}

/// The columns and pointers that an operation reads, for each noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSelection {
    columns: [Columns; NOUNS],
    /// For each noun, a bit for each of its pointers.
    pointers: [u8; NOUNS],
}

impl Default for RowSelection {
    fn default() -> Self {
        Self {
            columns: [Columns::ID; NOUNS],
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
    pub fn columns<N: Loadable>(&self) -> Columns {
        self.columns[N::INDEX]
    }

    /// Returns the places of the pointers of one noun.
    pub fn pointers<N: Loadable>(&self) -> impl Iterator<Item = usize> + use<N> {
        let asked = self.pointers[N::INDEX];
        (0..u8::BITS as usize).filter(move |place| asked >> place & 1 == 1)
    }

    /// Adds columns and pointers of the noun with this index.
    pub fn add(&mut self, noun: usize, columns: Columns, pointers: u8) {
        self.columns[noun] = self.columns[noun].and(columns);
        self.pointers[noun] |= pointers;
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

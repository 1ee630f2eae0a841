//! Which part of a list is wanted, as a value.

use sea_orm::prelude::Uuid;

use super::Noun;
use entity::WorkspaceId;

/// What a row is sorted by. A row without a value sorts as zero or as the empty text, on both databases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortValue {
    /// An instant, a rank, a count.
    Number(i64),
    /// A folded text, in byte order.
    Text(String),
}

/// A place in a sorted list: behind or before the row that stands there, whether it still exists or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// What the row is sorted by.
    pub value: SortValue,
    /// Its id, for ties.
    pub id: Uuid,
}

/// By what a list is sorted, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order<S> {
    /// By what.
    pub field: S,
    /// The greatest first.
    pub descending: bool,
}

/// A part of a sorted list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// How many rows at the most.
    pub size: u32,
    /// Counted from the end of the list.
    pub from_end: bool,
    /// Only rows behind this place.
    pub after: Option<Place>,
    /// Only rows before this place.
    pub before: Option<Place>,
    /// Rows to pass over first.
    pub offset: u64,
}

impl Page {
    /// The first rows of a list, from its beginning.
    pub fn beginning(size: u32) -> Self {
        Self {
            size,
            from_end: false,
            after: None,
            before: None,
            offset: 0,
        }
    }
}

/// Everything that decides which rows a list of some noun shows.
pub type ListQuery<N> = Query<<N as Noun>::Filter, <N as Noun>::Sort>;

/// Everything that decides which rows a list shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query<F, S> {
    /// Only this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only rows that fit.
    pub filter: F,
    /// How they are sorted.
    pub order: Order<S>,
    /// Which part.
    pub page: Page,
}

/// A part of a list as it was read.
#[derive(Clone, Debug)]
pub struct Slice<R> {
    /// The rows, in the list's order.
    pub rows: Vec<R>,
    /// Rows follow.
    pub has_next: bool,
    /// Rows come before.
    pub has_previous: bool,
}

impl<R> Default for Slice<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }
}

impl<R> Slice<R> {
    /// From the rows of a statement that asked for one more than the page holds, sorted in its direction of reading.
    pub fn from_probe(mut rows: Vec<R>, page: &Page) -> Self {
        let size = page.size as usize;
        let more = rows.len() > size;
        rows.truncate(size);
        if page.from_end {
            rows.reverse();
            Self {
                rows,
                has_next: page.before.is_some(),
                has_previous: more,
            }
        } else {
            Self {
                rows,
                has_next: more,
                has_previous: page.after.is_some() || page.offset > 0,
            }
        }
    }
}

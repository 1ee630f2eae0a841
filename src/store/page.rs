//! Selection of a part of a list.

use sea_orm::prelude::Uuid;

use super::{Filtered, Noun};
use entity::WorkspaceId;

/// Sort value of a row. A row without a value sorts as zero or as the empty text on both databases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortValue {
    /// Instant, rank or count.
    Number(i64),
    /// Folded text, in byte order.
    Text(String),
}

/// Place in a sorted list, before or after a row that may no longer exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListPosition {
    /// Sort value of the row.
    pub value: SortValue,
    /// Id of the row, to break ties.
    pub id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order<S> {
    pub field: S,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

/// Part of a sorted list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Maximum number of rows.
    pub size: u32,
    /// Whether rows are counted from the end of the list.
    pub from_end: bool,
    /// Only rows after this place.
    pub after: Option<ListPosition>,
    /// Only rows before this place.
    pub before: Option<ListPosition>,
    /// Number of rows to skip.
    pub offset: u64,
}

impl Page {
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

/// All parameters of a list of a noun.
pub type ListQuery<N> = Query<<N as Filtered>::Filter, <N as Noun>::Sort>;

/// All parameters of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query<F, S> {
    /// Only rows of this workspace.
    pub workspace: Option<WorkspaceId>,
    pub filter: F,
    pub order: Order<S>,
    pub page: Page,
}

/// Part of a list as it was read.
#[derive(Clone, Debug)]
pub struct Slice<R> {
    /// Rows in the order of the list.
    pub rows: Vec<R>,
    pub has_next: bool,
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
    /// Builds a slice from the rows of a statement that reads one row more than the page holds, in reading
    /// order.
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

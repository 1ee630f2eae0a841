//! Rows of which only some columns were read.

use std::{fmt, sync::Arc};

use crate::{Columns, Fields};

/// Shared row with the set of its columns that were read.
///
/// The derive `Row` adds a function for each column. It returns [`NotRead`] if the column was not read. The id is
/// always read.
#[derive(Clone)]
pub struct PartialRow<R> {
    /// Columns that were not read have their default values here.
    pub(crate) row: Arc<R>,
    pub(crate) read: Columns,
}

impl<R: Fields> PartialRow<R> {
    /// Creates a row of which only these columns were read.
    pub fn of(row: R, read: Columns) -> Self {
        Self {
            row: Arc::new(row),
            read,
        }
    }

    /// Returns the id.
    pub fn id(&self) -> R::Id {
        self.row.id()
    }
}

impl<R> From<Arc<R>> for PartialRow<R> {
    /// Converts a row of which all columns were read.
    fn from(row: Arc<R>) -> Self {
        Self {
            row,
            read: Columns::ALL,
        }
    }
}

impl<R> From<R> for PartialRow<R> {
    /// Converts a row of which all columns were read.
    fn from(row: R) -> Self {
        Arc::new(row).into()
    }
}

/// A column was used that was not read. Contains the module of the row and the name of the column, for the log only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NotRead(pub &'static str);

impl fmt::Debug for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the column {} was used but not read", self.0)
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column was used but not read")
    }
}

impl std::error::Error for NotRead {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tags, TeamId};

    #[derive(entity::Row)]
    struct Sample {
        id: TeamId,
        name: String,
        email: Option<String>,
        tags: Tags,
        version: i32,
    }

    fn sample() -> Sample {
        Sample {
            id: TeamId(uuid::Uuid::nil()),
            name: "Orders".to_owned(),
            email: Some("a@example.com".to_owned()),
            tags: Tags(vec!["new".to_owned()]),
            version: 3,
        }
    }

    #[test]
    fn a_column_that_was_read_has_its_value() {
        let row = PartialRow::of(sample(), Columns::named(Sample::FIELDS, &["name", "version"]));
        assert_eq!((row.name(), row.version()), (Ok("Orders"), Ok(3)));
        let whole = PartialRow::from(sample());
        assert_eq!(whole.id(), TeamId(uuid::Uuid::nil()));
        assert_eq!((whole.name(), whole.version()), (Ok("Orders"), Ok(3)));
        assert_eq!(whole.email(), Ok(Some("a@example.com")));
        assert_eq!(whole.tags(), Ok(&Tags(vec!["new".to_owned()])));
    }

    #[test]
    fn a_column_that_was_not_read_is_an_error() {
        let row = PartialRow::of(sample(), Columns::named(Sample::FIELDS, &["tags"]));
        assert_eq!(row.id(), TeamId(uuid::Uuid::nil()));
        assert_eq!(row.tags(), Ok(&Tags(vec!["new".to_owned()])));
        let error = NotRead("entity::partial::tests.version");
        assert_eq!(row.version(), Err(error));
        assert!(row.name().is_err() && row.email().is_err());
        assert_eq!(error.to_string(), "a column was used but not read");
    }
}

//! What rows are read with, and what a type must say to be written.

use std::collections::HashMap;

use entity::WorkspaceId;
use uuid::Uuid;

use super::line::Line;
use crate::{
    auth::Scope,
    store::{self, Db, Noun, StoreError},
};

/// What rows are read with.
pub struct Reader<'a> {
    /// From where.
    pub db: &'a Db,
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// The rows that the viewer sees there.
    pub scope: Scope,
    /// The viewer may see internal notes.
    pub notes: bool,
}

/// Where things are called what in other systems.
pub type References = HashMap<Uuid, Vec<(String, String)>>;

impl Reader<'_> {
    /// Where these rows live in other systems.
    pub async fn references<N: Noun>(&self, rows: &[N::Row]) -> Result<References, StoreError> {
        store::external_reference::list_unscoped(self.db, &ids::<N>(rows)).await
    }
}

/// The ids of rows.
pub fn ids<N: Noun>(rows: &[N::Row]) -> Vec<Uuid> {
    rows.iter().map(|row| N::id(row).into()).collect()
}

/// A type whose rows are written.
pub trait Exported: Noun {
    /// The name of its GraphQL type.
    const TYPE: &'static str;

    /// A line for each row. What lies in other tables is read for all of them at once.
    async fn lines(reader: &Reader<'_>, rows: &[Self::Row]) -> Result<Vec<Line>, StoreError>;
}

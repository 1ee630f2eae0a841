//! What rows are read with, and what a type must say to be written.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{WorkspaceId, external_reference};
use serde_json::{Value, json};
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
    /// With what only a copy needs.
    pub complete: bool,
}

/// Where things are called what in other systems.
pub type References = HashMap<Uuid, Vec<(String, String)>>;

impl Reader<'_> {
    /// Where these rows live in other systems.
    pub async fn references<N: Noun>(&self, rows: &[N::Row]) -> Result<References, StoreError> {
        store::external_reference::list_unscoped(self.db, &ids::<N>(rows)).await
    }
}

impl Reader<'_> {
    /// What only a copy needs of references to these rows; none where that is not wanted.
    pub async fn copies<N: Noun>(&self, rows: &[N::Row]) -> Result<Copies, StoreError> {
        if !self.complete {
            return Ok(Copies(None));
        }
        let found = store::external_reference::list_rows_unscoped(self.db, &ids::<N>(rows)).await?;
        Ok(Copies(Some(found)))
    }
}

/// The references of rows, where a copy is wanted.
pub struct Copies(Option<HashMap<Uuid, Vec<external_reference::Model>>>);

impl Copies {
    /// What only a copy needs of a row, beside its references; none where that is not wanted.
    pub fn of(&self, id: Uuid, fields: &[(&str, Value)]) -> Option<Value> {
        let references = self.0.as_ref()?.get(&id).map(Vec::as_slice).unwrap_or_default();
        let one = |row: &external_reference::Model| {
            let told = row.told.as_ref().map(|told| BASE64_STANDARD.encode(told));
            json!({
                "system": row.system, "id": row.external_id, "told": told, "toldAs": row.told_as, "readAs": row.read_as,
            })
        };
        let references = ("externalReferences", references.iter().map(one).collect());
        let fields = fields.iter().cloned().chain([references]);
        Some(fields.map(|(name, value)| (name.to_owned(), value)).collect())
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

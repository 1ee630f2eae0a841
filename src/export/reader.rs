//! The context for reading rows, and the trait of exported types.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{Fields, WorkspaceId, external_reference};
use serde_json::{Value, json};
use uuid::Uuid;

use super::line::Line;
use crate::{
    auth::Scope,
    store::{self, Db, Noun, StoreError},
};

/// The context for reading rows.
pub struct Reader<'a> {
    pub db: &'a Db,
    pub workspace: WorkspaceId,
    /// The rows of the workspace that the viewer sees.
    pub scope: Scope,
    /// Whether the export includes the data that only a copy needs.
    pub complete: bool,
}

/// By row id: pairs of a system and the id of the row in that system.
pub type References = HashMap<Uuid, Vec<(String, String)>>;

impl Reader<'_> {
    /// References of rows to other systems.
    pub async fn references<N: Noun>(&self, rows: &[N::Row]) -> Result<References, StoreError> {
        store::external_reference::list_unscoped(self.db, &ids::<N>(rows)).await
    }
}

impl Reader<'_> {
    /// The complete references of rows, for a copy. Empty unless the export is complete.
    pub async fn copies<N: Noun>(&self, rows: &[N::Row]) -> Result<Copies, StoreError> {
        if !self.complete {
            return Ok(Copies(None));
        }
        let found = store::external_reference::list_rows_unscoped(self.db, &ids::<N>(rows)).await?;
        Ok(Copies(Some(found)))
    }
}

/// The complete references of rows. `None` unless the export is complete.
pub struct Copies(Option<HashMap<Uuid, Vec<external_reference::Model>>>);

impl Copies {
    /// The data of a row that only a copy needs: `fields` and the references. `None` unless the export is
    /// complete.
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

pub fn ids<N: Noun>(rows: &[N::Row]) -> Vec<Uuid> {
    rows.iter().map(|row| row.id().into()).collect()
}

/// A type whose rows are exported.
pub trait Exported: Noun {
    /// Name of the GraphQL type.
    const TYPE: &'static str;

    /// Converts rows to lines. Reads related tables once for all rows.
    async fn lines(reader: &Reader<'_>, rows: &[Self::Row]) -> Result<Vec<Line>, StoreError>;
}

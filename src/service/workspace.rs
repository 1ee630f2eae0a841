//! Creates workspaces, for the operator.

use entity::workspace;

use super::{
    Error, Services,
    validate::{Checks, LINE_MAX},
};
use crate::store;

/// Creates a workspace with an empty change log. It writes no event, because no client can subscribe to the
/// workspace yet.
pub async fn create(services: &Services, name: &str) -> Result<workspace::Model, Error> {
    let mut checks = Checks::default();
    checks.required(name, LINE_MAX, &["name"]);
    checks.finish()?;
    let row = workspace::Model {
        id: services.clock.id(),
        name: name.to_owned(),
        created_at: services.clock.now(),
    };
    let writing = services.db.begin_alone().await?;
    store::workspace::insert(&writing, row.clone()).await?;
    writing.commit().await?;
    Ok(row)
}

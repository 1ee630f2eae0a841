//! Ids of objects in other systems.

use async_graphql::{Context, SimpleObject};
use uuid::Uuid;

use crate::graphql::{context::ContextExt, error::Result, loaders::ReferencesByObject};

/// Id of an object in another system. Set by imports and syncs.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExternalReference {
    /// Name of the other system: `keva`, `kustomer`, `cstar`, or the name given to the import.
    system: String,
    /// Id of the object in the other system.
    id: String,
}

/// Loads the external references of an object that the viewer sees.
pub async fn of(ctx: &Context<'_>, id: impl Into<Uuid>) -> Result<Vec<ExternalReference>> {
    let found = ctx.loaders().load(ReferencesByObject(id.into())).await?;
    let reference = |(system, id): (String, String)| ExternalReference { system, id };
    Ok(found.unwrap_or_default().into_iter().map(reference).collect())
}

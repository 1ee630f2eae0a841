//! API keys.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    context::ContextExt, error::Result, loaders::WorkspaceById, scalars::DateTime, workspace::Workspace,
};
use crate::store::api_key::Opening;

/// A key of a program. The key itself is shown once, when it is made, and kept nowhere.
pub struct ApiKey(pub Arc<Opening>);

/// A key of a program. The key itself is shown once, when it is made, and kept nowhere.
#[Object]
impl ApiKey {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.key.id.into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.key.name
    }

    /// Its first characters, to recognise it by.
    async fn prefix(&self) -> &str {
        &self.0.key.prefix
    }

    /// What it may do: read, write, customer:notes, admin.
    async fn grants(&self) -> &[String] {
        &self.0.key.grants.0
    }

    /// The workspaces that it opens, as far as the viewer sees them.
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<Workspace>> {
        let load = |id| ctx.loaders().load(WorkspaceById(id));
        let found = futures_util::future::try_join_all(self.0.workspaces.iter().copied().map(load)).await?;
        Ok(found.into_iter().flatten().map(Workspace).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.key.created_at.into()
    }

    /// When it was last used, to the minute.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.key.last_used_at.map(Into::into)
    }

    /// From when it is refused.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.key.expires_at.map(Into::into)
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.key.revoked_at.map(Into::into)
    }
}

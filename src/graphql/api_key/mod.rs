//! API keys.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

pub use mutation::ApiKeyMutation;

use super::{
    context::ContextExt,
    error::{Result, forbidden, from_store},
    id,
    loaders::{ApiKeyById, WorkspaceById},
    output::{Compiled, plain_fields},
    scalars::DateTime,
    workspace::Workspace,
};
use crate::{
    auth::policy,
    service::api_key::KEYS_MAX,
    store::api_key::{self as store, Opening},
};

/// A key of a program. The key itself is shown once, when it is made, and kept nowhere.
pub struct ApiKey(pub Arc<Opening>);

impl From<Opening> for ApiKey {
    fn from(opening: Opening) -> Self {
        Self(Arc::new(opening))
    }
}

plain_fields!(ApiKey: id, name, prefix, grants, created_at, last_used_at, expires_at, revoked_at);

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
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Workspace>>> {
        let load = |id| ctx.loaders().load(WorkspaceById(id));
        let found = futures_util::future::try_join_all(self.0.workspaces.iter().copied().map(load)).await?;
        Ok(found.into_iter().flatten().map(Workspace).map(Compiled).collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.key.created_at.into()
    }

    /// When it was last used, to the minute. Whoever stays connected with it uses it.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.key.last_used_at.map(Into::into)
    }

    /// From when it is refused. A key that was rotated ends soon after.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.key.expires_at.map(Into::into)
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.key.revoked_at.map(Into::into)
    }

    /// The key that took its place when it was rotated.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>> {
        let Some(id) = self.0.key.replaced_by_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(ApiKeyById(id)).await?.map(ApiKey))
    }
}

/// The part of the query root on API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The API keys that hold and open a workspace of yours, newest first: at most 500 of each. Needs the grant admin.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that open this workspace.")] workspace_id: Option<ID>,
    ) -> Result<Vec<ApiKey>> {
        let workspace = id::optional("workspaceId", workspace_id.as_ref())?;
        let viewer = ctx.viewer();
        policy::manage(viewer).map_err(forbidden)?;
        let mut scope = viewer.scope();
        if let Some(one) = workspace {
            if !scope.holds(one) {
                return Ok(Vec::new());
            }
            scope.workspaces = [one].into();
        }
        let max = (scope.workspaces.len() * KEYS_MAX) as u64;
        let services = ctx.services();
        let found = store::list(&services.db, &scope, services.clock.now(), max).await;
        Ok(found.map_err(from_store)?.into_iter().map(Into::into).collect())
    }
}

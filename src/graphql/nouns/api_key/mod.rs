//! API keys.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

pub use mutation::ApiKeyMutation;

use super::{viewer::Grant, workspace::Workspace};
use crate::{
    auth::{self, policy},
    graphql::{
        context::ContextExt,
        error::{Result, forbidden, from_store},
        id,
        loaders::{ApiKeyById, WorkspaceById},
        output::{Compiled, plain_fields},
        scalars::DateTime,
    },
    service::api_key::KEYS_MAX,
    store::api_key::{self as store, KeyWithWorkspaces},
};

/// A credential of a program. `apiKeyCreate` and `apiKeyRotate` return the key itself once; only its hash is
/// stored. Agents and API keys see the keys that give access to one of their workspaces. Customers see none.
pub struct ApiKey(pub Arc<KeyWithWorkspaces>);

impl From<KeyWithWorkspaces> for ApiKey {
    fn from(opening: KeyWithWorkspaces) -> Self {
        Self(Arc::new(opening))
    }
}

plain_fields!(ApiKey: id, name, display_name, prefix, grants, created_at, last_used_at, expires_at, revoked_at);

/// A credential of a program. `apiKeyCreate` and `apiKeyRotate` return the key itself once; only its hash is
/// stored. Agents and API keys see the keys that give access to one of their workspaces. Customers see none.
#[Object]
impl ApiKey {
    /// Opaque id. Begins with `key_`.
    pub async fn id(&self) -> ID {
        self.0.key.id.into()
    }

    /// Name of the key, for display.
    async fn name(&self) -> &str {
        &self.0.key.name
    }

    /// Name to show for the key; equal to `name`.
    pub async fn display_name(&self) -> &str {
        &self.0.key.name
    }

    /// First 10 characters of the key, by which a person recognizes it.
    async fn prefix(&self) -> &str {
        &self.0.key.prefix
    }

    /// Permissions of the key: one or more.
    async fn grants(&self) -> Vec<Grant> {
        let known = self.0.key.grants.0.iter();
        known
            .filter_map(|name| name.parse::<auth::Grant>().ok())
            .map(Into::into)
            .collect()
    }

    /// Workspaces to which the key gives access. Workspaces that the viewer does not see are left out.
    async fn workspaces(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Workspace>>> {
        let load = |id| ctx.loaders().load(WorkspaceById(id));
        let found = futures_util::future::try_join_all(self.0.workspaces.iter().copied().map(load)).await?;
        Ok(found.into_iter().flatten().map(Workspace).map(Compiled).collect())
    }

    /// Time when the key was created, in UTC.
    async fn created_at(&self) -> DateTime {
        self.0.key.created_at.into()
    }

    /// Time of the last use, in UTC, exact to the minute. An open connection counts as use. Null until the
    /// first use.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.key.last_used_at.map(Into::into)
    }

    /// Time from which the key is refused, in UTC. `apiKeyRotate` sets it for the old key. Null for a key that
    /// does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.key.expires_at.map(Into::into)
    }

    /// Time when the key was revoked, in UTC. Null for a key that was not revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.key.revoked_at.map(Into::into)
    }

    /// The key that `apiKeyRotate` created in place of this one. Null for a key that was not rotated.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Result<Option<ApiKey>> {
        let Some(id) = self.0.key.replaced_by_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().load(ApiKeyById(id)).await?.map(ApiKey))
    }
}

/// Fields of the query root for API keys.
#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// Lists the API keys that are neither revoked nor expired and give access to one of the viewer's
    /// workspaces, newest first. A workspace has at most 500 such keys. Requires the grant `ADMIN`; the error
    /// is `FORBIDDEN` without it.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Workspace to which the listed keys give access. All workspaces of the viewer when \
                    omitted or null."
        )]
        workspace_id: Option<ID>,
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

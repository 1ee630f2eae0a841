//! The part of the mutation root on API keys.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::ApiKey;
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        input::patch,
        mutate::run,
        payload::{Refusal, UserError},
        scalars::{ChangeCursor, DateTime},
    },
    service::{
        self,
        api_key::{CreateApiKey, Made, OVERLAP_DEFAULT_S, RotateApiKey},
    },
    store::api_key::Opening,
};

/// A new API key.
#[derive(Clone, Debug, InputObject)]
pub struct ApiKeyCreateInput {
    /// What people call it: 1 to 300 characters.
    name: String,
    /// What it may do: read, write, customer:notes, admin. At least one, each once, and none that you do not have.
    grants: Vec<String>,
    /// The workspaces that it opens: at most 100, each once, all of them yours. Your only one when absent.
    workspace_ids: Option<Vec<ID>>,
    /// From when it is refused: a moment that lies ahead. Holds until it is revoked when absent.
    expires_at: Option<DateTime>,
}

/// How an API key is rotated.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ApiKeyRotateInput {
    /// For how many seconds the old key holds on: 0 to 604800, 86400 when absent. 0 ends it at once.
    #[graphql(default_with = "Some(OVERLAP_DEFAULT_S)")]
    overlap_seconds: Option<i32>,
    /// From when the new key is refused: a moment that lies ahead. As the old one when absent, never when null.
    expires_at: MaybeUndefined<DateTime>,
}

/// What a mutation of an API key answers.
#[derive(Default, SimpleObject)]
pub struct ApiKeyPayload {
    /// The key that was made or revoked, as it is now; null when there are userErrors.
    api_key: Option<ApiKey>,
    /// The key itself, for those who come with it. Shown this once, in the first answer of apiKeyCreate and
    /// apiKeyRotate: only its hash is kept, so a request that is repeated under its idempotencyKey is answered with null.
    token: Option<String>,
    /// The old key of apiKeyRotate: its expiresAt tells until when it holds on.
    replaced: Option<ApiKey>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Always null: API keys are settings, and write nothing into the change log.
    cursor: Option<ChangeCursor>,
}

impl ApiKeyPayload {
    fn refused(refusal: Refusal) -> Self {
        Self {
            user_errors: refusal.user_errors,
            ..Self::default()
        }
    }

    fn made(written: std::result::Result<Made, Refusal>) -> Self {
        match written {
            Ok(made) => Self {
                api_key: Some(made.opening.into()),
                token: made.token.map(|token| token.reveal().to_owned()),
                replaced: made.replaced.map(Into::into),
                ..Self::default()
            },
            Err(refusal) => Self::refused(refusal),
        }
    }

    fn revoked(written: std::result::Result<Opening, Refusal>) -> Self {
        match written {
            Ok(revoked) => Self {
                api_key: Some(revoked.into()),
                ..Self::default()
            },
            Err(refusal) => Self::refused(refusal),
        }
    }
}

/// The part of the mutation root on API keys.
#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Makes an API key and shows it, once. Needs the grant admin.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: ApiKeyCreateInput,
        #[graphql(
            desc = "Your name for this request. Sent again, it is answered again, without the token, and not done again."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ApiKeyPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.read(),
            |services, request| async move { service::api_key::create(&services, viewer, request).await },
        );
        Ok(ApiKeyPayload::made(written.await?))
    }

    /// Makes a new API key of the same name, grants and workspaces and shows it, once. The old one holds on for a while,
    /// so that programs can be changed over. Needs the grant admin, and every grant and workspace of the key.
    async fn api_key_rotate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "How; with the defaults when absent.")] input: Option<ApiKeyRotateInput>,
        #[graphql(
            desc = "Your name for this request. Sent again, it is answered again, without the token, and not done again."
        )]
        idempotency_key: Option<String>,
    ) -> Result<ApiKeyPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            input.unwrap_or_default().read(&id),
            |services, request| async move { service::api_key::rotate(&services, viewer, request).await },
        );
        Ok(ApiKeyPayload::made(written.await?))
    }

    /// Revokes an API key: it is refused from now on, by other nodes within a second, and whoever is connected with it is
    /// let go within seconds. Needs the grant admin, and every workspace of the key.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "Your name for this request. Sent again, it is answered again and not done again.")]
        idempotency_key: Option<String>,
    ) -> Result<ApiKeyPayload> {
        let viewer = ctx.viewer();
        let written = run(
            ctx,
            idempotency_key,
            id::input(&["id"], &id),
            |services, id| async move { service::api_key::revoke(&services, viewer, id).await },
        );
        Ok(ApiKeyPayload::revoked(written.await?))
    }
}

impl ApiKeyCreateInput {
    fn read(self) -> std::result::Result<CreateApiKey, service::UserError> {
        let workspaces = self.workspace_ids;
        let workspaces = workspaces.map(|ids| id::list(&["input", "workspaceIds"], &ids));
        Ok(CreateApiKey {
            name: self.name,
            grants: self.grants,
            workspaces: workspaces.transpose()?,
            expires_at: self.expires_at.map(|at| at.0),
        })
    }
}

impl ApiKeyRotateInput {
    fn read(self, id: &ID) -> std::result::Result<RotateApiKey, service::UserError> {
        Ok(RotateApiKey {
            id: id::input(&["id"], id)?,
            overlap_s: self.overlap_seconds.unwrap_or(OVERLAP_DEFAULT_S),
            expires_at: patch(self.expires_at, |at| at.0),
        })
    }
}

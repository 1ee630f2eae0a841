//! Fields of the mutation root for API keys.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use super::ApiKey;
use crate::{
    graphql::{
        id,
        input::patch,
        mutate::mutations,
        nouns::viewer::Grant,
        payload::{UserError, refused},
        scalars::DateTime,
    },
    service::{
        self,
        api_key::{CreateApiKey, CreatedKey, OVERLAP_DEFAULT_S, RotateApiKey},
    },
    store::api_key::KeyWithWorkspaces,
};

/// Fields of a new API key.
#[derive(Clone, Debug, InputObject)]
pub struct ApiKeyCreateInput {
    /// Name of the key: 1 to 300 characters, not blank.
    name: String,
    /// Permissions of the key: one or more, each once. The viewer must have each of them; otherwise the error
    /// is `FORBIDDEN`.
    grants: Vec<Grant>,
    /// Workspaces to which the key gives access: 1 to 100 ids, each once, all of them workspaces of the
    /// viewer. A workspace has at most 500 active keys; one more is refused with `INVALID`. When omitted or
    /// null, the key gives access to the viewer's only workspace. A viewer with several workspaces must give
    /// the ids; otherwise the error is `WORKSPACE_REQUIRED`.
    workspace_ids: Option<Vec<ID>>,
    /// Time from which the key is refused. Must be in the future. The key does not expire when omitted or null.
    expires_at: Option<DateTime>,
}

/// Options of the rotation of an API key.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ApiKeyRotateInput {
    /// Number of seconds for which the old key is still accepted: 0 to 604800. 86400 when omitted or null. 0
    /// ends the old key immediately, on other nodes within one second. The old key never lasts longer than its
    /// own `expiresAt`.
    #[graphql(default_with = "Some(OVERLAP_DEFAULT_S)")]
    overlap_seconds: Option<i32>,
    /// Time from which the new key is refused. Must be in the future. When omitted, the new key expires at the
    /// time at which the old key was to expire. Null creates a key that does not expire.
    expires_at: MaybeUndefined<DateTime>,
}

/// Result of a mutation of an API key.
#[derive(Default, SimpleObject)]
pub struct ApiKeyPayload {
    /// The key that was created or revoked. For `apiKeyRotate`, the new key. Null when `userErrors` is not
    /// empty.
    api_key: Option<ApiKey>,
    /// The key itself, which a client sends after `Bearer` in the `Authorization` header. Returned only in the
    /// first response of `apiKeyCreate` and `apiKeyRotate`, because only its hash is stored. Null for a request
    /// that repeats an `idempotencyKey`, for `apiKeyRevoke`, and when `userErrors` is not empty.
    token: Option<String>,
    /// The old key of `apiKeyRotate`. It is accepted until its `expiresAt`. Null for other mutations and when
    /// `userErrors` is not empty.
    replaced: Option<ApiKey>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
}

refused!(ApiKeyPayload);

impl From<CreatedKey> for ApiKeyPayload {
    fn from(made: CreatedKey) -> Self {
        Self {
            api_key: Some(made.opening.into()),
            token: made.token.map(|token| token.reveal().to_owned()),
            replaced: made.replaced.map(Into::into),
            ..Self::default()
        }
    }
}

impl From<KeyWithWorkspaces> for ApiKeyPayload {
    fn from(revoked: KeyWithWorkspaces) -> Self {
        Self {
            api_key: Some(revoked.into()),
            ..Self::default()
        }
    }
}

mutations! {
    /// Fields of the mutation root for API keys.
    ApiKeyMutation {
        /// Creates an API key. Requires the grant `ADMIN`. Returns the key and, once, the value to authenticate
        /// with in `token`. Errors: `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`,
        /// `TOO_LONG`, `IDEMPOTENCY_KEY_REUSED`.
        api_key_create(
            input: ApiKeyCreateInput = "Fields of the new key.",
        ) keyed "Idempotency key: 1 to 255 characters without control characters, separate for \
                 each caller. A request repeated with the same key and arguments does not run \
                 again: it returns the first result, with the object as it is now and `token` \
                 null. Keys are stored for 24 hours by default."
        -> ApiKeyPayload {
            input.read() => service::api_key::create
        }

        /// Creates a key with the name, grants and workspaces of an existing key, and ends the existing key after
        /// `overlapSeconds`, so that programs can switch without an outage. A key can be rotated once; a second
        /// rotation is refused with `INVALID`, and `existingId` is the new key. An expired or revoked key, and a
        /// key of a workspace that already has 500 active keys, are refused with `INVALID`. Requires the grant
        /// `ADMIN`, every grant of the key, and access to all of its workspaces. Returns the new key and, once,
        /// the value to authenticate with in `token`. Errors: `FORBIDDEN`, `NOT_FOUND`, `INVALID`,
        /// `IDEMPOTENCY_KEY_REUSED`.
        api_key_rotate(
            id: ID = "Id of the key to replace.",
            input: Option<ApiKeyRotateInput> =
                "Options of the rotation. Defaults apply when omitted or null.",
        ) keyed "Idempotency key: 1 to 255 characters without control characters, separate for \
                 each caller. A request repeated with the same key and arguments does not run \
                 again: it returns the first result, with the object as it is now and `token` \
                 null. Keys are stored for 24 hours by default."
        -> ApiKeyPayload {
            input.unwrap_or_default().read(&id) => service::api_key::rotate
        }

        /// Revokes an API key. The node that runs the mutation refuses the key immediately, other nodes within one
        /// second, and open connections of the key end within two seconds. A key that was revoked before stays
        /// unchanged. Requires the grant `ADMIN` and access to all workspaces of the key. Returns the key after the
        /// change. Errors: `FORBIDDEN`, `NOT_FOUND`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
        api_key_revoke(id: ID = "Id of the key.") -> ApiKeyPayload {
            id::input(&["id"], &id) => service::api_key::revoke
        }
    }
}

impl ApiKeyCreateInput {
    fn read(self) -> Result<CreateApiKey, service::UserError> {
        let workspaces = self.workspace_ids;
        let workspaces = workspaces.map(|ids| id::list(&["input", "workspaceIds"], &ids));
        Ok(CreateApiKey {
            name: self.name,
            grants: self.grants.into_iter().map(Into::into).collect(),
            workspaces: workspaces.transpose()?,
            expires_at: self.expires_at.map(|at| at.0),
        })
    }
}

impl ApiKeyRotateInput {
    fn read(self, id: &ID) -> Result<RotateApiKey, service::UserError> {
        Ok(RotateApiKey {
            id: id::input(&["id"], id)?,
            overlap_s: self.overlap_seconds.unwrap_or(OVERLAP_DEFAULT_S),
            expires_at: patch(self.expires_at, |at| at.0),
        })
    }
}

//! A subscription request in a form that can be executed several times and compared with others.

use std::sync::Arc;

use async_graphql::Name;

use crate::{
    auth::{Identity, Scope, Visibility},
    budget::Account,
    graphql::ReadyRequest,
};

/// A subscription request.
#[derive(Clone, Debug)]
pub struct SubscriptionRequest(ReadyRequest);

/// Identity of a subscription. Requests with equal keys get the same responses from any position on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionKey {
    document: Arc<str>,
    operation: Option<String>,
    variables: String,
    visibility: Visibility,
}

impl SubscriptionRequest {
    /// Splits a request into its executable form and its key.
    pub fn of(ready: ReadyRequest) -> (Self, SubscriptionKey) {
        let admitted = &ready.admitted;
        let (document, operation) = (admitted.text.clone(), admitted.operation.clone());
        let mut others = admitted.variables.clone();
        let position = admitted.root_variable(POSITION);
        if let Some(variable) = position.filter(|variable| is_used_once(&document, variable)) {
            others.remove(&Name::new(variable));
        }
        let key = SubscriptionKey {
            document,
            operation,
            variables: serde_json::to_string(&others).unwrap_or_default(),
            visibility: ready.viewer.visibility(),
        };
        (Self(ready), key)
    }

    /// Builds a request that executes a part of the log.
    pub fn again(&self) -> ReadyRequest {
        ReadyRequest {
            account: self.0.account.another(),
            ..self.0.clone()
        }
    }

    /// Returns the rows that the subscriber sees.
    pub fn scope(&self) -> Scope {
        self.0.viewer.scope()
    }

    /// Returns the identity of the subscriber.
    pub fn viewer(&self) -> Identity {
        self.0.viewer.identity
    }

    /// Returns the account that is charged for the responses.
    pub fn account(&self) -> &Arc<Account> {
        &self.0.account
    }

    /// Returns the id of the request.
    pub fn id(&self) -> &str {
        &self.0.id.0
    }
}

/// The argument with the start position of a subscription. Subscribers with different start positions share the
/// responses that follow.
const POSITION: &str = "after";

/// Whether a document uses a variable exactly once, not counting its definition.
fn is_used_once(text: &str, variable: &str) -> bool {
    // A use in a comment counts too. The request is then not shared, which is correct but slower.
    let token = format!("${variable}");
    let is_name = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    // GraphQL allows spaces between `$` and the name. This search does not find such a use, so the request is not
    // shared.
    let apart = |(at, _): (usize, &str)| !text.as_bytes().get(at + 1).is_some_and(|byte| is_name(*byte));
    if text.match_indices('$').any(apart) {
        return false;
    }
    let uses = text.match_indices(&token).filter(|(at, _)| {
        let next = text.as_bytes().get(at + token.len());
        next.is_none_or(|next| !is_name(*next))
    });
    uses.count() == 2
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use entity::{ApiKeyId, WorkspaceId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        auth::{Grant, Viewer},
        config::Settings,
        events::ChangeCursor,
        graphql::{RequestId, gateway},
        request::Sent,
    };

    fn viewer(id: u128, grants: &[Grant], workspace: u128) -> Viewer {
        let grants = grants.iter().copied().collect();
        Viewer::api_key(
            ApiKeyId(Uuid::from_u128(id)),
            grants,
            &[WorkspaceId(Uuid::from_u128(workspace))],
        )
    }

    fn key(query: &str, variables: serde_json::Value, viewer: Viewer) -> SubscriptionKey {
        let gateway = gateway(&Settings::default(), None).expect("a gateway");
        let opened = gateway.open(Sent {
            variables: Variables::from_json(variables),
            ..Sent::text(query)
        });
        let priced = gateway.price(opened, &viewer).expect("within limits");
        let admitted = gateway.admit(priced, &viewer).expect("a valid request");
        let id = RequestId(String::new());
        let account = Account::unbounded();
        SubscriptionRequest::of(ReadyRequest {
            admitted,
            viewer,
            id,
            account,
        })
        .1
    }

    fn position(position: i64) -> String {
        let cursor = ChangeCursor {
            workspace: WorkspaceId(Uuid::from_u128(1)),
            position,
            epoch: 1,
        };
        cursor.to_string()
    }

    #[test]
    fn the_start_position_does_not_separate_subscriptions() {
        let query = "subscription ($after: ChangeCursor, $id: ID) { messageAdded(ticketId: $id, after: $after) { id } }";
        let read = || viewer(1, &[Grant::Read], 1);
        let one = key(query, json!({ "id": "1", "after": position(1) }), read());
        for same in [
            key(query, json!({ "after": position(2), "id": "1" }), read()),
            key(query, json!({ "id": "1" }), read()),
            key(query, json!({ "id": 1 }), viewer(2, &[Grant::Read], 1)),
        ] {
            assert_eq!(one, same);
        }
        for other in [
            key(query, json!({ "id": "2", "after": position(1) }), read()),
            key(
                query,
                json!({ "id": "1" }),
                viewer(1, &[Grant::Read, Grant::CustomerNotes], 1),
            ),
            key(query, json!({ "id": "1" }), viewer(1, &[Grant::Read], 2)),
            key(&format!("{query} "), json!({ "id": "1" }), read()),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_position_variable_used_elsewhere_separates_subscriptions() {
        let once =
            "subscription ($afterwards: Int, $after: ChangeCursor) { messageAdded(after: $after) { id } }";
        assert!(
            is_used_once(once, "after"),
            "a longer name with the same beginning does not count"
        );
        for more in [
            "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id @a(b: $after) } }",
            "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id @a(b: $ after) } }",
        ] {
            assert!(!is_used_once(more, "after"), "{more}");
        }
    }
}

//! A subscription request in a form that can be executed several times and compared with others.

use std::sync::Arc;

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, Selection},
};
use async_graphql_value::Value;

use crate::{
    auth::{Identity, Scope, Viewer, Visibility},
    budget::Account,
    graphql::{Asked, RequestId, execute::operation, follow::SubscriptionRun},
};

/// A subscription request.
#[derive(Clone, Debug)]
pub struct SubscriptionRequest {
    document: String,
    operation: Option<String>,
    variables: Variables,
    viewer: Viewer,
    id: RequestId,
    account: Arc<Account>,
}

/// Identity of a subscription. Requests with equal keys get the same responses from any position on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionKey {
    document: String,
    operation: Option<String>,
    variables: String,
    visibility: Visibility,
}

impl SubscriptionRequest {
    /// Splits a request into its executable form and its key.
    pub fn of(asked: Asked, document: Option<&ExecutableDocument>) -> (Self, SubscriptionKey) {
        let Asked {
            request,
            viewer,
            id,
            account,
        } = asked;
        let mut others = request.variables.clone();
        if let Some(name) = document.and_then(|document| position_variable(&request, document)) {
            others.remove(&async_graphql::Name::new(name));
        }
        let key = SubscriptionKey {
            document: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: serde_json::to_string(&others).unwrap_or_default(),
            visibility: viewer.visibility(),
        };
        let subscription = Self {
            document: request.query,
            operation: request.operation_name,
            variables: request.variables,
            viewer,
            id,
            account,
        };
        (subscription, key)
    }

    /// Builds a request that executes a part of the log.
    pub fn asked(&self, run: SubscriptionRun) -> Asked {
        let mut request = Request::new(self.document.clone()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation);
        Asked {
            request: request.data(run),
            viewer: self.viewer.clone(),
            id: self.id.clone(),
            account: self.account.another(),
        }
    }

    /// Returns the rows that the subscriber sees.
    pub fn scope(&self) -> Scope {
        self.viewer.scope()
    }

    /// Returns the identity of the subscriber.
    pub fn viewer(&self) -> Identity {
        self.viewer.identity
    }

    /// Returns the account that is charged for the responses.
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// Returns the id of the request.
    pub fn id(&self) -> &str {
        &self.id.0
    }
}

/// Returns the variable that is used only as the start position. It is not part of the key: subscribers that start at
/// different positions get the same later responses.
fn position_variable(request: &Request, document: &ExecutableDocument) -> Option<String> {
    let text = request.query.as_str();
    let variable = position_argument(document, request.operation_name.as_deref())?;
    // Counts the definition and one use. A further match in a comment only prevents sharing.
    let token = format!("${variable}");
    let is_name = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    // GraphQL allows spaces between `$` and the name. This search does not find such a use, so the request is not
    // shared.
    let apart = |(at, _): (usize, &str)| !text.as_bytes().get(at + 1).is_some_and(|byte| is_name(*byte));
    if text.match_indices('$').any(apart) {
        return None;
    }
    let uses = text.match_indices(&token).filter(|(at, _)| {
        let next = text.as_bytes().get(at + token.len());
        next.is_none_or(|next| !is_name(*next))
    });
    (uses.count() == 2).then_some(variable)
}

fn position_argument(document: &ExecutableDocument, name: Option<&str>) -> Option<String> {
    let root = &operation(document, name)?.selection_set.node;
    let [field] = root.items.as_slice() else {
        return None;
    };
    let Selection::Field(field) = &field.node else {
        return None;
    };
    let after = field.node.get_argument("after")?;
    match &after.node {
        Value::Variable(variable) => Some(variable.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use entity::{ApiKeyId, WorkspaceId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::auth::Grant;

    fn viewer(id: u128, grants: &[Grant], workspace: u128) -> Viewer {
        let grants = grants.iter().copied().collect();
        Viewer::api_key(
            ApiKeyId(Uuid::from_u128(id)),
            grants,
            &[WorkspaceId(Uuid::from_u128(workspace))],
        )
    }

    fn key(query: &str, variables: serde_json::Value, viewer: Viewer) -> SubscriptionKey {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let id = RequestId(String::new());
        let document = parse_query(query).expect("a document");
        let asked = Asked {
            request,
            viewer,
            id,
            account: Account::unbounded(),
        };
        SubscriptionRequest::of(asked, Some(&document)).1
    }

    #[test]
    fn what_begins_elsewhere_is_the_same_and_what_asks_or_sees_differently_is_not() {
        let query = "subscription ($after: ChangeCursor, $id: ID) { messageAdded(ticketId: $id, after: $after) { id } }";
        let read = || viewer(1, &[Grant::Read], 1);
        let one = key(query, json!({ "id": "1", "after": "a" }), read());
        for same in [
            key(query, json!({ "after": "b", "id": "1" }), read()),
            key(query, json!({ "id": "1" }), read()),
            key(query, json!({ "id": "1" }), viewer(2, &[Grant::Read], 1)),
        ] {
            assert_eq!(one, same);
        }
        for other in [
            key(query, json!({ "id": "2", "after": "a" }), read()),
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
    fn a_position_that_is_used_for_more_is_a_variable_like_others() {
        let query =
            "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id @include(if: $after) } }";
        let at = |position: &str| key(query, json!({ "after": position }), viewer(1, &[Grant::Read], 1));
        assert_ne!(at("a"), at("b"));
        let apart = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { id @include(if: $ after) } }";
        let at = |position: &str| key(apart, json!({ "after": position }), viewer(1, &[Grant::Read], 1));
        assert_ne!(at("a"), at("b"), "a use that is written apart");
        let longer =
            "subscription ($afterwards: Int, $after: ChangeCursor) { messageAdded(after: $after) { id } }";
        let at = |position: &str| key(longer, json!({ "after": position }), viewer(1, &[Grant::Read], 1));
        assert_eq!(at("a"), at("b"));
    }
}

//! GraphQL over POST and GET.

use std::sync::Arc;

use async_graphql::{Extensions, Variables, parser::types::OperationType};
use axum::{
    body::Body,
    extract::{FromRequestParts, Query, State, WebSocketUpgrade},
    http::{
        HeaderMap, HeaderValue, Request as HttpRequest, StatusCode,
        header::{ALLOW, WWW_AUTHENTICATE},
    },
    response::Response,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ServerState,
    authenticate::{self, Refused},
    body::ReceivedBody,
    content,
    reply::Reply,
    shape, sse, ws,
};
use crate::{
    auth::Viewer,
    graphql::{
        IncomingRequest,
        error::{Code, failure, finish, refusal},
        execute, execute_batch, refused,
        retry_hint::retry_hint,
    },
    request::{Opened, Sent},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
    document_id: Option<String>,
}

/// Handles a query in the URL, or the upgrade to a WebSocket.
pub async fn get(State(state): State<Arc<ServerState>>, request: HttpRequest<Body>) -> Response {
    let (mut parts, _) = request.into_parts();
    match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => return ws::upgrade(state, upgrade, &parts),
        Err(why) if ws::is_intended(&parts.headers) => return ws::not_upgraded(&state, &why, &parts),
        Err(_) => {}
    }
    let reply = Reply::to(&state, &parts.headers);
    // As for POST: unauthenticated requests cause neither parsing nor document lookups.
    let viewer = match reply.viewer(&state, &parts.headers).await {
        Ok(viewer) => viewer,
        Err(refused) => return refused,
    };
    let Ok(Query(parameters)) = Query::<GetParameters>::try_from_uri(&parts.uri) else {
        return reply.malformed("The query string of the URL is malformed.");
    };
    let sent = parameters.variables.as_deref().unwrap_or_default();
    if let Err(refusal) = state.graph.gateway().check_json(sent.as_bytes()) {
        return reply.write(StatusCode::BAD_REQUEST, &refused(refusal));
    }
    let Ok(variables) = object(parameters.variables.as_deref()) else {
        return reply.malformed("`variables` is not a JSON object.");
    };
    let extensions =
        object(parameters.extensions.as_deref()).map(serde_json::from_value::<Option<Extensions>>);
    let Ok(Ok(extensions)) = extensions else {
        return reply.malformed("`extensions` is not a JSON object.");
    };
    let sent = Sent {
        query: parameters.query.unwrap_or_default(),
        operation_name: parameters.operation_name.filter(|name| !name.is_empty()),
        variables: Variables::from_json(variables),
        extensions: extensions.unwrap_or_default(),
        document_id: parameters.document_id,
    };
    if sent.query.is_empty() && !sent.names_document() {
        return reply.malformed("`query` is required.");
    }
    let size = parts.uri.query().map_or(0, str::len);
    // A GET request must not change data, because a link on any page could then write in the name of its
    // visitor.
    let opened = state.graph.open(sent);
    let harmless = match opened.kind() {
        None | Some(OperationType::Query) => true,
        Some(OperationType::Subscription) => sse::is_wanted(&parts.headers, &opened),
        Some(OperationType::Mutation) => false,
    };
    if !harmless {
        return not_allowed(&reply, "GET requests can only run queries. Use POST.", "POST");
    }
    reply.answer(&state, &parts.headers, viewer, (opened, size)).await
}

/// Handles all other methods.
pub async fn other_method(State(state): State<Arc<ServerState>>, headers: HeaderMap) -> Response {
    let reply = Reply::to(&state, &headers);
    not_allowed(
        &reply,
        "This HTTP method is not supported. Use GET or POST.",
        "GET, POST",
    )
}

fn not_allowed(reply: &Reply, message: &str, allowed: &'static str) -> Response {
    let mut response = reply.refuse(StatusCode::METHOD_NOT_ALLOWED, message);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Handles a request in a body.
pub async fn post(State(state): State<Arc<ServerState>>, request: HttpRequest<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let reply = Reply::to(&state, &parts.headers);
    let encoding = match content::check(&parts.headers) {
        Ok(encoding) => encoding,
        Err(unsupported) => return reply.unsupported(unsupported),
    };
    // Authenticate first: the server does not store bodies of unauthenticated callers.
    let viewer = match reply.viewer(&state, &parts.headers).await {
        Ok(viewer) => viewer,
        Err(refused) => return refused,
    };
    let read = state.bodies.read(viewer.identity, body, encoding, &state.bounds);
    let body = match read.await {
        Ok(body) => body,
        Err(error) => return reply.no_body(error),
    };
    if let Err(refusal) = state.graph.gateway().check_json(body.text()) {
        return reply.write(StatusCode::BAD_REQUEST, &refused(refusal));
    }
    // Checked first: Serde would accept a list as a request whose fields are given by position.
    if body.text().trim_ascii_start().starts_with(b"[") {
        // Boxed, because otherwise the future of every request would reserve memory for this rare case.
        return Box::pin(reply.answer_all(&state, viewer, body)).await;
    }
    match serde_json::from_slice::<Sent>(body.text()) {
        Ok(sent) => {
            let size = body.text().len();
            // Release the reservation of the body for other requests.
            drop(body);
            let opened = state.graph.open(sent);
            reply.answer(&state, &parts.headers, viewer, (opened, size)).await
        }
        Err(error) => reply.malformed(&shape::fault(body.text(), &error)),
    }
}

/// The parameter is not a JSON object.
struct NoObject;

/// Parses a parameter as a JSON object. Null if the parameter is absent or empty.
fn object(text: Option<&str>) -> Result<serde_json::Value, NoObject> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(serde_json::Value::Null);
    };
    match serde_json::from_str(text) {
        Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Null)) => Ok(value),
        _ => Err(NoObject),
    }
}

impl Reply {
    async fn answer(
        &self,
        state: &ServerState,
        headers: &HeaderMap,
        viewer: Viewer,
        (request, size): (Opened, usize),
    ) -> Response {
        if sse::is_wanted(headers, &request) {
            return match sse::resume(headers) {
                Ok(resume) => sse::answer(state, viewer, self, (request, size), resume),
                Err(reason) => self.malformed(reason),
            };
        }
        let (account, _charge) = match state.account(&viewer) {
            Ok(opened) => opened,
            Err(refused) => return self.full(*refused),
        };
        let response = execute(
            &state.graph,
            IncomingRequest {
                request,
                viewer,
                id: self.id.clone(),
                account: account.clone(),
            },
        )
        .await;
        self.respond(&response, Some(&account))
    }

    /// Responds to a list of requests with a list.
    async fn answer_all(&self, state: &ServerState, viewer: Viewer, body: ReceivedBody) -> Response {
        // The number of requests is checked before any of them is parsed.
        let Ok(requests) = serde_json::from_slice::<Vec<&RawValue>>(body.text()) else {
            return self.malformed("The request body is not a list of GraphQL requests.");
        };
        if let Err(refusal) = state.graph.gateway().check_batch(requests.len()) {
            return self.write(StatusCode::BAD_REQUEST, &refused(refusal));
        }
        let mut read = Vec::with_capacity(requests.len());
        for (place, one) in requests.into_iter().enumerate() {
            // Serde would accept a nested list as a request whose fields are given by position.
            if !one.get().starts_with('{') {
                return self.malformed("The request body is not a list of GraphQL requests.");
            }
            match serde_json::from_str::<Sent>(one.get()) {
                Ok(sent) => read.push(sent),
                Err(error) => {
                    let fault = shape::fault(one.get().as_bytes(), &error);
                    return self.malformed(&format!("Request {place} of the list is invalid. {fault}"));
                }
            }
        }
        drop(body);
        let (account, _charge) = match state.account(&viewer) {
            Ok(opened) => opened,
            Err(refused) => return self.full(*refused),
        };
        let batch = read.into_iter().map(|sent| IncomingRequest {
            request: state.graph.open(sent),
            viewer: viewer.clone(),
            id: self.id.clone(),
            account: account.clone(),
        });
        let responses = execute_batch(&state.graph, &viewer, batch.collect()).await;
        // If one request must be retried later, the whole list must be.
        let retry_hint = responses
            .iter()
            .filter_map(retry_hint)
            .find(|retry_hint| retry_hint.retry_after.is_some());
        Self::with_retry_hint(retry_hint, self.write_all(&responses, &account))
    }

    async fn viewer(&self, state: &ServerState, headers: &HeaderMap) -> Result<Viewer, Response> {
        match authenticate::viewer(state, authenticate::from_headers(headers)).await {
            Ok(viewer) => Ok(viewer),
            Err(Refused::Unauthenticated) => {
                let message = "A valid token or API key is required. Send it in the header `Authorization: Bearer <token>`.";
                let answer = refusal(Code::Unauthenticated, message);
                let mut response = self.write(StatusCode::UNAUTHORIZED, &answer);
                let challenge = HeaderValue::from_static(authenticate::challenge(headers));
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                Err(response)
            }
            Err(Refused::Failed(error)) => Err(self.respond(&finish(failure(error), &self.id.0), None)),
        }
    }
}

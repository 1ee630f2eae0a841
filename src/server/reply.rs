//! How an answer is written: as which kind, with which status.

use async_graphql::Response as Answer;
use axum::{
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::ServerState;
use crate::graphql::{
    RequestId,
    error::{Code, refusal},
};

/// How one request is answered.
pub struct Reply {
    /// Of the request.
    pub id: RequestId,
    /// The caller knows the newer form, in which the status tells whether the request was run.
    modern: bool,
}

impl Reply {
    /// To a request with these headers.
    pub fn to(state: &ServerState, headers: &HeaderMap) -> Self {
        let accept = headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let id: uuid::Uuid = state.services.clock.id();
        Self {
            id: RequestId(id.simple().to_string()),
            modern: accept.contains("application/graphql-response+json"),
        }
    }

    /// Whether an answer tells that it was run.
    pub fn status(&self, answer: &Answer) -> StatusCode {
        let was_run = !answer.data.eq(&async_graphql::Value::Null) || answer.errors.is_empty();
        let failed_whole = answer.errors.iter().all(|error| error.path.is_empty());
        if self.modern && !was_run && failed_whole {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        }
    }

    /// The same, with the seconds to wait where there are any.
    pub fn told_to_wait(seconds: Option<u64>, mut response: Response) -> Response {
        if let Some(seconds) = seconds {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    /// To what is no request.
    pub fn malformed(&self, message: &str) -> Response {
        self.refuse(StatusCode::BAD_REQUEST, message)
    }

    /// To what is refused whoever asks.
    pub fn refuse(&self, status: StatusCode, message: &str) -> Response {
        self.write(status, &refusal(Code::BadUserInput, message))
    }

    /// Writes an answer, or several.
    pub fn write(&self, status: StatusCode, answer: &impl Serialize) -> Response {
        let kind = if self.modern {
            "application/graphql-response+json"
        } else {
            "application/json"
        };
        let Ok(bytes) = serde_json::to_vec(answer) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let headers = [
            (CONTENT_TYPE, format!("{kind}; charset=utf-8")),
            (HeaderName::from_static("x-request-id"), self.id.0.clone()),
        ];
        (status, headers, bytes).into_response()
    }
}

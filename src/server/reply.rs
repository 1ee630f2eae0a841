//! Writes responses: content type, status and headers.

use std::sync::Arc;

use async_graphql::Response as Answer;
use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};

use super::{ServerState, accept::Accepted, body::BodyError, content::Unsupported};
use crate::{
    budget::Account,
    graphql::{
        RequestId,
        error::{Code, finish, out_of_room, refusal},
        output::{Json, was_not_run, write_answer, write_list},
        retry_hint::{RetryHint, retry_hint},
    },
};

/// Writes the response to one request.
pub struct Reply {
    pub id: RequestId,
    /// The caller accepts `application/graphql-response+json`, whose status shows whether the request was
    /// executed.
    modern: bool,
}

impl Reply {
    /// Creates the reply to a request with the given headers.
    pub fn to(state: &ServerState, headers: &HeaderMap) -> Self {
        let id: uuid::Uuid = state.services.clock.id();
        Self {
            id: RequestId(id.simple().to_string()),
            modern: Accepted::of(headers).is_modern(),
        }
    }

    /// Writes the response to a request. Its bytes are charged to the account until they have been sent.
    pub fn respond(&self, answer: &Answer, account: Option<&Arc<Account>>) -> Response {
        let json = json(answer, account);
        if let (true, Some(exceeded)) = (json.is_over(), account.and_then(|account| account.exceeded())) {
            return self.full(out_of_room(exceeded));
        }
        Self::with_retry_hint(retry_hint(answer), self.written(self.status(answer), json))
    }

    /// Writes the response to a request for which there are not enough resources.
    pub fn full(&self, refused: Answer) -> Response {
        self.respond(&finish(refused, &self.id.0), None)
    }

    /// The status of a response, which may show whether the request was executed.
    fn status(&self, answer: &Answer) -> StatusCode {
        if self.modern && was_not_run(answer) {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        }
    }

    /// Applies the status and the `Retry-After` header of a retry hint to a response.
    pub fn with_retry_hint(retry_hint: Option<RetryHint>, mut response: Response) -> Response {
        let Some(RetryHint { code, retry_after }) = retry_hint else {
            return response;
        };
        *response.status_mut() = match code {
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    /// Responds to an invalid request.
    pub fn malformed(&self, message: &str) -> Response {
        self.refuse(StatusCode::BAD_REQUEST, message)
    }

    pub fn no_body(&self, error: BodyError) -> Response {
        let (status, answer) = error.response();
        let answer = finish(answer, &self.id.0);
        let response = self.write(status, &answer);
        match error {
            BodyError::BodiesFull | BodyError::Crowded(_) => {
                Self::with_retry_hint(retry_hint(&answer), response)
            }
            _ => response,
        }
    }

    pub fn unsupported(&self, why: Unsupported) -> Response {
        let (message, is_compressed) = match why {
            Unsupported::Kind(message) => (message, false),
            Unsupported::Encoding(message) => (message, true),
        };
        let mut response = self.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message);
        if is_compressed {
            let headers = response.headers_mut();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    pub fn refuse(&self, status: StatusCode, message: &str) -> Response {
        self.write(status, &refusal(Code::BadUserInput, message))
    }

    pub fn write(&self, status: StatusCode, answer: &Answer) -> Response {
        self.written(status, json(answer, None))
    }

    /// Writes the responses to the requests of one body.
    pub fn write_all(&self, answers: &[Answer], account: &Arc<Account>) -> Response {
        let mut json = Json::of(account);
        write_list(answers, &mut json, |answer, json| {
            write_answer(answer, was_not_run(answer), json);
            Some(())
        });
        match (json.is_over(), account.exceeded()) {
            (true, Some(exceeded)) => self.full(out_of_room(exceeded)),
            _ => self.written(StatusCode::OK, json),
        }
    }

    fn written(&self, status: StatusCode, json: Json) -> Response {
        let kind = if self.modern {
            "application/graphql-response+json"
        } else {
            "application/json"
        };
        let headers = [
            (CONTENT_TYPE, format!("{kind}; charset=utf-8")),
            (HeaderName::from_static("x-request-id"), self.id.0.clone()),
        ];
        (status, headers, Bytes::from(json)).into_response()
    }
}

/// Responds to requests from an address that has reached its limit of connections.
pub async fn crowded(State(state): State<Arc<ServerState>>, headers: HeaderMap) -> Response {
    let message = "Your IP address has reached the maximum number of connections. Retry in a second.";
    let mut answer = refusal(Code::Unavailable, message);
    for error in &mut answer.errors {
        error.extensions.get_or_insert_default().set("retryAfter", 1);
    }
    let reply = Reply::to(&state, &headers);
    Reply::with_retry_hint(
        retry_hint(&answer),
        reply.write(StatusCode::SERVICE_UNAVAILABLE, &answer),
    )
}

/// A response in its wire format. If the request was not executed, it has no `data` field.
fn json(answer: &Answer, account: Option<&Arc<Account>>) -> Json {
    let mut json = account.map_or_else(Json::free, Json::of);
    write_answer(answer, was_not_run(answer), &mut json);
    json
}

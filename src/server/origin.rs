//! Restricts the pages from which browsers can call the API.
//!
//! Allowed are pages of this server and of the origins that the operator configures. Browsers send a
//! preflight request before cross-origin requests that a form could not send, and expose a response only if
//! it allows the page. They open WebSocket connections to any host, so this module checks the origin of those
//! itself. Requests from other pages are not executed.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::Response,
};
use tower_http::cors::{AllowHeaders, CorsLayer};
use url::Url;

use super::{ServerState, reply::Reply};
use crate::{
    config::Origin,
    graphql::error::{Code, refusal},
};

/// Time for which a browser can cache a preflight response.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(2);

/// The configured origins, in addition to the server's own.
pub type Origins = Arc<[Origin]>;

/// CORS headers for browsers. Credentials that browsers add themselves, such as cookies, are not allowed.
pub fn cors(origins: &[Origin]) -> CorsLayer {
    let origins = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST])
        // Any request header is allowed: clients and tracers add their own, and headers that are not read are
        // harmless.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(PREFLIGHT_MAX_AGE)
}

/// Rejects requests from pages that may not call the API. Requests without an origin pass.
pub async fn check(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    if may_call(request.headers(), &state.origins) {
        return next.run(request).await;
    }
    let message =
        "This origin is not allowed to use the API. The operator can allow it with the setting `origins`.";
    Reply::to(&state, request.headers()).write(StatusCode::FORBIDDEN, &refusal(Code::Forbidden, message))
}

fn may_call(headers: &HeaderMap, origins: &[Origin]) -> bool {
    let mut given = headers.get_all(ORIGIN).iter();
    let Some(origin) = given.next() else {
        // Browsers always send the header when the origin matters.
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    given.next().is_none()
        && (origins.iter().any(|allowed| allowed.as_str() == origin) || is_own(origin, headers))
}

/// Whether a page has the host and port of the request. The scheme is not compared, because a proxy that
/// terminates TLS hides the original scheme.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let (Some(host), Ok(origin)) = (host, Url::parse(origin)) else {
        return false;
    };
    let Ok(requested) = Url::parse(&format!("{}://{host}", origin.scheme())) else {
        return false;
    };
    origin.host().is_some()
        && origin.host() == requested.host()
        && origin.port_or_known_default() == requested.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(origin: &[&str], host: &str) -> bool {
        let allowed = Origin::try_from("https://support.example.com".to_owned()).expect("an origin");
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a host"));
        for origin in origin {
            headers.append(ORIGIN, origin.parse().expect("an origin"));
        }
        may_call(&headers, &[allowed])
    }

    #[test]
    fn same_origin_and_configured_pages_are_allowed() {
        assert!(call(&[], "api.example.com"));
        assert!(call(&["https://support.example.com"], "api.example.com"));
        assert!(call(&["http://localhost:8080"], "localhost:8080"));
        assert!(call(&["https://api.example.com"], "api.example.com"));
        assert!(call(&["https://API.example.com"], "api.example.com:443"));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for origin in [
            "https://evil.example",
            "http://support.example.com",
            "https://support.example.com.evil.example",
            "https://support.example.com:444",
            "http://localhost:8081",
            "null",
            "",
            "file://",
            "https://api.example.com@evil.example",
        ] {
            assert!(!call(&[origin], "localhost:8080"), "{origin}");
        }
        let two = ["https://support.example.com", "https://evil.example"];
        assert!(!call(&two, "localhost:8080"));
    }
}

//! Checks the `Host` header. HTTP/1.1 requires exactly one.
//!
//! If a request has two, a proxy may read the first and this server the last, so that a request could bypass
//! the rules of the proxy.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Version, header::HOST, uri::Authority},
    middleware::Next,
    response::Response,
};

use super::{ServerState, reply::Reply};

/// Rejects HTTP/1.1 requests without exactly one valid `Host` header.
pub async fn check(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    if request.version() != Version::HTTP_11 || is_named(request.headers()) {
        return next.run(request).await;
    }
    Reply::to(&state, request.headers())
        .malformed("The request must have exactly one `Host` header with a valid host.")
}

fn is_named(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else {
        return false;
    };
    // The header is empty if the target URI has no authority.
    host.is_empty()
        || Authority::try_from(host.as_bytes()).is_ok_and(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_exactly_one_host() {
        for (hosts, expected) in [
            (&["api.example.com"][..], true),
            (&["localhost:8080"], true),
            (&["[::1]:8080"], true),
            (&[""], true),
            (&[], false),
            (&["api.example.com", "api.example.com"], false),
            (&["api.example.com, evil.example"], false),
            (&["ada@api.example.com"], false),
            (&["api.example.com/graphql"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, host.parse().expect("a header"));
            }
            assert_eq!(is_named(&headers), expected, "{hosts:?}");
        }
    }
}

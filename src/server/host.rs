//! The host that a request is for: HTTP/1.1 requires exactly one `Host` header.
//!
//! What stands in front may read the first of two and we the last, and let through what it would have refused.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Version, header::HOST, uri::Authority},
    middleware::Next,
    response::Response,
};

use super::{ServerState, reply::Reply};

/// Lets only those requests through that name their host as they must.
pub async fn check(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    if request.version() != Version::HTTP_11 || is_named(request.headers()) {
        return next.run(request).await;
    }
    Reply::to(&state, request.headers()).malformed("Host: must be there once, and be a host.")
}

fn is_named(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else {
        return false;
    };
    // Empty where the address has no host.
    host.is_empty()
        || Authority::try_from(host.as_bytes()).is_ok_and(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_once() {
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

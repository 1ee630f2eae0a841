//! The explorer: `GraphiQL` at `/`, served from the binary with a strict content security policy.
//!
//! `build.rs` determines the source of its third-party files. Usually they are embedded and the page needs no
//! network. A build without npm loads the same files from a CDN, verified by their hashes, and the page says
//! so.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, RawQuery},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use url::{Host, Url};
use uuid::Uuid;

include!(concat!(env!("OUT_DIR"), "/explorer.rs"));

const TEMPLATE: &str = include_str!("../../explorer/index.html");

const CDN_NOTE: &str = "<p class=\"note\">This build carries no copy of GraphiQL (it was built without \
     npm): the page loads it from cdn.jsdelivr.net.</p>";

#[derive(Clone, Debug)]
pub struct ExplorerPage {
    /// Path of the GraphQL endpoint on this origin, such as `/graphql`.
    pub endpoint: String,
    /// Token that is filled into the headers editor if the page is requested by IP address or as `localhost`.
    /// Everyone who can load the page that way can read the token.
    pub token: Option<String>,
}

/// A file of the page.
#[derive(Debug)]
pub struct Asset {
    /// The last segment of its path under `/explorer/`.
    pub name: &'static str,
    /// Hash of the file, in the form of an `integrity` attribute.
    pub integrity: &'static str,
    /// URL of the identical file on the CDN. `None` for files of this project.
    pub cdn: Option<&'static str>,
    /// Content of the file, if embedded.
    pub bytes: Option<&'static [u8]>,
}

/// An operation from `operations/`.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Path under `operations/` without the extension.
    pub name: &'static str,
    /// The GraphQL document.
    pub query: &'static str,
    /// The variables as JSON, possibly with placeholders such as `{{ticketId}}`.
    pub variables: Option<&'static str>,
}

impl Asset {
    /// Version string that changes with the content, so that browsers can cache the file without
    /// revalidation.
    fn version(&self) -> String {
        self.integrity
            .trim_start_matches("sha384-")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect()
    }

    fn url(&self) -> String {
        match (self.bytes, self.cdn) {
            (None, Some(cdn)) => cdn.to_owned(),
            _ => format!("/explorer/{}?v={}", self.name, self.version()),
        }
    }

    fn is_style(&self) -> bool {
        self.name.rsplit('.').next() == Some("css")
    }

    fn tag(&self) -> String {
        let (url, integrity) = (self.url(), self.integrity);
        if self.is_style() {
            format!(
                "<link rel=\"stylesheet\" href=\"{url}\" integrity=\"{integrity}\" crossorigin=\"anonymous\">\n"
            )
        } else {
            format!(
                "<script defer src=\"{url}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"></script>\n"
            )
        }
    }
}

/// Routes of the page at `/` and of its files under `/explorer/`.
pub fn router<S: Clone + Send + Sync + 'static>(page: ExplorerPage) -> Router<S> {
    let ExplorerPage { endpoint, token } = page;
    let plain: Arc<str> = html(&endpoint, None).into();
    let own: Arc<str> = html(&endpoint, token.as_deref()).into();
    let page = async move |headers: HeaderMap| index(if is_direct(&headers) { &own } else { &plain });
    Router::new()
        .route("/", get(page))
        .route("/explorer/{name}", get(asset))
}

fn html(endpoint: &str, token: Option<&str>) -> String {
    let settings = serde_json::json!({ "endpoint": endpoint, "token": token, "operations": OPERATIONS });
    // Within a script element, only `<` can end or change the element. JSON allows it as an escape sequence.
    let settings = settings.to_string().replace('<', "\\u003c");
    TEMPLATE
        .replace("%NOTE%", if EMBEDDED { "" } else { CDN_NOTE })
        .replace("%ASSETS%", &ASSETS.iter().map(Asset::tag).collect::<String>())
        .replace("%SETTINGS%", &settings)
}

/// Whether the page was requested by IP address or as `localhost`. Any other host name could belong to a
/// hostile site that resolves its own name to this server to read the page (DNS rebinding).
fn is_direct(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let url = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a nonce must not be foreseen, not even by a test"
)]
fn index(html: &str) -> Response {
    let nonce = Uuid::now_v7().simple().to_string();
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy(&nonce)),
        // The page may contain a token, and each nonce is used once.
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    // The template contains the placeholder once, before all inserted text.
    (guards(), headers, html.replacen("%NONCE%", &nonce, 1)).into_response()
}

async fn asset(Path(name): Path<String>, RawQuery(query): RawQuery, request: HeaderMap) -> Response {
    let Some((asset, bytes)) = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .and_then(|asset| Some((asset, asset.bytes?)))
    else {
        return (StatusCode::NOT_FOUND, guards()).into_response();
    };
    let etag = format!("\"{}\"", asset.version());
    let immutable = query.is_some_and(|query| query.strip_prefix("v=") == Some(asset.version().as_str()));
    let headers = [
        (
            header::CONTENT_TYPE,
            if asset.is_style() {
                "text/css"
            } else {
                "text/javascript"
            }
            .to_owned(),
        ),
        (
            header::CACHE_CONTROL,
            if immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            }
            .to_owned(),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'".to_owned(),
        ),
        (header::ETAG, etag.clone()),
    ];
    if request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, guards(), headers).into_response();
    }
    (guards(), headers, bytes).into_response()
}

fn guards() -> [(header::HeaderName, &'static str); 3] {
    [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ]
}

/// The content security policy of the page: this origin and, in a build without npm, the CDN URLs of the
/// files.
fn policy(nonce: &str) -> String {
    // The scroll lock of dialogs in GraphiQL adds a style element. The nonce permits it without
    // 'unsafe-inline'.
    let (mut scripts, mut styles) = ("'self'".to_owned(), format!("'self' 'nonce-{nonce}'"));
    for asset in ASSETS.iter().filter(|asset| asset.bytes.is_none()) {
        let sources = if asset.is_style() {
            &mut styles
        } else {
            &mut scripts
        };
        sources.push(' ');
        sources.push_str(&asset.url());
    }
    // 'self' includes WebSockets to this origin. Fonts and images of GraphiQL are data URLs in its style
    // sheet.
    format!(
        "default-src 'none'; script-src {scripts}; style-src {styles}; connect-src 'self'; img-src 'self' data:; \
         font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_served_only_to_localhost_and_addresses() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("10.0.0.7", true),
            ("rebound.example:8080", false),
            ("localhost.example", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a host"));
            assert_eq!(is_direct(&headers), expected, "{host}");
        }
        assert!(!is_direct(&HeaderMap::new()));
    }
}

//! HTTP client for a vendor's REST API. Waits when the vendor requests it, and retries failed requests.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use reqwest::{
    StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    SyncError,
    pace::{Pace, RateLimitStatus, Reserve},
};
use crate::{
    clock::Clock,
    config::Secret,
    http_client::{self, backoff, chain, tls},
};

/// Maximum size of a response in bytes.
const ANSWER_MAX: usize = 32 << 20;
/// Maximum size in bytes of an error response that is searched for a message.
const REFUSAL_MAX: usize = 64 << 10;
/// Maximum number of attempts per page.
const TRIES: u32 = 8;
/// Timeout of the connection to the vendor.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout between two parts of a response.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Timeout of the whole request.
const TIMEOUT: Duration = Duration::from_mins(5);
/// Maximum number of characters of a vendor's message that are reported.
const ERROR_TEXT_MAX: usize = 300;

/// Waits for a duration. Tests record the duration instead.
pub type Pause = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A vendor's REST API with its API key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: Secret,
    clock: Clock,
    pause: Pause,
    /// Headers of each request in addition to the key.
    headers: HeaderMap,
    reserve: Reserve,
    pace: Pace,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.base)
    }
}

enum Attempt {
    /// The bytes of a successful response, which are valid JSON.
    Answered(Vec<u8>),
    /// A retry may succeed. Contains the reason and the delay that the vendor requested, if any.
    Passing(String, Option<Duration>),
    Failed(SyncError),
}

impl Client {
    /// A client for the API at a URL such as `https://api.example.com`.
    pub fn new(url: &str, key: Secret, clock: Clock) -> Result<Self, SyncError> {
        let refuse = |reason: &str| SyncError::Setting(format!("--url: {reason}"));
        let base = Url::parse(url).map_err(|error| refuse(&format!("The URL is not valid: {error}.")))?;
        if !["https", "http"].contains(&base.scheme()) || base.host().is_none() {
            return Err(refuse(
                "The URL must begin with https:// or http:// and contain a host.",
            ));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refuse(
                "The URL must not contain a user or password. Pass the API key with --api-key or SYNC_API_KEY.",
            ));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refuse(
                "The URL must not contain a query or a fragment. The command adds the paths.",
            ));
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.reveal().trim()))
            .ok()
            .filter(|_| !key.reveal().trim().is_empty())
            .ok_or_else(|| {
                SyncError::Setting(
                    "--api-key: The API key is empty or contains invalid characters.".to_owned(),
                )
            })?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let http = http_client::client()
            .map_err(|error| SyncError::Setting(chain(&error)))?
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| SyncError::Setting(chain(&error)))?;
        Ok(Self {
            http,
            base,
            key,
            clock,
            pause: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
            headers: HeaderMap::new(),
            reserve: Reserve::Requests(1),
            pace: Pace::default(),
        })
    }

    /// The same client with a different way to wait.
    #[must_use]
    pub fn pausing(self, pause: Pause) -> Self {
        Self { pause, ..self }
    }

    /// The same client with additional headers, and with requests that it leaves to other users of the rate
    /// limit.
    pub(super) fn for_site(&self, headers: HeaderMap, reserve: Reserve) -> Self {
        Self {
            headers,
            reserve,
            ..self.clone()
        }
    }

    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether the key is sent unencrypted over the network.
    pub fn is_exposed(&self) -> bool {
        let near = ["localhost", "127.0.0.1", "[::1]"];
        self.base.scheme() == "http" && !self.base.host_str().is_some_and(|host| near.contains(&host))
    }

    /// Requests a URL until a response or a permanent error arrives. Returns the bytes of valid JSON. `page`
    /// appears in messages. `waits` receives the reason and the duration of each wait.
    pub(super) async fn get(
        &self,
        url: &Url,
        page: u64,
        waits: &(dyn Fn(&str, Duration) + Sync),
    ) -> Result<Vec<u8>, SyncError> {
        let at = at(url, page);
        let mut tries = 0;
        loop {
            tries += 1;
            if let Some((wait, why)) = self.pace.wait(self.reserve, self.clock.now()) {
                waits(&format!("{at}: {why}"), wait);
                (self.pause)(wait).await;
            }
            let (reason, asked) = match self.once(url, &at).await {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Failed(error) => return Err(error),
                Attempt::Passing(reason, asked) => (reason, asked),
            };
            if tries == TRIES {
                return Err(SyncError::GaveUp { at, reason, tries });
            }
            let wait = asked.unwrap_or_else(|| backoff::backoff(tries, self.clock.random()));
            waits(&format!("{at}: {reason}"), wait);
            (self.pause)(wait).await;
        }
    }

    async fn once(&self, url: &Url, at: &str) -> Attempt {
        let response = match self
            .http
            .get(url.clone())
            .headers(self.headers.clone())
            .send()
            .await
        {
            Ok(response) => response,
            Err(error) if tls::is_distrust(&error) => {
                let reason = format!(
                    "The TLS certificate of the server is not trusted ({}).",
                    chain(&error.without_url())
                );
                let at = at.to_owned();
                return Attempt::Failed(SyncError::Answer { at, reason });
            }
            // The message already contains the URL.
            Err(error) => return Attempt::Passing(chain(&error.without_url()), None),
        };
        let status = response.status();
        let is_json = is_json(response.headers());
        let now = self.clock.now();
        let left = RateLimitStatus::read(response.headers(), now);
        let asked = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|header| backoff::retry_after(header.to_str().ok()?, now));
        // Some vendors send only the time at which the rate limit resets.
        let is_refused = status == StatusCode::TOO_MANY_REQUESTS;
        let asked = asked.or_else(|| left.filter(|_| is_refused)?.until_more(now));
        // Only a successful response updates the pace. A rejected request is retried after a delay.
        self.pace.note(left.filter(|_| status.is_success()));
        let failed = |reason: String| {
            let at = at.to_owned();
            Attempt::Failed(SyncError::Answer { at, reason })
        };
        if status.is_redirection() {
            let reason = "The server responded with a redirect. Redirects are not followed, because the request contains \
                          the API key. Set --url to the final address.";
            return failed(reason.to_owned());
        }
        if status.is_success() && !is_json {
            return failed("The content type of the response is not JSON. Check --url.".to_owned());
        }
        let packed = response.headers().get(CONTENT_ENCODING);
        if let Some(packed) = packed.filter(|packed| !packed.as_bytes().eq_ignore_ascii_case(b"identity")) {
            let packed: String = String::from_utf8_lossy(packed.as_bytes())
                .chars()
                .take(20)
                .collect();
            return failed(format!(
                "The response has the content encoding {packed}, which was not requested. Check --url."
            ));
        }
        let max = if status.is_success() {
            ANSWER_MAX
        } else {
            REFUSAL_MAX
        };
        let body = match http_client::read(response, max).await {
            Ok(Some(body)) => body,
            // The status alone is sufficient.
            Ok(None) if !status.is_success() => Vec::new(),
            Ok(None) => return failed(format!("The response is larger than {} MiB.", ANSWER_MAX >> 20)),
            Err(error) => return Attempt::Passing(chain(&error.without_url()), None),
        };
        if status.is_success() {
            // Some editors write a byte order mark. It is not part of the JSON text.
            let body = match body.strip_prefix(b"\xef\xbb\xbf") {
                Some(behind) => behind.to_vec(),
                None => body,
            };
            // The response is only validated here. Parsed values would need many times as much memory, so the
            // objects are read from the bytes one by one.
            return match serde_json::from_slice::<IgnoredAny>(&body) {
                Ok(_) => Attempt::Answered(body),
                Err(error) if error.is_eof() => {
                    Attempt::Passing("the response is incomplete".to_owned(), None)
                }
                Err(error) => failed(format!("The response is not valid JSON ({error}). Check --url.")),
            };
        }
        let said = self.said(status, &body);
        refusal(status, at.to_owned(), said, asked)
    }

    /// The status, and the message of an error response if one is found.
    fn said(&self, status: StatusCode, body: &[u8]) -> String {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let places = [
            "/error/message",
            "/errors/0/detail",
            "/errors/0/title",
            "/errors/0/message",
            "/errors/0",
            "/message",
            "/detail",
            "/title",
            "/error",
        ];
        let text = places
            .iter()
            .find_map(|place| value.pointer(place).and_then(Value::as_str));
        let Some(text) = text else {
            return status.to_string();
        };
        let text = text.replace(self.key.reveal().trim(), "•••");
        let text: String = text
            .chars()
            .map(|one| if one.is_control() { ' ' } else { one })
            .take(ERROR_TEXT_MAX)
            .collect();
        format!("{status}: {text}")
    }
}

/// The request and its page, for messages. Omits the host, which the operator knows.
pub(super) fn at(url: &Url, page: u64) -> String {
    format!("GET {} (page {page})", path_and_query(url))
}

pub(super) fn path_and_query(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", url.path())
}

/// Classifies a status other than success.
fn refusal(status: StatusCode, at: String, said: String, asked: Option<Duration>) -> Attempt {
    match status {
        StatusCode::UNAUTHORIZED => Attempt::Failed(SyncError::Key { at, said }),
        StatusCode::FORBIDDEN => Attempt::Failed(SyncError::Forbidden { at, said }),
        StatusCode::NOT_FOUND | StatusCode::GONE => Attempt::Failed(SyncError::Gone { at, said }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Attempt::Passing(said, asked),
        status if status.is_server_error() => Attempt::Passing(said, asked),
        _ => {
            let reason = format!("The vendor rejected the request ({said}).");
            Attempt::Failed(SyncError::Answer { at, reason })
        }
    }
}

/// Whether the content type is JSON, plain text or absent.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        kind == "application/json" || kind.ends_with("+json") || kind == "text/plain"
    })
}

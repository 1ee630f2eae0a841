//! The source of a key set.

use std::{fmt, io::Read, path::PathBuf, time::Duration};

use reqwest::{Client, StatusCode, header::ACCEPT};

use crate::{
    auth::jwt::{KeyError, SetError},
    config::{JwksUrl, Settings},
    http_client::{self, chain},
};

/// Maximum size of a key set in bytes.
const BYTES_MAX: usize = 256 << 10;
/// Timeout of the connection to the issuer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout of the whole request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The source of a key set.
pub enum Source {
    File(PathBuf),
    /// An address and its HTTP client.
    Address(JwksUrl, Client),
}

/// Reason why a key set was not loaded. For the log.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be read.
    #[error("Cannot read the key set: {0}.")]
    File(#[from] std::io::Error),
    /// The request failed without a response.
    #[error("{0}")]
    Unreachable(String),
    /// The issuer responded with a status other than 200.
    #[error("The issuer responded with status {0}.")]
    Status(StatusCode),
    /// The text is too large.
    #[error("The key set is larger than {BYTES_MAX} bytes.")]
    TooLarge,
    /// The text is not a key set.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The set contains no usable key.
    #[error("The key set contains no key for jwt_algorithm.")]
    Unfit,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Address(url, _) => write!(f, "{url}"),
        }
    }
}

impl Source {
    /// Interval between reads of a file, in milliseconds.
    pub const FILE_EVERY_MS: i64 = 10_000;
    /// Interval between requests to an address, in milliseconds.
    const ADDRESS_EVERY_MS: i64 = 5 * 60_000;

    /// The source that the settings name. `None` if the issuer does not publish its keys.
    pub fn of(settings: &Settings) -> Result<Option<Self>, KeyError> {
        if let Some(path) = &settings.jwt_jwks_file {
            return Ok(Some(Self::File(path.clone())));
        }
        let Some(url) = &settings.jwt_jwks_url else {
            return Ok(None);
        };
        let refuse = |error: &dyn std::error::Error| KeyError(format!("jwt_jwks_url: {}", chain(error)));
        let client = http_client::client()
            .map_err(|error| refuse(&error))?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| refuse(&error))?;
        Ok(Some(Self::Address(url.clone(), client)))
    }

    /// Time between a successful load and the next one, in milliseconds.
    pub fn every_ms(&self) -> i64 {
        match self {
            Self::File(_) => Self::FILE_EVERY_MS,
            Self::Address(..) => Self::ADDRESS_EVERY_MS,
        }
    }

    /// Loads the text of the key set.
    pub async fn read(&self) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || file_now(&path)).await;
                read.map_err(|error| SourceError::Unreachable(error.to_string()))?
            }
            Self::Address(url, client) => ask(url, client).await,
        }
    }
}

/// Reads a file, up to the maximum size of a key set.
pub fn file_now(path: &std::path::Path) -> Result<Vec<u8>, SourceError> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut text)?;
    if text.len() > BYTES_MAX {
        return Err(SourceError::TooLarge);
    }
    Ok(text)
}

async fn ask(url: &JwksUrl, client: &Client) -> Result<Vec<u8>, SourceError> {
    // The address may contain a secret, so errors are reported without it.
    let unreachable = |error: reqwest::Error| SourceError::Unreachable(chain(&error.without_url()));
    let request = client
        .get(url.reveal())
        .header(ACCEPT, "application/jwk-set+json, application/json");
    let response = request.send().await.map_err(unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(SourceError::Status(response.status()));
    }
    let read = http_client::read(response, BYTES_MAX)
        .await
        .map_err(unreachable)?;
    read.ok_or(SourceError::TooLarge)
}

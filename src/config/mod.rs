//! The settings of the operator.
//!
//! Layer 1. Defaults, then the file, then the environment, then flags: each overrides the one before. Every setting
//! has one name: `database_url` in the file, `DESKGRAPH_DATABASE_URL` in the environment, `--database-url` as a flag.
//! Nothing else reads the environment. An invalid value stops the start with an error message. An unknown name in the
//! environment, which other programs also write to, only causes a warning.

mod environment;
mod explain;
mod jwks;
mod limits;
mod listen;
mod load;
mod nats;
mod origin;
mod password;
mod secret;

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use environment::unknown_in_environment;
pub use jwks::JwksUrl;
pub use listen::ListenAddress;
pub use load::{ConfigError, Overrides};
pub use nats::{NatsLogin, NatsUrl};
pub use origin::Origin;
pub use secret::Secret;

/// Declares the settings with their defaults.
macro_rules! settings {
    ($($(#[$meta:meta])* $name:ident: $kind:ty = $default:expr;)+) => {
        /// The complete and validated settings.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $($(#[$meta])* pub $name: $kind,)+
        }

        impl Settings {
            /// The names of all settings.
            const NAMES: &[&str] = &[$(stringify!($name)),+];
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default),+ }
            }
        }
    };
}

settings! {
    /// Database URL: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    database_url: Secret = Secret::new("sqlite://deskgraph.db");
    /// Database password, for a URL without one. Read from the environment or the settings file.
    #[serde(skip_serializing)]
    database_password: Option<Secret> = None;
    /// File that contains the database password.
    database_password_file: Option<PathBuf> = None;
    /// Number of connections in the database pool.
    database_connections: u32 = 16;
    /// Maximum number of pool connections that one viewer can use at a time.
    database_connections_per_viewer: u32 = 4;
    /// Whether each connection caches prepared statements. Set to false for a pooler in transaction mode.
    database_prepared_statements: bool = true;
    /// Maximum bytes of message text that one statement reads to evaluate a filter.
    filter_bytes_max: usize = 32 << 20;
    /// Timeout of a statement outside a transaction, in milliseconds.
    statement_timeout_ms: u64 = 10_000;
    /// Whether commands migrate the database tables before they start.
    migrate: bool = true;
    /// Address and port to listen on.
    listen: ListenAddress = SocketAddr::from(([127, 0, 0, 1], 8080)).into();
    /// Whether the explorer is served at `/`.
    explorer: bool = true;
    /// Whether introspection queries are allowed.
    introspection: bool = true;
    /// JSON file of trusted documents, which a request can name by id: Apollo's manifest, or a map of ids to documents.
    trusted_documents: Option<PathBuf> = None;
    /// Whether only trusted documents are executed.
    trusted_documents_only: bool = false;
    /// Size of the cache of documents that clients register with their hash, in bytes. 0 disables it.
    persisted_documents_bytes_max: usize = 4 << 20;
    /// Size of the cache of parsed and validated documents, in bytes. 0 disables it.
    prepared_documents_bytes_max: usize = 8 << 20;
    /// Signature algorithm of tokens.
    jwt_algorithm: JwtAlgorithm = JwtAlgorithm::HS256;
    /// Shared secret of HS256 tokens, at least 32 bytes.
    jwt_secret: Option<Secret> = None;
    /// PEM file with the public key that verifies RS256, ES256 and EdDSA tokens.
    jwt_public_key_file: Option<PathBuf> = None;
    /// File with the key set (JWKS) that verifies these tokens, instead of one public key.
    jwt_jwks_file: Option<PathBuf> = None;
    /// URL at which the issuer publishes the key set (JWKS).
    #[serde(skip_serializing)]
    jwt_jwks_url: Option<JwksUrl> = None;
    /// PEM file with the private key that `token issue` signs these tokens with.
    jwt_private_key_file: Option<PathBuf> = None;
    /// Required issuer of a token (`iss`).
    jwt_issuer: String = "deskgraph".to_owned();
    /// Required audience of a token (`aud`).
    jwt_audience: String = "deskgraph".to_owned();
    /// Maximum of `first` and `last`.
    page_size_max: u32 = 100;
    /// Maximum of `offset`.
    offset_max: u64 = 10_000;
    /// Maximum number of lexical tokens in a document.
    query_tokens_max: u32 = 15_000;
    /// Maximum number of selections in a document. A fragment counts at each spread.
    query_selections_max: u32 = 10_000;
    /// Maximum number of values in the JSON of a request.
    query_values_max: u32 = 20_000;
    /// Maximum nesting depth of fields.
    query_depth_max: u32 = 15;
    /// Maximum number of aliases of one field in one selection.
    query_aliases_max: u32 = 30;
    /// Maximum number of root fields of an operation.
    query_root_fields_max: u32 = 20;
    /// Maximum number of directives in a document.
    query_directives_max: u32 = 50;
    /// Maximum cost of a request.
    query_cost_max: u32 = 50_000;
    /// Maximum number of requests in a batch. 0 disables batching.
    batch_max: u32 = 0;
    /// Maximum number of errors in a response.
    errors_max: u32 = 100;
    /// Cost that each caller regains per second. No limit when absent.
    rate_limit_per_second: Option<u32> = None;
    /// Maximum unused cost that a caller accumulates.
    rate_limit_size: u32 = 100_000;
    /// Timeout of a query or mutation, in milliseconds.
    request_timeout_ms: u64 = 30_000;
    /// Timeout for the head of an HTTP request, in milliseconds.
    header_timeout_ms: u64 = 10_000;
    /// Timeout for the start of the next request on a connection, in milliseconds.
    keep_alive_timeout_ms: u64 = 75_000;
    /// Timeout for the body of an HTTP request, in milliseconds.
    body_timeout_ms: u64 = 20_000;
    /// Maximum time without progress while writing to a peer, in milliseconds.
    write_timeout_ms: u64 = 30_000;
    /// Interval of WebSocket pings, in milliseconds.
    ping_every_ms: u64 = 25_000;
    /// Maximum number of client connections. When absent: 10 000, or as many as the limit of open files allows.
    connections_max: Option<usize> = None;
    /// Maximum number of connections of one IP address. 0 removes the limit; when absent, a quarter of the connections.
    connections_per_address: Option<usize> = None;
    /// Maximum bytes of request bodies that are buffered at a time.
    bodies_bytes_max: usize = 16 << 20;
    /// Maximum bytes of request bodies of one viewer that are buffered at a time.
    bodies_bytes_per_viewer: usize = 4 << 20;
    /// Additional origins of web pages that can call the API from a browser: `https://support.example.com`.
    origins: Vec<Origin> = Vec::new();
    /// Maximum size of an HTTP request body, in bytes.
    body_bytes_max: usize = 1 << 20;
    /// Maximum size of the text of a message, in bytes.
    message_bytes_max: usize = 256 << 10;
    /// Maximum number of responses queued for a connection. Above it, its subscriptions end with `SLOW_CONSUMER`.
    subscription_buffer: usize = 1_024;
    /// Retention of the change log, in days. Kept forever when absent.
    change_log_days: Option<u32> = None;
    /// Lifetime of an idempotency key, in hours.
    idempotency_key_hours: u32 = 24;
    /// Poll interval of a followed change log, in milliseconds, for changes without a notification.
    change_poll_ms: u64 = 1_000;
    /// URL of the NATS server over which nodes announce changes. When absent, nodes use PostgreSQL.
    #[serde(skip_serializing)]
    nats_url: Option<NatsUrl> = None;
    /// Maximum number of WebSocket connections of one viewer.
    sockets_per_viewer: usize = 1_000;
    /// Maximum number of concurrent operations of one viewer over all its sockets and event streams.
    operations_per_viewer: usize = 1_000;
    /// Maximum bytes of a response, and of the long texts that are read for it.
    answer_bytes_max: usize = 16 << 20;
    /// Maximum bytes of rows and responses held for one viewer until the client has read them.
    bytes_per_viewer: usize = 64 << 20;
    /// Maximum bytes of rows and responses held for all viewers.
    held_bytes_max: usize = 256 << 20;
    /// Maximum bytes of responses queued for a connection. Above it, its subscriptions end with `SLOW_CONSUMER`.
    subscription_buffer_bytes: usize = 4 << 20;
    /// Maximum number of concurrent operations on one socket.
    operations_per_socket: usize = 100;
    /// Whether inbound messages are scored for sentiment.
    sentiment: bool = true;
    /// Filter of log lines in the syntax of `tracing`: `info`, `deskgraph=debug`, ….
    log: String = "info".to_owned();
    /// Format of log lines: `text` or `json`.
    log_format: LogFormat = LogFormat::Text;
}

/// Signature algorithm of tokens. Only the configured one is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256 and a shared secret.
    #[serde(alias = "hs256")]
    HS256,
    /// RSA with SHA-256.
    #[serde(alias = "rs256")]
    RS256,
    /// ECDSA on P-256.
    #[serde(alias = "es256")]
    ES256,
    /// Ed25519.
    #[serde(alias = "eddsa")]
    #[value(name = "eddsa")]
    EdDSA,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Readable text.
    Text,
    /// One JSON object on each line.
    Json,
}

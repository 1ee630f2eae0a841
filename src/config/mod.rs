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

/// The complete and validated settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate switch of the operator"
)]
pub struct Settings {
    /// Database URL: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub database_url: Secret,
    /// Database password, for a URL without one. Read from the environment or the settings file.
    #[serde(skip_serializing)]
    pub database_password: Option<Secret>,
    /// File that contains the database password.
    pub database_password_file: Option<PathBuf>,
    /// Number of connections in the database pool.
    pub database_connections: u32,
    /// Maximum number of pool connections that one viewer can use at a time.
    pub database_connections_per_viewer: u32,
    /// Whether each connection caches prepared statements. Set to false for a pooler in transaction mode.
    pub database_prepared_statements: bool,
    /// Maximum bytes of message text that one statement reads to evaluate a filter.
    pub filter_bytes_max: usize,
    /// Timeout of a statement outside a transaction, in milliseconds.
    pub statement_timeout_ms: u64,
    /// Whether commands migrate the database tables before they start.
    pub migrate: bool,
    /// Address and port to listen on.
    pub listen: ListenAddress,
    /// Whether the explorer is served at `/`.
    pub explorer: bool,
    /// Whether introspection queries are allowed.
    pub introspection: bool,
    /// JSON file of trusted documents, which a request can name by id: Apollo's manifest, or a map of ids to documents.
    pub trusted_documents: Option<PathBuf>,
    /// Whether only trusted documents are executed.
    pub trusted_documents_only: bool,
    /// Size of the cache of documents that clients register with their hash, in bytes. 0 disables it.
    pub persisted_documents_bytes_max: usize,
    /// Size of the cache of parsed and validated documents, in bytes. 0 disables it.
    pub prepared_documents_bytes_max: usize,
    /// Signature algorithm of tokens.
    pub jwt_algorithm: JwtAlgorithm,
    /// Shared secret of HS256 tokens, at least 32 bytes.
    pub jwt_secret: Option<Secret>,
    /// PEM file with the public key that verifies RS256, ES256 and EdDSA tokens.
    pub jwt_public_key_file: Option<PathBuf>,
    /// File with the key set (JWKS) that verifies these tokens, instead of one public key.
    pub jwt_jwks_file: Option<PathBuf>,
    /// URL at which the issuer publishes the key set (JWKS).
    #[serde(skip_serializing)]
    pub jwt_jwks_url: Option<JwksUrl>,
    /// PEM file with the private key that `token issue` signs these tokens with.
    pub jwt_private_key_file: Option<PathBuf>,
    /// Required issuer of a token (`iss`).
    pub jwt_issuer: String,
    /// Required audience of a token (`aud`).
    pub jwt_audience: String,
    /// Maximum of `first` and `last`.
    pub page_size_max: u32,
    /// Maximum of `offset`.
    pub offset_max: u64,
    /// Maximum number of lexical tokens in a document.
    pub query_tokens_max: u32,
    /// Maximum number of selections in a document. A fragment counts at each spread.
    pub query_selections_max: u32,
    /// Maximum number of values in the JSON of a request.
    pub query_values_max: u32,
    /// Maximum nesting depth of fields.
    pub query_depth_max: u32,
    /// Maximum number of aliases of one field in one selection.
    pub query_aliases_max: u32,
    /// Maximum number of root fields of an operation.
    pub query_root_fields_max: u32,
    /// Maximum number of directives in a document.
    pub query_directives_max: u32,
    /// Maximum cost of a request.
    pub query_cost_max: u32,
    /// Maximum number of requests in a batch. 0 disables batching.
    pub batch_max: u32,
    /// Maximum number of errors in a response.
    pub errors_max: u32,
    /// Cost that each caller regains per second. No limit when absent.
    pub rate_limit_per_second: Option<u32>,
    /// Maximum unused cost that a caller accumulates.
    pub rate_limit_size: u32,
    /// Timeout of a query or mutation, in milliseconds.
    pub request_timeout_ms: u64,
    /// Timeout for the head of an HTTP request, in milliseconds.
    pub header_timeout_ms: u64,
    /// Timeout for the start of the next request on a connection, in milliseconds.
    pub keep_alive_timeout_ms: u64,
    /// Timeout for the body of an HTTP request, in milliseconds.
    pub body_timeout_ms: u64,
    /// Maximum time without progress while writing to a peer, in milliseconds.
    pub write_timeout_ms: u64,
    /// Interval of WebSocket pings, in milliseconds.
    pub ping_every_ms: u64,
    /// Maximum number of client connections. When absent: 10 000, or as many as the limit of open files allows.
    pub connections_max: Option<usize>,
    /// Maximum number of connections of one IP address. 0 removes the limit; when absent, a quarter of the connections.
    pub connections_per_address: Option<usize>,
    /// Maximum bytes of request bodies that are buffered at a time.
    pub bodies_bytes_max: usize,
    /// Maximum bytes of request bodies of one viewer that are buffered at a time.
    pub bodies_bytes_per_viewer: usize,
    /// Additional origins of web pages that can call the API from a browser: `https://support.example.com`.
    pub origins: Vec<Origin>,
    /// Maximum size of an HTTP request body, in bytes.
    pub body_bytes_max: usize,
    /// Maximum size of the text of a message, in bytes.
    pub message_bytes_max: usize,
    /// Maximum number of responses queued for a connection. Above it, its subscriptions end with `SLOW_CONSUMER`.
    pub subscription_buffer: usize,
    /// Retention of the change log, in days. Kept forever when absent.
    pub change_log_days: Option<u32>,
    /// Lifetime of an idempotency key, in hours.
    pub idempotency_key_hours: u32,
    /// Poll interval of a followed change log, in milliseconds, for changes without a notification.
    pub change_poll_ms: u64,
    /// URL of the NATS server over which nodes announce changes. When absent, nodes use PostgreSQL.
    #[serde(skip_serializing)]
    pub nats_url: Option<NatsUrl>,
    /// Maximum number of WebSocket connections of one viewer.
    pub sockets_per_viewer: usize,
    /// Maximum number of concurrent operations of one viewer over all its sockets and event streams.
    pub operations_per_viewer: usize,
    /// Maximum bytes of a response, and of the long texts that are read for it.
    pub answer_bytes_max: usize,
    /// Maximum bytes of rows and responses held for one viewer until the client has read them.
    pub bytes_per_viewer: usize,
    /// Maximum bytes of rows and responses held for all viewers.
    pub held_bytes_max: usize,
    /// Maximum bytes of responses queued for a connection. Above it, its subscriptions end with `SLOW_CONSUMER`.
    pub subscription_buffer_bytes: usize,
    /// Maximum number of concurrent operations on one socket.
    pub operations_per_socket: usize,
    /// Whether inbound messages are scored for sentiment.
    pub sentiment: bool,
    /// Filter of log lines in the syntax of `tracing`: `info`, `deskgraph=debug`, ….
    pub log: String,
    /// Format of log lines: `text` or `json`.
    pub log_format: LogFormat,
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

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: Secret::new("sqlite://deskgraph.db"),
            database_password: None,
            database_password_file: None,
            database_connections: 16,
            database_connections_per_viewer: 4,
            database_prepared_statements: true,
            filter_bytes_max: 32 << 20,
            statement_timeout_ms: 10_000,
            migrate: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)).into(),
            explorer: true,
            introspection: true,
            trusted_documents: None,
            trusted_documents_only: false,
            persisted_documents_bytes_max: 4 << 20,
            prepared_documents_bytes_max: 8 << 20,
            jwt_algorithm: JwtAlgorithm::HS256,
            jwt_secret: None,
            jwt_public_key_file: None,
            jwt_jwks_file: None,
            jwt_jwks_url: None,
            jwt_private_key_file: None,
            jwt_issuer: "deskgraph".to_owned(),
            jwt_audience: "deskgraph".to_owned(),
            page_size_max: 100,
            offset_max: 10_000,
            query_tokens_max: 15_000,
            query_selections_max: 10_000,
            query_values_max: 20_000,
            query_depth_max: 15,
            query_aliases_max: 30,
            query_root_fields_max: 20,
            query_directives_max: 50,
            query_cost_max: 50_000,
            batch_max: 0,
            errors_max: 100,
            rate_limit_per_second: None,
            rate_limit_size: 100_000,
            request_timeout_ms: 30_000,
            header_timeout_ms: 10_000,
            keep_alive_timeout_ms: 75_000,
            body_timeout_ms: 20_000,
            write_timeout_ms: 30_000,
            ping_every_ms: 25_000,
            connections_max: None,
            connections_per_address: None,
            bodies_bytes_max: 16 << 20,
            bodies_bytes_per_viewer: 4 << 20,
            origins: Vec::new(),
            body_bytes_max: 1 << 20,
            message_bytes_max: 256 << 10,
            subscription_buffer: 1_024,
            change_log_days: None,
            idempotency_key_hours: 24,
            change_poll_ms: 1_000,
            nats_url: None,
            sockets_per_viewer: 1_000,
            operations_per_viewer: 1_000,
            answer_bytes_max: 16 << 20,
            bytes_per_viewer: 64 << 20,
            held_bytes_max: 256 << 20,
            subscription_buffer_bytes: 4 << 20,
            operations_per_socket: 100,
            sentiment: true,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

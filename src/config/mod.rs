//! What an operator may set.
//!
//! Layer 1. Defaults, then the file, then the environment, then flags: each overrides the one before. Every setting
//! has one name: `database_url` in the file, `DESKGRAPH_DATABASE_URL` in the environment, `--database-url` as a flag.
//! Nothing else reads the environment. What does not make sense is refused here, in a sentence, before anything
//! starts; of an unknown name in the environment, where others write too, the operator is warned.

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
pub use listen::Listen;
pub use load::{ConfigError, Overrides};
pub use nats::{NatsLogin, NatsUrl};
pub use origin::Origin;
pub use secret::Secret;

/// The settings, complete and checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that an operator turns"
)]
pub struct Settings {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub database_url: Secret,
    /// The password of the database, when the address has none: from the environment.
    #[serde(skip_serializing)]
    pub database_password: Option<Secret>,
    /// File that holds it.
    pub database_password_file: Option<PathBuf>,
    /// Connections to keep to the database.
    pub database_connections: u32,
    /// Connections of those that one viewer may have at a time.
    pub database_connections_per_viewer: u32,
    /// Whether statements are prepared once for each connection. Off for a pooler in transaction mode.
    pub database_prepared_statements: bool,
    /// Bytes of messages' texts that one statement may read to see which of them fit a filter.
    pub filter_bytes_max: usize,
    /// Milliseconds that one statement outside a transaction may take.
    pub statement_timeout_ms: u64,
    /// Whether `serve` brings the tables up to date before it listens.
    pub migrate: bool,
    /// Address and port to listen on.
    pub listen: Listen,
    /// Whether the explorer is served at `/`.
    pub explorer: bool,
    /// Whether the schema may be asked about itself.
    pub introspection: bool,
    /// JSON file of the documents that may be named instead of sent: Apollo's manifest, or a map of ids to documents.
    pub trusted_documents: Option<PathBuf>,
    /// Whether nothing but trusted documents is run.
    pub trusted_documents_only: bool,
    /// Bytes of documents that are remembered when callers send them with their hash; 0 for none.
    pub persisted_documents_bytes_max: usize,
    /// Bytes of documents that are kept as they were read and checked, so that this is done once; 0 for none.
    pub prepared_documents_bytes_max: usize,
    /// How tokens are signed.
    pub jwt_algorithm: JwtAlgorithm,
    /// Shared secret of HS256 tokens, 32 bytes or more.
    pub jwt_secret: Option<Secret>,
    /// PEM file of the public key that checks RS256, ES256 and `EdDSA` tokens.
    pub jwt_public_key_file: Option<PathBuf>,
    /// File of the set of keys (JWKS) that checks them, instead of one key.
    pub jwt_jwks_file: Option<PathBuf>,
    /// Where the issuer publishes that set.
    #[serde(skip_serializing)]
    pub jwt_jwks_url: Option<JwksUrl>,
    /// PEM file of the private key with which `token issue` signs them.
    pub jwt_private_key_file: Option<PathBuf>,
    /// Who must have issued a token (`iss`).
    pub jwt_issuer: String,
    /// Whom a token must be for (`aud`).
    pub jwt_audience: String,
    /// Largest `first` and `last`.
    pub page_size_max: u32,
    /// Largest `offset`.
    pub offset_max: u64,
    /// Tokens of a document.
    pub query_tokens_max: u32,
    /// Selections of a document, fragments counted wherever they are spread.
    pub query_selections_max: u32,
    /// Values that the JSON of a request may hold.
    pub query_values_max: u32,
    /// Fields in one another.
    pub query_depth_max: u32,
    /// Aliases of one field in one place.
    pub query_aliases_max: u32,
    /// Fields at the root of an operation.
    pub query_root_fields_max: u32,
    /// Directives of a document.
    pub query_directives_max: u32,
    /// Things that the answers to one request may hold.
    pub query_cost_max: u32,
    /// Requests that one body may hold in a list; 0 for none in lists.
    pub batch_max: u32,
    /// Errors that one answer tells.
    pub errors_max: u32,
    /// Cost that each caller gets back in a second; without a limit when absent.
    pub rate_limit_per_second: Option<u32>,
    /// Cost that each caller may have saved up.
    pub rate_limit_size: u32,
    /// Milliseconds that a query or a mutation may take.
    pub request_timeout_ms: u64,
    /// Milliseconds in which the head of an HTTP request must come.
    pub header_timeout_ms: u64,
    /// Milliseconds in which the next request on a connection must begin.
    pub keep_alive_timeout_ms: u64,
    /// Milliseconds in which the body of an HTTP request must come.
    pub body_timeout_ms: u64,
    /// Milliseconds for which a peer may take nothing of what is written to it.
    pub write_timeout_ms: u64,
    /// Milliseconds between two questions for a sign of life to a socket.
    pub ping_every_ms: u64,
    /// Connections that are served at a time; 10 000 when absent, or as many as the process has files for.
    pub connections_max: Option<usize>,
    /// Those of them that one address may have; 0 for all of them, a quarter when absent.
    pub connections_per_address: Option<usize>,
    /// Bytes of bodies that are held at a time, while they come.
    pub bodies_bytes_max: usize,
    /// Those of them that one viewer may send at a time.
    pub bodies_bytes_per_viewer: usize,
    /// Origins of pages, beside our own, that may call the API from a browser: `https://support.example.com`.
    pub origins: Vec<Origin>,
    /// Largest HTTP body in bytes.
    pub body_bytes_max: usize,
    /// Largest text of one message in bytes.
    pub message_bytes_max: usize,
    /// Answers that may wait for one connection before its subscriptions are told to resume.
    pub subscription_buffer: usize,
    /// Days for which the change log is kept; for ever when absent.
    pub change_log_days: Option<u32>,
    /// Hours for which an idempotency key counts.
    pub idempotency_key_hours: u32,
    /// Milliseconds between two looks at a log that somebody follows, should every hint be lost.
    pub change_poll_ms: u64,
    /// The NATS through which nodes tell each other of changes; through PostgreSQL when absent.
    #[serde(skip_serializing)]
    pub nats_url: Option<NatsUrl>,
    /// Sockets that one viewer may have at a time.
    pub sockets_per_viewer: usize,
    /// Operations that one viewer may run at a time over all its sockets and event streams.
    pub operations_per_viewer: usize,
    /// Bytes of one answer, and of the long texts that are read for it.
    pub answer_bytes_max: usize,
    /// Bytes that are held for one viewer: of rows and answers while they are made and until they are taken.
    pub bytes_per_viewer: usize,
    /// Bytes that are held so for all viewers together.
    pub held_bytes_max: usize,
    /// Bytes of answers that may wait for one connection before its subscriptions are told to resume.
    pub subscription_buffer_bytes: usize,
    /// Subscriptions that one socket may hold at a time.
    pub operations_per_socket: usize,
    /// Whether inbound messages are scored for sentiment.
    pub sentiment: bool,
    /// Which log lines are written, in the form of `tracing`'s filter: `info`, `deskgraph=debug`, ….
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
}

/// How a token is signed. Exactly one is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum JwtAlgorithm {
    /// HMAC with a shared secret.
    #[serde(alias = "hs256")]
    HS256,
    /// RSA.
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

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
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

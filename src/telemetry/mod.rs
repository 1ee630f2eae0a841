//! Log lines.
//!
//! Floor 2. Called once, by `cli::run`. Messages are constant texts and values stand in fields, so that lines can be
//! grouped. Tokens, keys, SQL parameters and what people wrote never reach a line.

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// Starts writing log lines to the standard error.
pub fn start(settings: &Settings) -> Result<(), String> {
    // A start of which nothing is new should say nothing; the setting can ask for more.
    // What happens to the connection to NATS is told once by whoever uses it, not with each try.
    let filter = format!("sea_orm_migration=warn,async_nats=off,{}", settings.log);
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("log: {error}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    }
    .map_err(|error| format!("log: {error}"))
}

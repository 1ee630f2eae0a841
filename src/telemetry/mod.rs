//! Logging.
//!
//! Layer 2. Called once, by `cli::run`. Messages are constant texts and values are in fields, so that lines
//! can be grouped. Tokens, keys, SQL parameters and texts of people are never logged.

mod rate;

use std::time::Duration;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use self::rate::Rate;
use crate::config::{LogFormat, Settings};

/// Filters for library messages that do not help an operator. The setting `log` can enable them.
///
/// - `sea_orm_migration`: a start without new migrations.
/// - `async_nats`: each attempt to connect. The module that uses the connection logs its state.
/// - `html5ever`: each error in the HTML of a message.
const QUIET: &str = "sea_orm_migration=warn,async_nats=off,html5ever=off";

/// Interval between reports of suppressed log lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// The started log.
#[derive(Clone, Debug)]
pub struct Log(Rate);

/// Starts to write log lines to standard error.
pub fn start(settings: &Settings) -> Result<Log, String> {
    let rate = Rate::default();
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.log));
    let filter = filter.map_err(|error| format!("log: {error}."))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => lines.finish().with(rate.clone()).try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .finish()
            .with(rate.clone())
            .try_init(),
    }
    .map_err(|error| format!("log: {error}."))?;
    Ok(Log(rate))
}

impl Log {
    /// Logs the number of suppressed lines periodically, until the runtime ends.
    pub async fn tell_left_out(self) {
        let mut turns = tokio::time::interval(INTERVAL);
        loop {
            turns.tick().await;
            let lines = self.0.take_left_out();
            if lines > 0 {
                tracing::warn!(lines, "repeated log lines were suppressed");
            }
        }
    }
}

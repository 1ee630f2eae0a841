//! Log lines.
//!
//! Layer 2. Called once, by `cli::run`. Messages are constant texts and values stand in fields, so that lines can be
//! grouped. Tokens, keys, SQL parameters and what people wrote never reach a line.

mod rate;

use std::time::Duration;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use self::rate::Rate;
use crate::config::{LogFormat, Settings};

/// Lines of libraries that tell an operator nothing new. The setting can ask for them.
///
/// Of `sea_orm_migration`, a start without new migrations. Of `async_nats`, each try to connect: the state is logged
/// where the connection is used. Of `html5ever`, each mistake in the HTML of a message.
const QUIET: &str = "sea_orm_migration=warn,async_nats=off,html5ever=off";

/// How often the number of lines that were left out is logged.
const EVERY: Duration = Duration::from_secs(10);

/// The log, which was started.
#[derive(Clone, Debug)]
pub struct Log(Rate);

/// Starts writing log lines to the standard error.
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
    /// Logs from time to time how many lines were left out, as long as the runtime lives.
    pub async fn tell_left_out(self) {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            turns.tick().await;
            let lines = self.0.take_left_out();
            if lines > 0 {
                tracing::warn!(lines, "repeated log lines were suppressed");
            }
        }
    }
}

//! Options of a run.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Command, FromArgMatches};

use crate::{
    failure::{Done, Failure},
    under_test::{Kind, UnderTest},
};

/// Options of a run. Times are in seconds, such as 10 or 0.5.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway to test.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// PostgreSQL server on which to create and drop a database, instead of starting one. This server is not crashed.
    /// Instead, all connections to the database are cut.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Duration of writes and faults.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub seconds: Duration,
    /// Number of gateways with the one database [default: 3, on `SQLite` always 1].
    #[arg(long, value_name = "N")]
    pub nodes: Option<usize>,
    /// Number of concurrent writers.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub writers: usize,
    /// Number of listeners. Half use a WebSocket, half an event stream.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub listeners: usize,
    /// Number of tickets at the start [default: four for each writer].
    #[arg(long, value_name = "N")]
    pub tickets: Option<usize>,
    /// Database connections of each node.
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub connections: u32,
    /// Number of events that a subscription may lag behind before it ends with `SLOW_CONSUMER` [default: that of the
    /// gateway]. With a small number, subscriptions end often and must still lose nothing.
    #[arg(long, value_name = "N")]
    pub buffer: Option<u32>,
    /// Maximum pause of a transaction before its commit. Not on `SQLite`, which has one writer at a time.
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    pub pause: Duration,
    /// Percentage of transactions that are rolled back: half during their work, half at the commit.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=90))]
    pub rollbacks: u32,
    /// Maximum wait of a writer between two mutations [default: none, on `SQLite` 0.5].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub think: Option<Duration>,
    /// Maximum time between two cuts of a listener's connection.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub cut: Duration,
    /// Interval at which a gateway is killed and started again.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub kill_every: Duration,
    /// Interval at which the connections for notifications between nodes are cut.
    #[arg(long, value_name = "SECONDS", default_value = "7", value_parser = seconds)]
    pub deafen_every: Duration,
    /// Number of crashes of PostgreSQL, at equal intervals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub crashes: u32,
    /// Assign positions at the start of a transaction instead of its end, which loses events. PostgreSQL only.
    #[arg(long)]
    pub mistake: bool,
    /// Maximum time for listeners to reach the end of the log after the writes.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub patience: Duration,
    /// Seed that determines the faults and their times.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write the gateways' logs and the `SQLite` file to this folder and keep them.
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// Print no progress.
    #[arg(long)]
    pub quiet: bool,
}

impl Settings {
    /// Parses options from a command line, with defaults for the others.
    pub fn read(words: &str) -> Done<Self> {
        let command = Self::augment_args(Command::new("chaos").no_binary_name(true));
        let matches = command.try_get_matches_from(words.split_whitespace())?;
        Ok(Self::from_arg_matches(&matches)?)
    }

    pub fn nodes(&self) -> usize {
        match self.under_test.database {
            Kind::Postgres => self.nodes.unwrap_or(3),
            Kind::Sqlite => 1,
        }
    }

    pub fn tickets(&self) -> usize {
        self.tickets.unwrap_or(4 * self.writers).max(16)
    }

    /// Returns the maximum wait of a writer between two mutations.
    pub fn think(&self) -> Duration {
        let default = match self.under_test.database {
            Kind::Postgres => Duration::ZERO,
            Kind::Sqlite => Duration::from_millis(500),
        };
        self.think.unwrap_or(default)
    }

    /// Rejects inconsistent options.
    pub fn check(&self) -> Done {
        let sqlite = self.under_test.database == Kind::Sqlite;
        let refusals = [
            (
                sqlite && self.mistake,
                "--mistake: not on SQLite, where one writer at a time keeps the order",
            ),
            (sqlite && self.server.is_some(), "--server: only for PostgreSQL"),
            (
                sqlite && self.nodes.is_some_and(|nodes| nodes != 1),
                "--nodes: on SQLite, only one node can serve",
            ),
            (self.nodes == Some(0), "--nodes: is 0"),
            (self.writers == 0, "--writers: is 0"),
            (self.listeners == 0, "--listeners: is 0"),
            (self.seconds.is_zero(), "--seconds: is 0"),
            (self.cut.is_zero(), "--cut: is 0"),
        ];
        match refusals.iter().find(|(wrong, _)| *wrong) {
            Some((_, sentence)) => Err(Failure((*sentence).to_owned())),
            None => Ok(()),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "is not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

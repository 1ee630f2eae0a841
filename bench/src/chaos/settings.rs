//! What a run is like.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Command, FromArgMatches};

use crate::{
    failure::{Done, Failure},
    under_test::{Kind, UnderTest},
};

/// What a run is like. Times are in seconds, such as 10 or 0.5.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway to break.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// A PostgreSQL server on which a database may be made and dropped, instead of one of its own. It is not crashed:
    /// the connections to that database are all cut instead.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// For how long to write and to break.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub seconds: Duration,
    /// Gateways over the one database [default: 3, on `SQLite` always 1].
    #[arg(long, value_name = "N")]
    pub nodes: Option<usize>,
    /// Who write, all at once.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub writers: usize,
    /// Who listen: half over sockets, half over event streams.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub listeners: usize,
    /// Tickets that are there at the beginning [default: four for each writer].
    #[arg(long, value_name = "N")]
    pub tickets: Option<usize>,
    /// Connections to the database of each node.
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub connections: u32,
    /// Events that a subscription may lag behind before it ends with `SLOW_CONSUMER` [default: the gateway's own]. With
    /// few, listeners are sent away all the time, and must lose nothing by it.
    #[arg(long, value_name = "N")]
    pub buffer: Option<u32>,
    /// Longest pause of a transaction before its commit. On `SQLite` there is none: it has one writer at a time.
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    pub pause: Duration,
    /// Of 100 transactions, so many are rolled back: half while they work, half at the commit.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=90))]
    pub rollbacks: u32,
    /// Longest wait of a writer between two mutations [default: none, on `SQLite` 0.5].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub think: Option<Duration>,
    /// Each listener is cut off at random within this time, again and again.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub cut: Duration,
    /// A gateway is killed this often, and started again.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub kill_every: Duration,
    /// The connections over which nodes hear of each other are cut this often.
    #[arg(long, value_name = "SECONDS", default_value = "7", value_parser = seconds)]
    pub deafen_every: Duration,
    /// How often PostgreSQL is crashed and started again, at equal distances.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub crashes: u32,
    /// Take positions before the work instead of at its end: the classic mistake, which loses events. PostgreSQL only.
    #[arg(long)]
    pub mistake: bool,
    /// How long listeners have to reach the end of the log, when all is over.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub patience: Duration,
    /// Decides which faults there are, and when.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write the gateways' logs, and the file of `SQLite`, into this folder, and leave them there.
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// Say nothing while it runs.
    #[arg(long)]
    pub quiet: bool,
}

impl Settings {
    /// From the words of a command line, with the defaults of the others.
    pub fn read(words: &str) -> Done<Self> {
        let command = Self::augment_args(Command::new("chaos").no_binary_name(true));
        let matches = command.try_get_matches_from(words.split_whitespace())?;
        Ok(Self::from_arg_matches(&matches)?)
    }

    /// How many gateways.
    pub fn nodes(&self) -> usize {
        match self.under_test.database {
            Kind::Postgres => self.nodes.unwrap_or(3),
            Kind::Sqlite => 1,
        }
    }

    /// How many tickets.
    pub fn tickets(&self) -> usize {
        self.tickets.unwrap_or(4 * self.writers).max(16)
    }

    /// How long a writer waits between two mutations.
    pub fn think(&self) -> Duration {
        let default = match self.under_test.database {
            Kind::Postgres => Duration::ZERO,
            Kind::Sqlite => Duration::from_millis(500),
        };
        self.think.unwrap_or(default)
    }

    /// Refuses what does not make sense.
    pub fn check(&self) -> Done {
        let sqlite = self.under_test.database == Kind::Sqlite;
        let refusals = [
            (
                sqlite && self.mistake,
                "--mistake: SQLite has one writer at a time, so nothing overtakes",
            ),
            (sqlite && self.server.is_some(), "--server: is for PostgreSQL"),
            (
                sqlite && self.nodes.is_some_and(|nodes| nodes != 1),
                "--nodes: SQLite has one node that serves",
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
    let seconds: f64 = text.parse().map_err(|_| "is no number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

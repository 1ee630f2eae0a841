//! How long and with what a node is attacked.

use std::time::Duration;

use clap::Args;

use super::attack::{self, Attack};
use crate::{
    failure::{Done, Failure},
    under_test::UnderTest,
};

/// How long and with what a node is attacked.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Which gateway, over which database.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// PostgreSQL server on which databases may be made, as `postgres://…` [default: one of its own].
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL", hide_env_values = true)]
    pub server: Option<String>,
    /// Seconds of each attack.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// How often an attack is carried out at most, when the honest viewer waits too long: another process may have had
    /// the processor.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub tries: u32,
    /// Only these attacks, by name.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Take the bound out that stops each attack. Needs memory to spare.
    #[arg(long)]
    pub unbounded: bool,
    /// Mebibytes by which an attack may make the node grow.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub growth: u64,
}

impl Settings {
    /// How long each attack takes.
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The attacks that are wanted.
    pub fn attacks(&self) -> Done<Vec<&'static Attack>> {
        if let Some(name) = self
            .only
            .iter()
            .find(|name| attack::all().all(|one| one.name != **name))
        {
            return Err(Failure(format!(
                "--only: there is no attack {name:?}; --list shows them all"
            )));
        }
        let wanted = |one: &&Attack| self.only.is_empty() || self.only.iter().any(|name| one.name == name);
        Ok(attack::all().filter(wanted).collect())
    }
}

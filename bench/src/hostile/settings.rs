//! Options of the attacks.

use std::time::Duration;

use clap::Args;

use super::attack::{self, Attack};
use crate::{
    failure::{Done, Failure},
    under_test::UnderTest,
};

/// Options of the attacks.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// The gateway and its database.
    #[command(flatten)]
    pub under_test: UnderTest,
    /// PostgreSQL server on which to create databases, as `postgres://…` [default: starts one].
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL", hide_env_values = true)]
    pub server: Option<String>,
    /// Duration of each attack in seconds.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// Maximum number of attempts for an attack. It is repeated only if the honest viewer's latency is too high,
    /// because another process may have used the processor.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub tries: u32,
    /// Run only these attacks, by name.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Disable the limit that stops each attack. Requires spare memory.
    #[arg(long)]
    pub unbounded: bool,
    /// Maximum growth of the node's memory during an attack, in mebibytes.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub growth: u64,
}

impl Settings {
    /// Returns the duration of each attack.
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Returns the PostgreSQL server. An empty value is no server, as in the environment of the tests.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref().filter(|server| !server.is_empty())
    }

    /// Returns the selected attacks.
    pub fn attacks(&self) -> Done<Vec<&'static Attack>> {
        if let Some(name) = self
            .only
            .iter()
            .find(|name| attack::all().all(|one| one.name != **name))
        {
            return Err(Failure(format!(
                "--only: there is no attack {name:?}; --list shows all attacks"
            )));
        }
        let wanted = |one: &&Attack| self.only.is_empty() || self.only.iter().any(|name| one.name == name);
        Ok(attack::all().filter(wanted).collect())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }

    #[test]
    fn an_empty_server_is_no_server() {
        for (given, expected) in [
            ("", None),
            ("postgres://127.0.0.1/", Some("postgres://127.0.0.1/")),
        ] {
            let command = Command::try_parse_from(["hostile", "--server", given]).expect("options");
            assert_eq!(command.settings.server(), expected);
        }
    }
}

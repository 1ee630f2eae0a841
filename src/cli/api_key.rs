//! Creates, lists, rotates and revokes API keys.

use clap::{Args, Subcommand};
use entity::{ApiKeyId, Timestamp, id::IdError};

use super::{
    Done, Failure,
    connect::{services, services_to_look, workspace},
};
use crate::{
    auth::{Grant, Viewer},
    config::Settings,
    service::{
        Patch, Services,
        api_key::{self, CreateApiKey, CreatedKey, KEYS_MAX, OVERLAP_DEFAULT_S, OVERLAP_MAX_S, RotateApiKey},
    },
    store::{self, api_key::KeyWithWorkspaces},
};

const DAY_MS: i64 = 86_400_000;
const HOUR_S: i32 = 3_600;

/// Creates, lists, rotates and revokes API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKey {
    /// Creates an API key and prints it. The key is shown only once: the database stores its hash.
    #[command(after_help = "\
Examples:
  deskgraph api-key create --name website --grant read
  deskgraph api-key create --name sync --grant read --grant write --grant customer:notes --days 365")]
    Create(Create),
    /// Lists the valid API keys: id, prefix, name, grants, workspaces, last use and expiry, separated by tabs.
    List,
    /// Replaces an API key with a new one and prints the new key. The old key stays valid for --overlap-hours.
    #[command(after_help = "\
Examples:
  deskgraph api-key rotate key_01h455vb4pex5vsknk084sn02q
  deskgraph api-key rotate key_01h455vb4pex5vsknk084sn02q --overlap-hours 0 --days 365")]
    Rotate(Rotate),
    /// Revokes an API key. New requests are refused within a second; open connections of the key close within seconds.
    #[command(after_help = "\
Examples:
  deskgraph api-key revoke key_01h455vb4pex5vsknk084sn02q")]
    Revoke {
        /// Id of the key, as `api-key list` prints it.
        id: String,
    },
}

/// Arguments of `api-key create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Name of the key, for people.
    #[arg(long)]
    name: String,
    /// Grant of the key: read, write, customer:notes or admin. Can be repeated.
    #[arg(long = "grant", required = true, value_name = "GRANT")]
    grants: Vec<Grant>,
    /// Id or name of a workspace that the key can access. Can be repeated [default: the only workspace].
    #[arg(long = "workspace")]
    workspaces: Vec<String>,
    /// Days until the key expires, 1 to 36500 [default: the key does not expire].
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
}

/// Arguments of `api-key rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Id of the key, as `api-key list` prints it.
    id: String,
    /// Number of hours for which the old key stays valid: 0 to 168. 0 ends it immediately.
    #[arg(long, default_value_t = OVERLAP_DEFAULT_S / HOUR_S, value_name = "HOURS",
          value_parser = clap::value_parser!(i32).range(0..=i64::from(OVERLAP_MAX_S / HOUR_S)))]
    overlap_hours: i32,
    /// Days until the new key expires, 1 to 36500 [default: the expiry of the old key].
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
}

impl ApiKey {
    pub async fn run(&self, settings: &Settings) -> Done {
        let services = match self {
            Self::List => services_to_look(settings).await?,
            _ => services(settings).await?,
        };
        match self {
            Self::Create(create) => create.run(&services).await,
            Self::List => list(&services).await,
            Self::Rotate(rotate) => rotate.run(&services).await,
            Self::Revoke { id } => revoke(&services, id).await,
        }
    }
}

/// The operator, with access to every workspace.
async fn operator(services: &Services) -> Result<Viewer, Failure> {
    let all = store::workspace::list_unscoped(&services.db).await?;
    let all: Vec<_> = all.into_iter().map(|row| row.id).collect();
    Ok(Viewer::operator_of(&all))
}

fn id(text: &str) -> Result<ApiKeyId, Failure> {
    text.parse()
        .map_err(|error: IdError| Failure(format!("{text:?} {error}.")))
}

async fn list(services: &Services) -> Done {
    let scope = operator(services).await?.scope();
    let max = (scope.workspaces.len() * KEYS_MAX) as u64;
    let moment =
        |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), Timestamp::to_rfc3339);
    for KeyWithWorkspaces { key, workspaces } in
        store::api_key::list(&services.db, &scope, services.clock.now(), max).await?
    {
        let workspaces: Vec<_> = workspaces.iter().map(ToString::to_string).collect();
        println!(
            "{}\t{}…\t{}\t{}\t{}\t{}\t{}",
            key.id,
            key.prefix,
            key.name.escape_debug(),
            key.grants.0.join(","),
            workspaces.join(","),
            moment(key.last_used_at, "never used"),
            moment(key.expires_at, "no expiry"),
        );
    }
    Ok(())
}

async fn revoke(services: &Services, text: &str) -> Done {
    let operator = operator(services).await?;
    api_key::revoke(services, &operator, id(text)?).await?;
    eprintln!("Revoked the API key {text}.");
    Ok(())
}

/// Prints details of a new key to standard error, and the key to standard output.
fn show(made: &CreatedKey) {
    let key = &made.opening.key;
    eprintln!(
        "Created the API key {} ({}). Store the key now: it is not shown again.",
        key.id, key.name
    );
    if let Some(token) = &made.token {
        println!("{}", token.reveal());
    }
}

impl Create {
    async fn run(&self, services: &Services) -> Done {
        let mut workspaces = Vec::new();
        if self.workspaces.is_empty() {
            workspaces.push(workspace(services, None).await?.id);
        }
        for named in &self.workspaces {
            workspaces.push(workspace(services, Some(named)).await?.id);
        }
        let now = services.clock.now();
        let operator = Viewer::operator_of(&workspaces);
        let input = CreateApiKey {
            name: self.name.clone(),
            grants: self.grants.clone(),
            workspaces: Some(workspaces),
            expires_at: self.days.map(|days| Timestamp(now.0 + days * DAY_MS)),
        };
        show(&api_key::create(services, &operator, input).await?);
        Ok(())
    }
}

impl Rotate {
    async fn run(&self, services: &Services) -> Done {
        let now = services.clock.now();
        let ahead = |days: i64| Timestamp(now.0 + days * DAY_MS);
        let input = RotateApiKey {
            id: id(&self.id)?,
            overlap_s: self.overlap_hours * HOUR_S,
            expires_at: self.days.map_or(Patch::Keep, |days| Patch::Set(ahead(days))),
        };
        let operator = operator(services).await?;
        let made = api_key::rotate(services, &operator, input).await?;
        show(&made);
        let end = made.replaced.as_ref().and_then(|old| old.key.expires_at);
        if let Some(end) = end {
            eprintln!("The old key {} expires at {}.", self.id, end.to_rfc3339());
        }
        Ok(())
    }
}

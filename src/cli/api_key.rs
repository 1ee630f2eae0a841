//! Makes and revokes API keys.

use clap::{Args, Subcommand};
use entity::{Timestamp, id::IdError};

use super::{
    Done, Failure,
    connect::{explain, services, workspace},
};
use crate::{
    auth::Grant,
    config::Settings,
    service::{self, api_key::CreateApiKey},
};

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKey {
    /// Make a key; prints it, once: only its hash is kept.
    #[command(after_help = "\
Examples:
  deskgraph api-key create --name website --grant read
  deskgraph api-key create --name sync --grant read --grant write --grant customer:notes --days 365")]
    Create(Create),
    /// Revoke a key: it is refused from now on, and whoever is connected with it is let go within seconds.
    #[command(after_help = "\
Examples:
  deskgraph api-key revoke key_01h455vb4pex5vsknk084sn02q")]
    Revoke {
        /// Its id: `api-key create` told it.
        id: String,
    },
}

/// Arguments of `api-key create`.
#[derive(Debug, Args)]
pub struct Create {
    /// What people call it.
    #[arg(long)]
    name: String,
    /// What it may do: read, write, customer:notes, admin. May be given several times.
    #[arg(long = "grant", required = true, value_name = "GRANT")]
    grants: Vec<Grant>,
    /// Id or name of a workspace that it opens; may be given several times [default: the only one there is].
    #[arg(long = "workspace")]
    workspaces: Vec<String>,
    /// How long it holds [default: until it is revoked].
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,
}

impl ApiKey {
    pub async fn run(&self, settings: &Settings) -> Done {
        match self {
            Self::Create(create) => create.run(settings).await,
            Self::Revoke { id } => revoke(settings, id).await,
        }
    }
}

async fn revoke(settings: &Settings, id: &str) -> Done {
    let id = id
        .parse()
        .map_err(|error: IdError| Failure(format!("{id} {error}")))?;
    let services = services(settings).await?;
    if !service::api_key::revoke(&services, id).await.map_err(explain)? {
        return Err(Failure(format!("there is no key {id}")));
    }
    eprintln!("Key {id} is revoked.");
    Ok(())
}

impl Create {
    async fn run(&self, settings: &Settings) -> Done {
        let create = self;
        let services = services(settings).await?;
        let mut workspaces = Vec::new();
        if create.workspaces.is_empty() {
            workspaces.push(workspace(&services, None).await?.id);
        }
        for named in &create.workspaces {
            workspaces.push(workspace(&services, Some(named)).await?.id);
        }
        let now = services.clock.now();
        let input = CreateApiKey {
            name: create.name.clone(),
            grants: create.grants.clone(),
            workspaces,
            expires_at: create.days.map(|days| Timestamp(now.0 + days * 86_400_000)),
        };
        let (row, secret) = service::api_key::create(&services, input)
            .await
            .map_err(explain)?;
        eprintln!(
            "Key {} ({}). Keep it now: it is not shown again.",
            row.id, row.name
        );
        println!("{secret}");
        Ok::<(), Failure>(())
    }
}

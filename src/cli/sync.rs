//! Imports helpdesk data from a vendor's REST API.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{
    Done, Failure, bar,
    connect::{services, workspace},
    import::ImportOptions,
    resumable,
};
use crate::{
    auth::Viewer,
    config::{Secret, Settings},
    import::remote::{Client, Site, SyncError, SyncProgress, sync},
};

/// Imports helpdesk data from a vendor's REST API.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Imports Keva customers, tickets, and the messages of each ticket.
    #[command(after_help = KEVA)]
    Keva {
        /// Id of the Keva workspace, for accounts with several workspaces.
        #[arg(long, value_name = "ID")]
        keva_workspace: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Imports Kustomer users, teams, queues, tags, customers, conversations and messages.
    #[command(after_help = KUSTOMER)]
    Kustomer(Common),
    /// Imports C-Star customers and tickets of one team, and the messages of each ticket.
    #[command(after_help = CSTAR)]
    Cstar {
        /// Id of the C-Star team, as used in the URLs of its API.
        #[arg(long, value_name = "ID")]
        team: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Help text of all syncs.
pub const HELP: &str = "\
Examples:
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support
  SYNC_API_KEY=… deskgraph sync kustomer --url https://api.kustomerapp.com
  SYNC_API_KEY=sk_live_… deskgraph sync cstar --url https://www.cstar.help --team ID

A repeated run imports the changes of the vendor. An interrupted run resumes at its last page. The
command respects the vendor's rate limits and waits if necessary.

Exit codes: 0 all records were imported, 1 a record was rejected or the sync failed.";

const KEVA: &str = "\
Examples:
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support
  deskgraph sync keva --url https://app.keva.support --api-key \"$KEY\" --workspace \"Acme Support\"
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support --strict

Run the command again to resume an interrupted run at its last page. --from-start starts with
the first page and reads the messages of all tickets. A repeated run imports the changes of the
vendor.

Exit codes: 0 all records were imported, 1 a record was rejected or the sync failed.";
const KUSTOMER: &str = "\
Examples:
  SYNC_API_KEY=… deskgraph sync kustomer --url https://api.kustomerapp.com

Run the command again to resume an interrupted run at its last page. --from-start starts with
the first page. The command follows links.next of each response.

Exit codes: 0 all records were imported, 1 a record was rejected or the sync failed.";
const CSTAR: &str = "\
Examples:
  SYNC_API_KEY=sk_live_… deskgraph sync cstar --url https://www.cstar.help --team 550e8400-e29b-41d4-a716-446655440000

Run the command again to resume an interrupted run at its last page. --from-start starts with
the first page.

Exit codes: 0 all records were imported, 1 a record was rejected or the sync failed.";

/// Arguments of every sync.
#[derive(Debug, Args)]
pub struct Common {
    /// Base URL of the API, without the paths: `https://HOST`.
    #[arg(long)]
    url: String,
    /// API key of the vendor. Other users of the machine can read flags in the process list; use the environment variable
    /// instead.
    #[arg(long, env = "SYNC_API_KEY", hide_env_values = true)]
    api_key: String,
    /// Id or name of the workspace [default: the only workspace].
    #[arg(long)]
    workspace: Option<String>,
    /// Discards the progress of an interrupted run and starts with the first page.
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    options: ImportOptions,
}

impl Sync {
    pub async fn run(&self, settings: &Settings) -> Done {
        match self {
            Self::Keva {
                keva_workspace,
                common,
            } => {
                let workspace = keva_workspace.clone();
                common.run(settings, Site::Keva { workspace }).await
            }
            Self::Kustomer(common) => common.run(settings, Site::Kustomer).await,
            Self::Cstar { team, common } => {
                let team = team.clone();
                common.run(settings, Site::Cstar { team }).await
            }
        }
    }
}

impl Common {
    async fn run(&self, settings: &Settings, site: Site) -> Done {
        let services = services(settings).await?;
        let client = Client::new(&self.url, Secret::new(&self.api_key), services.clock.clone())?;
        if client.is_exposed() {
            eprintln!("deskgraph: --url uses http://, so the API key is sent unencrypted.");
        }
        if let Some(told) = site.about_key(&self.api_key) {
            eprintln!("deskgraph: {told}");
        }
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.options.of(&viewer, workspace.id, site.vendor().system);
        let bar = bar("{spinner} {msg}  {elapsed}");
        bar.enable_steady_tick(Duration::from_millis(200));
        let tell = |telling: SyncProgress<'_>| match telling {
            SyncProgress::Page(resource, page, rows) => {
                bar.set_message(format!("{resource}: page {page}, {rows} so far"));
            }
            SyncProgress::Waits(why, wait) => {
                let text = format!("{why}; waiting {:.1} s", wait.as_secs_f64());
                // The progress bar is visible only in a terminal, so waits are also printed.
                bar.suspend(|| eprintln!("deskgraph: {text}"));
            }
        };
        let synced = sync(&services, &source, &site, &client, self.from_start, &tell).await;
        bar.finish_and_clear();
        print!("{}", synced.report);
        match synced.stopped {
            None => super::import::verdict(&synced.report),
            Some(SyncError::Store(error)) => Err(resumable(error)),
            Some(other) => Err(Failure(format!(
                "{other}\nRows written before the failure are kept."
            ))),
        }
    }
}

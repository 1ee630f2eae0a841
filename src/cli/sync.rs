//! Brings in helpdesk data from a vendor's REST API.

use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Done, Failure,
    connect::{explain, services, workspace},
    import::Wishes,
};
use crate::{
    auth::Viewer,
    config::{Secret, Settings},
    import::remote::{Client, Site, SyncError, Telling, sync},
};

/// Whose REST API it is.
#[derive(Debug, Subcommand)]
pub enum Sync {
    /// Keva: customers, tickets, and the messages of each ticket.
    #[command(after_help = KEVA)]
    Keva {
        /// Id of the workspace at Keva, for accounts with several.
        #[arg(long, value_name = "ID")]
        keva_workspace: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Kustomer: users, teams, queues, tags, customers, conversations and messages.
    #[command(after_help = KUSTOMER)]
    Kustomer(Common),
    /// C-Star: customers of one team, its tickets, and the messages of each ticket.
    #[command(after_help = CSTAR)]
    Cstar {
        /// Id of the team, as it stands in the addresses of the API.
        #[arg(long, value_name = "ID")]
        team: String,
        #[command(flatten)]
        common: Common,
    },
}

/// What all of them have in common.
pub const HELP: &str = "\
Examples:
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support
  SYNC_API_KEY=… deskgraph sync kustomer --url https://api.kustomerapp.com
  SYNC_API_KEY=sk_live_… deskgraph sync cstar --url https://www.cstar.help --team ID

A second run changes only what changed there, and a run that was cut off goes on from its last page. The command waits when
the vendor asks it to, and ends with 1 when something did not come in.";

const KEVA: &str = "\
Examples:
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support
  deskgraph sync keva --url https://app.keva.support --api-key \"$KEY\" --workspace \"Acme Support\"
  SYNC_API_KEY=keva_live_… deskgraph sync keva --url https://app.keva.support --strict

A run that was cut off goes on from its last page when it is started again; --from-start begins anew, and asks for the
messages of all tickets. A second run changes only what changed there.";
const KUSTOMER: &str = "\
Examples:
  SYNC_API_KEY=… deskgraph sync kustomer --url https://api.kustomerapp.com

A run that was cut off goes on from its last page when it is started again; --from-start begins anew. The next page is
the one that an answer names under links.next.";
const CSTAR: &str = "\
Examples:
  SYNC_API_KEY=sk_live_… deskgraph sync cstar --url https://www.cstar.help --team 550e8400-e29b-41d4-a716-446655440000

A run that was cut off goes on from its last page when it is started again; --from-start begins anew.";

/// Arguments of every sync.
#[derive(Debug, Args)]
pub struct Common {
    /// Where the API is: https:// and the host, without the paths.
    #[arg(long)]
    url: String,
    /// The key that the vendor gave. Better in the environment: other users of the machine can see arguments.
    #[arg(long, env = "SYNC_API_KEY", hide_env_values = true)]
    api_key: String,
    /// Id or name of the workspace [default: the only one there is].
    #[arg(long)]
    workspace: Option<String>,
    /// Forget how far a run that was cut off came, and begin with the first page.
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    wishes: Wishes,
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
            eprintln!(
                "deskgraph: --url begins with http://: the API key travels readable for everybody on the way"
            );
        }
        if let Some(told) = site.about_key(&self.api_key) {
            eprintln!("deskgraph: {told}");
        }
        let workspace = workspace(&services, self.workspace.as_deref()).await?;
        let viewer = Viewer::operator(workspace.id);
        let source = self.wishes.of(&viewer, workspace.id, site.vendor().system);
        let bar = bar();
        let tell = |telling: Telling<'_>| match telling {
            Telling::Page(resource, page, rows) => {
                bar.set_message(format!("{resource}: page {page}, {rows} so far"));
            }
            Telling::Waits(why, wait) => {
                let text = format!("{why}; waiting {:.1} s", wait.as_secs_f64());
                // A bar is drawn for people only; a wait is told to a log as well.
                bar.suspend(|| eprintln!("deskgraph: {text}"));
            }
        };
        let synced = sync(&services, &source, &site, &client, self.from_start, &tell).await;
        bar.finish_and_clear();
        print!("{}", synced.report);
        match synced.stopped {
            None => super::import::verdict(&synced.report),
            Some(SyncError::Store(error)) => {
                let Failure(cause) = explain(error);
                Err(Failure(format!(
                    "{cause}\nWhat was written stays; run the same command again to go on."
                )))
            }
            Some(other) => Err(Failure(format!("{other}.\nWhat was written stays."))),
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg}  {elapsed}");
    let bar =
        ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
